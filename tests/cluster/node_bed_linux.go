package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
)

// insideBed is a bed with a real node, as it is built inside its namespaces.
type insideBed struct {
	bed
	engine, images, group string
}

// nodeBed starts all programs of a bed with a real node, says `ready`, and passes on what comes through the doors.
func nodeBed() int {
	// Children die with the thread that made them.
	runtime.LockOSThread()
	port, err := strconv.Atoi(os.Args[6])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bed:", err)
		return 1
	}
	inside := insideBed{engine: os.Args[2], images: os.Args[3], group: os.Args[5]}
	inside.layout.folder = os.Args[1]
	inside.layout.ports, err = freePorts()
	// The same outside and inside, so that one kubeconfig serves both.
	inside.layout.ports.api = port
	if err == nil {
		err = open(port)
	}
	if err == nil {
		err = inside.start(context.Background(), os.Args[4])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bed:", err)
		for _, process := range inside.processes {
			fmt.Fprintln(os.Stderr, process.lastWords())
		}
		return 1
	}
	fmt.Println("ready")
	select {}
}

// open makes the API server reachable from outside through its door, and inside by the port of that door.
func open(port int) error {
	inside, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	outside, err := net.FileListener(os.NewFile(3, "server"))
	if err != nil {
		return err
	}
	for _, listener := range []net.Listener{inside, outside} {
		go relay(listener, fmt.Sprintf("127.0.0.1:%d", serverPort))
	}
	return nil
}

func (b *insideBed) start(ctx context.Context, definitions string) error {
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.writeFiles(); err != nil {
		return err
	}
	if err := b.run(b.layout.etcd()); err != nil {
		return err
	}
	if err := b.run(b.layout.nodeAPIServer()); err != nil {
		return err
	}
	if err := b.runContainerd(); err != nil {
		return err
	}
	// Images are unpacked while the server starts.
	images := make(chan error, 1)
	go func() { images <- b.importImages(ctx) }()
	if err := b.awaitServer(ctx, definitions); err != nil {
		return err
	}
	if err := b.control(ctx); err != nil {
		return err
	}
	if err := <-images; err != nil {
		return err
	}
	for _, arguments := range b.nodeArguments() {
		if err := b.run(arguments); err != nil {
			return err
		}
	}
	if err := b.runVisitor(ctx); err != nil {
		return err
	}
	return until(ctx, "ready node", b.processes, func(ctx context.Context) error {
		return errors.Join(
			b.client.isReadyNode(ctx, nodeName),
			b.client.read(ctx, "/api/v1/namespaces/default/serviceaccounts/default", &struct{}{}),
			answers(ctx, "http://127.0.0.1:8181/ready"),
			answers(ctx, "http://127.0.0.1:10256/healthz"),
		)
	})
}

// nodeAPIServer is the API server of a bed with a real node; of a flag given twice, the later counts.
func (l layout) nodeAPIServer() []string {
	return append(l.apiServer(), "--bind-address=0.0.0.0", fmt.Sprintf("--secure-port=%d", serverPort),
		"--advertise-address="+nodeAddress, "--endpoint-reconciler-type=lease",
		"--enable-admission-plugins=NodeRestriction", "--kubelet-certificate-authority="+l.key("ca.crt"))
}

// nodeArguments returns the programs of a node, and those of ours that stand for what a provider adds to a cluster.
func (b *insideBed) nodeArguments() [][]string {
	admin := b.layout.kubeconfig("admin")
	return [][]string{
		{
			"kubelet", "--config=" + b.file("kubelet.yaml"), "--kubeconfig=" + b.layout.kubeconfig("kubelet"),
			"--root-dir=" + b.file("kubelet"), "--hostname-override=" + nodeName, "--node-ip=" + nodeAddress,
		},
		{"kube-proxy", "--config=" + b.file("kube-proxy.yaml")},
		{"coredns", "-conf", b.file("Corefile")},
		{"policies", admin},
		{"balancer", admin},
	}
}

func (b *insideBed) runContainerd() error {
	child := exec.Command(filepath.Join(b.engine, "engine/usr/bin/containerd"), "--config", b.file("containerd.toml"))
	child.SysProcAttr = apart()
	started, err := startCommand(b.layout.folder, "containerd", child)
	if err == nil {
		b.processes = append(b.processes, started)
	}
	return err
}

const containerdSocket = "/run/containerd/containerd.sock"

// importImages makes the images and hands them to containerd.
func (b *insideBed) importImages(ctx context.Context) error {
	archive := b.file("images.tar")
	if err := writeImages(archive, b.engine, b.images); err != nil {
		return err
	}
	client := func(words ...string) *exec.Cmd {
		words = append([]string{"--address", containerdSocket, "--namespace", "k8s.io"}, words...)
		return exec.CommandContext(ctx, filepath.Join(b.engine, "engine/usr/bin/ctr"), words...)
	}
	if err := until(ctx, "containerd", nil, func(context.Context) error { return client("version").Run() }); err != nil {
		return err
	}
	if said, err := client("images", "import", "--local", archive).CombinedOutput(); err != nil {
		return fmt.Errorf("images: %w: %s", err, said)
	}
	return os.Remove(archive)
}

// runVisitor starts somebody who has a network apart, and lays a cable between that and the node's.
func (b *insideBed) runVisitor(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, "visitor")
	child.ExtraFiles = []*os.File{os.NewFile(4, "visitor")}
	child.SysProcAttr = apart()
	child.SysProcAttr.Cloneflags = syscall.CLONE_NEWNET
	started, err := startCommand(b.layout.folder, "visitor", child)
	if err != nil {
		return err
	}
	b.processes = append(b.processes, started)
	cable := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: "outside0"}, PeerName: visitorLink, PeerNamespace: netlink.NsPid(child.Process.Pid),
	}
	if err := netlink.LinkAdd(cable); err != nil {
		return fmt.Errorf("cable of the visitor: %w", err)
	}
	return errors.Join(addAddress(cable, gatewayAddress), netlink.LinkSetUp(cable))
}

// relay passes connections on to an address.
func relay(listener net.Listener, address string) {
	for {
		outside, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer outside.Close()
			inside, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			defer inside.Close()
			go func() {
				_, _ = io.Copy(inside, outside)
				_ = inside.(*net.TCPConn).CloseWrite()
			}()
			_, _ = io.Copy(outside, inside)
		}()
	}
}

// answers says whether an address answers well; an error says how else.
func answers(ctx context.Context, url string) error {
	response, err := get(ctx, url, time.Second)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != 200 {
		return fmt.Errorf("%s: %s", url, strings.ToLower(response.Status))
	}
	return nil
}
