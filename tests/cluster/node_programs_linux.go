package main

import (
	"context"
	"flag"
	"os"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	"k8s.io/component-base/cli"
	kubeproxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// nodePrograms returns what a node consists of, beside what Debian packs: kubelet, kube-proxy, the server of names; and our own.
func nodePrograms() map[string]func() int {
	return map[string]func() int{
		"balancer":   balancer,
		"coredns":    names,
		"kube-proxy": func() int { return cli.Run(kubeproxy.NewProxyCommand()) },
		"kubelet":    func() int { return cli.Run(kubelet.NewKubeletCommand(context.Background())) },
		"node-bed":   nodeBed,
		"node-first": nodeFirst,
		"policies":   policies,
		"visitor":    visitor,
	}
}

// names runs CoreDNS. It has the plugins that are imported here, in the order in which they see a question.
func names() int {
	dnsserver.Directives = []string{"bind", "ready", "errors", "cache", "kubernetes"}
	_ = flag.CommandLine.Parse(os.Args[1:])
	coremain.Run()
	return 0
}
