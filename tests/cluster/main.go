// Command bed is a Kubernetes cluster for tests in one binary.
//
// Its first argument says what to be: one of the programs of a control plane or of a node, kubectl, or one of our own words: `up`
// starts a bed, `dry-run` sends manifests through its strict dry-run. It decides nothing about what is tested: that is for the tests.
package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// programs returns what to run for each first argument; the result is the exit code.
func programs() map[string]func() int {
	known := map[string]func() int{
		"dry-run": dryRun,
		"etcd": func() int {
			etcdmain.Main(os.Args)
			return 0
		},
		"kube-apiserver":          func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
		"kube-controller-manager": func() int { return cli.Run(controllers.NewControllerManagerCommand()) },
		"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
		"kubectl": func() int {
			kubectlutil.CheckErr(cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()))
			return 0
		},
		"kwok":  kwok,
		"proxy": faultyProxy,
		"up":    up,
	}
	maps.Copy(known, nodePrograms())
	return known
}

func main() {
	known := programs()
	if len(os.Args) > 1 {
		if run, ok := known[os.Args[1]]; ok {
			// Each program reads its own arguments from the second word on.
			os.Args = os.Args[1:]
			os.Exit(run())
		}
	}
	var names []string
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(os.Stderr, "usage: bed %s ...\n", strings.Join(names, "|"))
	os.Exit(2)
}
