package main

import "syscall"

// apart keeps a child out of the terminal's group, so that Ctrl-C reaches the bed alone, and lets it die with the bed.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
