package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// tries is how often a bed is started when another program takes one of its ports first.
const tries = 3

// bed is a running cluster.
type bed struct {
	layout    layout
	processes []*process
	client    *client
}

// up starts a bed, says where it is on stdout, and keeps it until it is asked to end: by a signal, or, where a test holds the
// other end of stdin, when that test is gone.
func up() int {
	flags := flag.NewFlagSet("up", flag.ExitOnError)
	folder := flags.String("folder", "", "where keys, data, logs and kubeconfigs go (default: a scratch folder)")
	definitions := flags.String("definitions", "", "folder of custom resource definitions to load")
	controlled := flags.Bool("controllers", false, "start controllers, a scheduler and fake nodes too")
	nodes := flags.Int("nodes", 2, "how many fake nodes")
	real := flags.Bool("node", false, "start controllers, a scheduler and one node that runs containers; root, Linux")
	engine := flags.String("engine", "", "what tests/debian/prepare.sh has fetched; for --node")
	images := flags.String("images", "", "a list of images to make; for --node")
	revived := flags.Bool("revive", false, "start the API server again, where it was, when it ends; for tests that kill it")
	leashed := flags.Bool("until-eof", false, "end when stdin ends")
	_ = flags.Parse(os.Args[1:])

	// Children die with the thread that made them, so that must be the one which lives as long as the bed.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if *leashed {
		var release context.CancelFunc
		ctx, release = context.WithCancel(ctx)
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			release()
		}()
	}
	if *folder == "" {
		scratch, err := os.MkdirTemp("", "rcompose-bed-")
		if err != nil {
			fmt.Fprintln(os.Stderr, "bed:", err)
			return 1
		}
		defer os.RemoveAll(scratch)
		*folder = scratch
	}
	begun := time.Now()
	if *real {
		return upNode(ctx, nodeSettings{folder: *folder, definitions: *definitions, engine: *engine, images: *images})
	}
	running, err := start(ctx, *folder, settings{*definitions, *controlled, *nodes})
	if err != nil {
		fmt.Fprintln(os.Stderr, "bed:", err)
		return 1
	}
	defer running.stop()
	fmt.Printf("KUBECONFIG=%s\n", running.layout.kubeconfig("admin"))
	fmt.Fprintf(os.Stderr, "bed: ready after %.1f s\n", time.Since(begun).Seconds())
	if *revived {
		running.revive(ctx)
	}
	<-ctx.Done()
	return 0
}

// revive starts the API server again whenever it ends, on the same port and the same data, until the bed is to end.
func (b *bed) revive(ctx context.Context) {
	for {
		at := slices.IndexFunc(b.processes, func(p *process) bool { return p.name == "kube-apiserver" })
		select {
		case <-ctx.Done():
			return
		case <-b.processes[at].ended:
		}
		started, err := startProcess(b.layout.folder, b.layout.apiServer())
		if err != nil {
			fmt.Fprintln(os.Stderr, "bed:", err)
			return
		}
		b.processes[at] = started
	}
}

// settings say what a bed has beyond its API server.
type settings struct {
	definitions string
	controlled  bool
	nodes       int
}

func start(ctx context.Context, folder string, settings settings) (*bed, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	var problems []error
	for range tries {
		ports, err := freePorts()
		if err != nil {
			return nil, err
		}
		starting := &bed{layout: layout{folder: folder, ports: ports}}
		err = starting.start(ctx, settings)
		if err == nil {
			return starting, nil
		}
		for _, process := range starting.processes {
			err = fmt.Errorf("%w\n%s", err, process.lastWords())
		}
		starting.stop()
		problems = append(problems, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(problems...)
}

func (b *bed) start(ctx context.Context, settings settings) error {
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.run(b.layout.etcd()); err != nil {
		return err
	}
	if err := b.run(b.layout.apiServer()); err != nil {
		return err
	}
	if err := b.awaitServer(ctx, settings.definitions); err != nil {
		return err
	}
	if settings.controlled {
		return b.populate(ctx, settings.nodes)
	}
	return nil
}

// awaitServer waits until the API server serves, and serves custom kinds too.
func (b *bed) awaitServer(ctx context.Context, definitions string) error {
	client, err := newClient(b.layout.kubeconfig("admin"))
	if err != nil {
		return err
	}
	b.client = client
	if err := until(ctx, "a ready API server", b.processes, client.ready); err != nil {
		return err
	}
	return b.define(ctx, definitions)
}

// prepare makes the folders, and keys and kubeconfigs for the ports.
func (b *bed) prepare() error {
	// What an attempt before this one left would be another cluster's.
	for _, name := range []string{"keys", "log", "run", "etcd"} {
		path := filepath.Join(b.layout.folder, name)
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
	}
	keys := filepath.Join(b.layout.folder, "keys")
	if err := writeKeys(keys); err != nil {
		return err
	}
	for _, who := range subjects {
		if who.isKubeconfig {
			if err := writeKubeconfig(b.layout.kubeconfig(who.file), keys, b.layout.server(), who); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bed) run(arguments []string) error {
	started, err := startProcess(b.layout.folder, arguments)
	if err == nil {
		b.processes = append(b.processes, started)
	}
	return err
}

// define loads custom resource definitions, and waits until the server serves their kinds.
func (b *bed) define(ctx context.Context, folder string) error {
	if folder == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return err
	}
	var defined []string
	for _, file := range files {
		documents, err := readDocuments(file)
		if err != nil {
			return err
		}
		for _, document := range documents {
			if document.kind.Kind != "CustomResourceDefinition" {
				continue
			}
			answer, err := b.client.apply(ctx, document, "", options{manager: "testbed"})
			if err == nil && answer.refusal != "" {
				err = errors.New(answer.refusal)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			defined = append(defined, document.name)
		}
	}
	return until(ctx, "custom kinds", b.processes, func(ctx context.Context) error {
		for _, definition := range defined {
			if err := b.client.isServed(ctx, definition); err != nil {
				return err
			}
		}
		return nil
	})
}

// stop ends the programs, those first that need the others.
func (b *bed) stop() {
	for _, process := range slices.Backward(b.processes) {
		process.stop()
	}
}
