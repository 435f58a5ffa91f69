package main

import (
	"fmt"
	"net"
	"path/filepath"
)

// layout says where the parts of one bed lie and listen.
type layout struct {
	folder string
	ports  ports
}

// ports of a bed, all on loopback.
type ports struct{ api, etcd, peer, controllers, scheduler, kubelet int }

// freePorts asks the system for ports that nobody uses now. Another program may take one before the bed does; the start is then
// tried again with others.
func freePorts() (ports, error) {
	var chosen ports
	for _, port := range []*int{
		&chosen.api, &chosen.etcd, &chosen.peer, &chosen.controllers, &chosen.scheduler, &chosen.kubelet,
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return chosen, err
		}
		// Open until all are chosen, or one would be given twice.
		defer listener.Close()
		*port = listener.Addr().(*net.TCPAddr).Port
	}
	return chosen, nil
}

func (l layout) server() string { return fmt.Sprintf("https://127.0.0.1:%d", l.ports.api) }

func (l layout) key(name string) string { return filepath.Join(l.folder, "keys", name) }

// kubeconfig returns the path of a user's configuration; that of the administrator is the one without a name of its own.
func (l layout) kubeconfig(user string) string {
	if user == "admin" {
		return filepath.Join(l.folder, "kubeconfig")
	}
	return filepath.Join(l.folder, user+".kubeconfig")
}

func (l layout) etcd() []string {
	client, peer := fmt.Sprintf("http://127.0.0.1:%d", l.ports.etcd), fmt.Sprintf("http://127.0.0.1:%d", l.ports.peer)
	return []string{
		"etcd", "--name=testbed", "--data-dir=" + filepath.Join(l.folder, "etcd"), "--log-level=warn",
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=testbed=" + peer,
		// What is written need not outlive the machine.
		"--unsafe-no-fsync",
	}
}

func (l layout) apiServer() []string {
	return []string{
		"kube-apiserver", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", l.ports.api), fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", l.ports.etcd),
		// A loopback address is refused as an endpoint of the Service `kubernetes`.
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + l.key("apiserver.crt"), "--tls-private-key-file=" + l.key("apiserver.key"),
		"--client-ca-file=" + l.key("ca.crt"), "--authorization-mode=Node,RBAC", "--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=" + l.key("sa.pub"),
		"--service-account-signing-key-file=" + l.key("sa.key"), "--service-cluster-ip-range=10.96.0.0/16",
		"--kubelet-client-certificate=" + l.key("kubelet-client.crt"), "--kubelet-client-key=" + l.key("kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP",
		// Tests send as fast as they can, and measure what the server takes.
		"--enable-priority-and-fairness=false", "--profiling=false",
	}
}

func (l layout) controllers() []string {
	return append(
		[]string{"kube-controller-manager", fmt.Sprintf("--secure-port=%d", l.ports.controllers)},
		append(l.client("controller-manager"),
			"--use-service-account-credentials", "--service-account-private-key-file="+l.key("sa.key"),
			"--root-ca-file="+l.key("ca.crt"), "--cluster-signing-cert-file="+l.key("ca.crt"),
			"--cluster-signing-key-file="+l.key("ca.key"), "--enable-hostpath-provisioner",
			"--node-monitor-period=1s")...,
	)
}

func (l layout) scheduler() []string {
	return append([]string{"kube-scheduler", fmt.Sprintf("--secure-port=%d", l.ports.scheduler)}, l.client("scheduler")...)
}

// client returns the flags that the controller manager and the scheduler share. The default of 20 requests a second would
// make each start 4 s longer.
func (l layout) client(user string) []string {
	file := l.kubeconfig(user)
	return []string{
		"--kubeconfig=" + file, "--authentication-kubeconfig=" + file, "--authorization-kubeconfig=" + file,
		"--bind-address=127.0.0.1", "--leader-elect=false", "--kube-api-qps=1000", "--kube-api-burst=1000", "--profiling=false",
	}
}

func (l layout) fakeNodes(stages, logs string) []string {
	return []string{
		"kwok", "--kubeconfig=" + l.kubeconfig("kwok"), "--config=" + stages, "--config=" + logs,
		"--manage-all-nodes=false", "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
		"--cidr=10.244.0.0/16", "--node-ip=127.0.0.1", fmt.Sprintf("--node-port=%d", l.ports.kubelet),
		fmt.Sprintf("--server-address=127.0.0.1:%d", l.ports.kubelet),
		"--tls-cert-file=" + l.key("kwok.crt"), "--tls-private-key-file=" + l.key("kwok.key"),
		"--node-lease-duration-seconds=40",
	}
}
