package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// policies keeps pods apart as NetworkPolicies say, by rules of iptables which are made anew whenever something has changed.
//
// The rules stand in a table that kube-proxy does not use: there they come before its own, whatever is loaded first. What a packet
// came through a Service for is settled before, so addresses are those of pods. Replies pass. What the node itself sends, such as
// probes, passes too, as the rules of NetworkPolicies want; what it is sent does not, and its server of names counts as the pod that
// it is in other clusters.
func policies() int {
	client, err := newClient(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "policies:", err)
		return 1
	}
	loaded := ""
	for ; ; time.Sleep(200 * time.Millisecond) {
		world, err := readWorld(client)
		if err != nil {
			fmt.Fprintln(os.Stderr, "policies:", err)
			continue
		}
		rules := world.rules()
		if rules == loaded {
			continue
		}
		restore := exec.Command("iptables-restore", "--wait", "--noflush")
		restore.Stdin = strings.NewReader(rules)
		if said, err := restore.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "policies: %v: %s\n%s\n", err, said, rules)
			continue
		}
		if loaded == "" {
			hook()
		}
		loaded = rules
	}
}

// policyChain is the chain that packets pass on their way to and from pods.
const policyChain = "BED-POLICIES"

// hook lets packets pass the chain: those that are forwarded, and those from pods to the node, where the server of names is.
func hook() {
	for _, rule := range [][]string{{"FORWARD"}, {"INPUT", "--source", podRange}} {
		words := append(append([]string{"--wait", "--table", "mangle", "--insert"}, rule...), "--jump", policyChain)
		if said, err := exec.Command("iptables", words...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "policies: %v: %s\n", err, said)
		}
	}
}

// world is what policies speak about.
type world struct {
	pods       []core.Pod
	namespaces map[string]labels.Set
	policies   []networking.NetworkPolicy
}

func readWorld(client *client) (world, error) {
	var pods core.PodList
	var namespaces core.NamespaceList
	var found networking.NetworkPolicyList
	for path, into := range map[string]any{
		"/api/v1/pods": &pods, "/api/v1/namespaces": &namespaces, "/apis/networking.k8s.io/v1/networkpolicies": &found,
	} {
		if err := client.read(context.Background(), path+"?resourceVersion=0", into); err != nil {
			return world{}, err
		}
	}
	seen := world{namespaces: map[string]labels.Set{}, policies: found.Items, pods: []core.Pod{{
		ObjectMeta: meta.ObjectMeta{Namespace: "kube-system", Labels: map[string]string{"k8s-app": "kube-dns"}},
		Status:     core.PodStatus{PodIP: nodeAddress},
	}}}
	for _, namespace := range namespaces.Items {
		seen.namespaces[namespace.Name] = namespace.Labels
	}
	for _, pod := range pods.Items {
		// An address of one that has ended may be another's by now.
		isOver := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
		if pod.Status.PodIP != "" && !pod.Spec.HostNetwork && !isOver {
			seen.pods = append(seen.pods, pod)
		}
	}
	return seen, nil
}

// rules returns what iptables-restore is to load. Declaring a chain empties it.
func (w world) rules() string {
	var chains, rules []string
	all := []string{"-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"}
	for _, pod := range w.pods {
		for _, way := range []way{coming, going} {
			lets, isolated := w.lets(pod, way)
			if !isolated {
				continue
			}
			chain := way.name + "-" + pod.Status.PodIP
			chains = append(chains, chain)
			all = append(all, fmt.Sprintf("%s %s -j %s", way.own, pod.Status.PodIP, chain))
			slices.Sort(lets)
			for _, match := range slices.Compact(lets) {
				rules = append(rules, fmt.Sprintf("-A %s %s -j RETURN", chain, match))
			}
			// All policies for a pod add up; what none of them lets pass ends here. Who returns is still to be let in or out by the other end.
			rules = append(rules, fmt.Sprintf("-A %s -j DROP", chain))
		}
	}
	var text strings.Builder
	text.WriteString("*mangle\n")
	for _, chain := range append(chains, policyChain) {
		fmt.Fprintf(&text, ":%s - [0:0]\n", chain)
	}
	for _, rule := range all {
		fmt.Fprintf(&text, "-A %s %s\n", policyChain, rule)
	}
	for _, rule := range rules {
		fmt.Fprintln(&text, rule)
	}
	text.WriteString("COMMIT\n")
	return text.String()
}

// way is one of the two directions, with the words for it.
type way struct {
	kind       networking.PolicyType
	name       string // of chains
	own, other string // which address of a packet is the pod's
}

var (
	coming = way{networking.PolicyTypeIngress, "TO", "-d", "-s"}
	going  = way{networking.PolicyTypeEgress, "FROM", "-s", "-d"}
)

