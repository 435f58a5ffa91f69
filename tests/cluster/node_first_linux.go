package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// nodeFirst is the first process in the namespaces of a node: it makes them habitable, starts the bed there, and buries orphans.
//
// Its arguments are those of `nodeBed`, and are handed on.
func nodeFirst() int {
	folder, engine := os.Args[1], os.Args[2]
	if err := furnish(folder); err != nil {
		fmt.Printf("cannot: %v\n", err)
		return cannot
	}
	// containerd looks for runc and for its own shim there.
	path := fmt.Sprintf("PATH=%s:%s:/usr/sbin:/usr/bin:/sbin:/bin", filepath.Join(engine, "engine/usr/bin"), os.Getenv("PATH"))
	bed, err := os.StartProcess("/proc/self/exe", append([]string{"bed", "node-bed"}, os.Args[1:]...), &os.ProcAttr{
		Env: append(os.Environ(), path),
		// Those after the first three are the doors.
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, os.NewFile(3, "server"), os.NewFile(4, "visitor")},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "bed:", err)
		return 1
	}
	for {
		var status unix.WaitStatus
		dead, err := unix.Wait4(-1, &status, 0, nil)
		if err == nil && dead == bed.Pid {
			return status.ExitStatus()
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return 1
		}
	}
}

// furnish prepares mounts and network. What fails here, this machine does not have.
func furnish(folder string) error {
	steps := []struct {
		what string
		do   func() error
	}{
		{"leave to mount", func() error { return mounts(folder) }},
		{"overlay file system", func() error { return tryOverlay(folder) }},
		{"network bridges", bridges},
		{"filter of packets on bridges", switches},
		{"iptables", func() error {
			for _, table := range []string{"nat", "mangle", "filter"} {
				if said, err := exec.Command("iptables", "-w", "-t", table, "-S").CombinedOutput(); err != nil {
					return fmt.Errorf("table %s: %w: %s", table, err, strings.TrimSpace(string(said)))
				}
			}
			return nil
		}},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return fmt.Errorf("no %s: %w", step.what, err)
		}
	}
	return nil
}

// mounts cuts the tree of mounts off from the machine's, and lets the containers' mounts be seen in all of it, as the kubelet needs.
func mounts(folder string) error {
	// The place where the controller manager makes volumes is fixed. These go with the folder of the bed.
	volumes := filepath.Join(folder, "volumes")
	for _, path := range []string{volumes, hostPathVolumes} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	}
	return errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""),
		unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""),
		// Sockets of containerd and its shims have fixed places, too.
		unix.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"),
		unix.Mount(volumes, hostPathVolumes, "", unix.MS_BIND, ""),
	)
}

// hostPathVolumes is where the controller manager's own provisioner makes volumes.
const hostPathVolumes = "/tmp/hostpath_pv"

// tryOverlay says whether containers can have their roots in this folder: not where it lies on an overlay itself.
func tryOverlay(folder string) error {
	scratch, err := os.MkdirTemp(folder, "overlay")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	part := func(name string) string { return filepath.Join(scratch, name) }
	for _, name := range []string{"lower", "upper", "work", "all"} {
		if err := os.Mkdir(part(name), 0o755); err != nil {
			return err
		}
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", part("lower"), part("upper"), part("work"))
	if err := unix.Mount("overlay", part("all"), "overlay", 0, options); err != nil {
		return err
	}
	return unix.Unmount(part("all"), 0)
}

// bridges makes the network of the node: an address of its own, and ways to the addresses that only rules of iptables know.
func bridges() error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	node := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "node0"}}
	if err := errors.Join(netlink.LinkSetUp(loopback), netlink.LinkAdd(node)); err != nil {
		return err
	}
	if err := errors.Join(addAddress(node, nodeAddress), netlink.LinkSetUp(node)); err != nil {
		return err
	}
	for _, reached := range []string{serviceRange, balancedRange} {
		_, addresses, err := net.ParseCIDR(reached)
		if err != nil {
			return err
		}
		// There is no way out of here, and a packet without a way is refused before it is rewritten.
		if err := netlink.RouteAdd(&netlink.Route{LinkIndex: node.Attrs().Index, Dst: addresses}); err != nil {
			return fmt.Errorf("way to %s: %w", reached, err)
		}
	}
	return nil
}

func addAddress(link netlink.Link, address string) error {
	parsed, err := netlink.ParseAddr(address + "/24")
	if err != nil {
		return err
	}
	return netlink.AddrAdd(link, parsed)
}

func switches() error {
	var problems []error
	for _, name := range []string{"net/ipv4/ip_forward", "net/ipv4/conf/all/route_localnet", "net/bridge/bridge-nf-call-iptables"} {
		problems = append(problems, os.WriteFile(filepath.Join("/proc/sys", name), []byte("1"), 0o644))
	}
	return errors.Join(problems...)
}
