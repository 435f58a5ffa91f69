package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"time"

	core "k8s.io/api/core/v1"
)

// balancer gives each Service of type LoadBalancer an address, as a provider would. The way from there to the pods kube-proxy makes.
func balancer() int {
	client, err := newClient(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "balancer:", err)
		return 1
	}
	// Each address is given once in the life of a bed, which is short.
	next := netip.MustParsePrefix(balancedRange).Addr().Next()
	for ; ; time.Sleep(100 * time.Millisecond) {
		var services core.ServiceList
		if err := client.read(context.Background(), "/api/v1/services?resourceVersion=0", &services); err != nil {
			fmt.Fprintln(os.Stderr, "balancer:", err)
			continue
		}
		for _, service := range services.Items {
			if service.Spec.Type != core.ServiceTypeLoadBalancer || len(service.Status.LoadBalancer.Ingress) > 0 {
				continue
			}
			path := fmt.Sprintf("/api/v1/namespaces/%s/services/%s/status", service.Namespace, service.Name)
			text := fmt.Sprintf(`{"status": {"loadBalancer": {"ingress": [{"ip": %q}]}}}`, next)
			status, _, said, err := client.send(
				context.Background(), http.MethodPatch, path, []byte(text), "application/merge-patch+json",
			)
			if err != nil || status != http.StatusOK {
				fmt.Fprintln(os.Stderr, "balancer:", path, err, refusal(status, said))
				continue
			}
			next = next.Next()
		}
	}
}