// lets returns what matches the packets that may come to a pod or go from it; and whether any policy keeps others off.
func (w world) lets(pod core.Pod, way way) (lets []string, isolated bool) {
	for _, policy := range w.policies {
		if policy.Namespace != pod.Namespace || !slices.Contains(policy.Spec.PolicyTypes, way.kind) ||
			!selects(&policy.Spec.PodSelector, pod.Labels) {
			continue
		}
		isolated = true
		if way.kind == networking.PolicyTypeIngress {
			for _, rule := range policy.Spec.Ingress {
				lets = append(lets, w.matches(pod, policy.Namespace, way, rule.From, rule.Ports)...)
			}
		} else {
			for _, rule := range policy.Spec.Egress {
				lets = append(lets, w.matches(pod, policy.Namespace, way, rule.To, rule.Ports)...)
			}
		}
	}
	return lets, isolated
}

// matches multiplies the peers of a rule with its ports; no peers are all, and so are no ports.
func (w world) matches(
	pod core.Pod, namespace string, way way, peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort,
) []string {
	others := []target{{}}
	if len(peers) > 0 {
		others = nil
	}
	for _, peer := range peers {
		others = append(others, w.peers(namespace, peer)...)
	}
	var matches []string
	for _, other := range others {
		address := ""
		if other.address != "" {
			address = fmt.Sprintf("%s %s ", way.other, other.address)
		}
		// Ports are those of who is spoken to.
		spokenTo := &pod
		if way.kind == networking.PolicyTypeEgress {
			spokenTo = other.pod
		}
		if len(ports) == 0 {
			matches = append(matches, address)
		}
		for _, port := range ports {
			if match, ok := portMatch(port, spokenTo); ok {
				matches = append(matches, address+match)
			}
		}
	}
	return matches
}

// target is who is let speak or spoken to: an address or a range of them, and the pod behind it where there is one.
type target struct {
	address string
	pod     *core.Pod
}

func (w world) peers(namespace string, peer networking.NetworkPolicyPeer) []target {
	if peer.IPBlock != nil {
		var found []target
		for _, part := range without(peer.IPBlock.CIDR, peer.IPBlock.Except) {
			found = append(found, target{address: part})
		}
		return found
	}
	var found []target
	for index := range w.pods {
		pod := &w.pods[index]
		inNamespace := pod.Namespace == namespace
		if peer.NamespaceSelector != nil {
			inNamespace = selects(peer.NamespaceSelector, w.namespaces[pod.Namespace])
		}
		if inNamespace && (peer.PodSelector == nil || selects(peer.PodSelector, pod.Labels)) {
			found = append(found, target{pod.Status.PodIP, pod})
		}
	}
	return found
}

// without returns the parts of a range that remain when others are taken out of it.
func without(whole string, except []string) []string {
	prefix, err := netip.ParsePrefix(whole)
	if err != nil || prefix.Addr().Is6() {
		return nil
	}
	var taken []netip.Prefix
	for _, text := range except {
		if part, err := netip.ParsePrefix(text); err == nil {
			taken = append(taken, part)
		}
	}
	var left []string
	var split func(netip.Prefix)
	split = func(part netip.Prefix) {
		contains := func(other netip.Prefix) bool { return other.Bits() <= part.Bits() && other.Overlaps(part) }
		switch {
		case slices.ContainsFunc(taken, contains):
		case slices.ContainsFunc(taken, part.Overlaps):
			lower := netip.PrefixFrom(part.Addr(), part.Bits()+1).Masked()
			bytes := lower.Addr().As4()
			bytes[part.Bits()/8] |= 0x80 >> (part.Bits() % 8)
			split(lower)
			split(netip.PrefixFrom(netip.AddrFrom4(bytes), part.Bits()+1))
		default:
			left = append(left, part.String())
		}
	}
	split(prefix.Masked())
	return left
}

// portMatch returns the match for a port of somebody; false where he has no port of that name.
func portMatch(port networking.NetworkPolicyPort, of *core.Pod) (string, bool) {
	protocol := core.ProtocolTCP
	if port.Protocol != nil {
		protocol = *port.Protocol
	}
	match := "-p " + strings.ToLower(string(protocol))
	switch {
	case port.Port == nil:
		return match, true
	case port.Port.Type == intstr.Int && port.EndPort != nil:
		return fmt.Sprintf("%s --dport %d:%d", match, port.Port.IntVal, *port.EndPort), true
	case port.Port.Type == intstr.Int:
		return fmt.Sprintf("%s --dport %d", match, port.Port.IntVal), true
	case of == nil:
		return "", false
	}
	for _, container := range of.Spec.Containers {
		for _, named := range container.Ports {
			if named.Name == port.Port.StrVal && named.Protocol == protocol {
				return fmt.Sprintf("%s --dport %d", match, named.ContainerPort), true
			}
		}
	}
	return "", false
}

func selects(selector *meta.LabelSelector, set map[string]string) bool {
	parsed, err := meta.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(labels.Set(set))
}
