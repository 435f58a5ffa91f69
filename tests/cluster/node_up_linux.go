package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// upNode starts a bed with one real node, says where it is, and keeps it until it is asked to end.
//
// All of it runs in namespaces of its own, for network, mounts and processes, and dies with the first process there. Two doors lead
// in: one to the API server, one to somebody who stands before the cluster and fetches pages.
func upNode(ctx context.Context, settings nodeSettings) int {
	if err := upNodeOr(ctx, settings); err != nil {
		var missing *missing
		if errors.As(err, &missing) {
			fmt.Printf("cannot: %s\n", missing.what)
			return cannot
		}
		fmt.Fprintln(os.Stderr, "bed:", err)
		return 1
	}
	return 0
}

// missing says what this machine lacks for a node.
type missing struct{ what string }

func (m *missing) Error() string { return m.what }

func upNodeOr(ctx context.Context, settings nodeSettings) error {
	if os.Geteuid() != 0 {
		return &missing{"not root"}
	}
	if _, err := os.Stat(filepath.Join(settings.engine, "ready")); err != nil {
		return &missing{"--engine names no folder that tests/debian/prepare.sh has filled"}
	}
	folder, err := filepath.Abs(settings.folder)
	if err != nil {
		return err
	}
	begun := time.Now()
	groups, err := makeGroups()
	defer groups.remove()
	if err != nil {
		return &missing{fmt.Sprintf("no control groups: %v", err)}
	}
	server, err := newDoor()
	if err != nil {
		return err
	}
	defer server.file.Close()
	visitor, err := newDoor()
	if err != nil {
		return err
	}
	defer visitor.file.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// The order of these is the order of the file descriptors, from 3 on.
	first := exec.Command(self, "node-first", folder, settings.engine, settings.images, settings.definitions,
		groups.name, fmt.Sprint(server.port))
	first.ExtraFiles = []*os.File{server.file, visitor.file}
	first.Stderr = os.Stderr
	first.SysProcAttr = apart()
	first.SysProcAttr.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID
	said, err := first.StdoutPipe()
	if err != nil {
		return err
	}
	if err := first.Start(); err != nil {
		return &missing{fmt.Sprintf("no namespaces of its own: %v", err)}
	}
	ended := make(chan error, 1)
	ready := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(said).ReadString('\n')
		ready <- strings.TrimSpace(line)
		ended <- first.Wait()
	}()
	defer func() {
		// Nobody in a namespace outlives its first process.
		_ = first.Process.Kill()
		<-ended
	}()
	select {
	case <-ctx.Done():
		return nil
	case line := <-ready:
		if what, isMissing := strings.CutPrefix(line, "cannot: "); isMissing {
			return &missing{what}
		}
		if line != "ready" {
			return errors.New("the node did not start")
		}
	}
	address := fmt.Sprintf("127.0.0.1:%d\n", visitor.port)
	if err := os.WriteFile(filepath.Join(folder, "visitor"), []byte(address), 0o644); err != nil {
		return err
	}
	fmt.Printf("KUBECONFIG=%s\n", filepath.Join(folder, "kubeconfig"))
	fmt.Fprintf(os.Stderr, "bed: ready after %.1f s\n", time.Since(begun).Seconds())
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		ended <- nil
		return fmt.Errorf("the node has ended: %w", err)
	}
}

// door is a socket that listens outside and is served inside: it belongs to the network where it was made.
type door struct {
	file *os.File
	port int
}

func newDoor() (door, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return door{}, err
	}
	defer listener.Close()
	// A file of its own, which stays open.
	file, err := listener.(*net.TCPListener).File()
	return door{file, listener.Addr().(*net.TCPAddr).Port}, err
}
