//go:build !linux

package main

import (
	"context"
	"fmt"
)

func nodePrograms() map[string]func() int { return nil }

func upNode(context.Context, nodeSettings) int {
	fmt.Println("cannot: a node needs Linux")
	return cannot
}
