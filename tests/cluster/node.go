package main

// A bed with a real node has a network of its own; these are the addresses in it. What is outside sees none of them.
const (
	nodeName       = "node-1"
	nodeAddress    = "10.200.0.1"
	serviceRange   = "10.96.0.0/16"
	podRange       = "10.244.0.0/24"
	balancedRange  = "203.0.113.0/24" // addresses of Services of type LoadBalancer
	gatewayAddress = "198.51.100.1"   // the node, as who stands outside sees it
	visitorAddress = "198.51.100.2"   // who stands outside
)

// serverPort is where the API server listens in the network of the node, as it does in most clusters: policies count on that.
const serverPort = 6443

// cannot is the exit code of what cannot be had on this machine.
const cannot = 3

// nodeSettings say what a bed with a real node is made of.
type nodeSettings struct{ folder, definitions, engine, images string }
