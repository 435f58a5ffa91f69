package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// pauseImage holds the network of each pod open.
const pauseImage = "docker.io/bed/pause:1"

func (b *insideBed) file(name string) string { return filepath.Join(b.layout.folder, name) }

// writeFiles writes what the programs of the node read.
func (b *insideBed) writeFiles() error {
	fill := strings.NewReplacer(
		"FOLDER", b.layout.folder, "ENGINE", filepath.Join(b.engine, "engine"), "GROUP", b.group, "SOCKET", containerdSocket,
		"NODE_ADDRESS", nodeAddress, "NODE_NAME", nodeName, "PODS", podRange, "PAUSE", pauseImage, "KEYS", b.file("keys"),
	).Replace
	// What an attempt before this one left would be another cluster's.
	for _, name := range []string{"kubelet", "containerd", "plugins", "pods", "addresses"} {
		if err := os.RemoveAll(b.file(name)); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{
		"containerd.toml":         containerdFile,
		"plugins/10-bed.conflist": pluginsFile,
		"kubelet.yaml":            kubeletFile,
		"kube-proxy.yaml":         proxyFile,
		"Corefile":                namesFile,
		"resolv.conf":             "nameserver NODE_ADDRESS\n",
	} {
		path := b.file(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(fill(text)), 0o644); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Without CAP_SYS_RESOURCE nobody may lower the score of the OOM killer, and each pod would fail.
const containerdFile = `version = 3
root = "FOLDER/containerd"
state = "/run/containerd"
[grpc]
  address = "SOCKET"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "PAUSE"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["ENGINE/usr/lib/cni"]
  conf_dir = "FOLDER/plugins"
`

const pluginsFile = `{"cniVersion": "1.0.0", "name": "bed", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": false, "ipam": {
    "type": "host-local", "dataDir": "FOLDER/addresses", "ranges": [[{"subnet": "PODS"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}
]}
`

// Images are never collected: there is nobody to pull them from again.
const kubeletFile = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://SOCKET
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: /GROUP
failSwapOn: false
address: NODE_ADDRESS
healthzBindAddress: 127.0.0.1
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: KEYS/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: KEYS/kubelet.crt
tlsPrivateKeyFile: KEYS/kubelet.key
clusterDNS: [NODE_ADDRESS]
clusterDomain: cluster.local
resolvConf: FOLDER/resolv.conf
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%, imagefs.inodesFree: 1%}
podLogsDir: FOLDER/pods
volumePluginDir: FOLDER/kubelet/plugins
nodeStatusUpdateFrequency: 5s
`

const proxyFile = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: PODS
hostnameOverride: NODE_NAME
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
conntrack: {maxPerCore: 0, min: 0, tcpCloseWaitTimeout: 0s, tcpEstablishedTimeout: 0s}
clientConnection: {kubeconfig: FOLDER/kube-proxy.kubeconfig}
`

const namesFile = `.:53 {
  bind NODE_ADDRESS
  errors
  ready 127.0.0.1:8181
  kubernetes cluster.local in-addr.arpa {
    kubeconfig FOLDER/kubeconfig testbed
    pods insecure
    ttl 5
  }
  cache 5
}
`
