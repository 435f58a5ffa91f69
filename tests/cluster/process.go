package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// process is one program of the bed: this binary again, under another name.
type process struct {
	name  string
	log   string
	child *exec.Cmd
	ended chan struct{}
}

// startProcess starts this binary as one of its programs. It ends with the bed, even where the bed is killed.
func startProcess(folder string, arguments []string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.Command(self, arguments...)
	child.SysProcAttr = apart()
	return startCommand(folder, arguments[0], child)
}

// startCommand starts a program with its own log.
func startCommand(folder, name string, child *exec.Cmd) (*process, error) {
	path := filepath.Join(folder, "log", name+".log")
	log, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	child.Stdout, child.Stderr = log, log
	if err := child.Start(); err != nil {
		return nil, err
	}
	started := &process{name: name, log: path, child: child, ended: make(chan struct{})}
	// Tests that kill a program find it by this number.
	identity := []byte(fmt.Sprintln(child.Process.Pid))
	if err := os.WriteFile(filepath.Join(folder, "run", name+".pid"), identity, 0o644); err != nil {
		return nil, err
	}
	go func() {
		_ = child.Wait()
		close(started.ended)
	}()
	return started, nil
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// stop asks the program to end, and ends it when it does not.
func (p *process) stop() {
	_ = p.child.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(5 * time.Second):
		_ = p.child.Process.Kill()
		<-p.ended
	}
}

// lastWords returns the end of the log, for the message that says why a start failed.
func (p *process) lastWords() string {
	text, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return fmt.Sprintf("== %s\n%s", p.log, strings.Join(lines[max(0, len(lines)-8):], "\n"))
}

// until asks again and again whether something holds, for a minute at most or until a program has ended.
func until(ctx context.Context, what string, watched []*process, holds func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, fmt.Errorf("no %s after a minute", what))
	defer cancel()
	for {
		last := holds(ctx)
		if last == nil {
			return nil
		}
		for _, process := range watched {
			if process.hasEnded() {
				return fmt.Errorf("%s ended before %s", process.name, what)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), last)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
