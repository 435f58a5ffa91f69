//go:build !linux

package main

import "syscall"

// apart keeps a child out of the terminal's group, so that Ctrl-C reaches the bed alone.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
