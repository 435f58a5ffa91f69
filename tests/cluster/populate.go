package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// podLog is what every fake pod has logged, in the form in which a container runtime writes.
const podLog = "2026-01-01T00:00:00.000000000Z stdout F a line of a pod that does not run\n"

// storageClass makes volumes by the controller manager itself: they are bound, and nothing is in them.
const storageClass = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: standard
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: kubernetes.io/host-path
volumeBindingMode: Immediate
allowVolumeExpansion: true
`

const fakeNode = `
apiVersion: v1
kind: Node
metadata:
  name: %[1]s
  annotations: {kwok.x-k8s.io/node: fake}
  labels: {kubernetes.io/hostname: %[1]s, kubernetes.io/os: linux, kubernetes.io/arch: amd64}
`

// control starts controllers and a scheduler, and names a class of volumes.
func (b *bed) control(ctx context.Context) error {
	if err := b.run(b.layout.controllers()); err != nil {
		return err
	}
	if err := b.run(b.layout.scheduler()); err != nil {
		return err
	}
	class := document{kind: schema.FromAPIVersionAndKind("storage.k8s.io/v1", "StorageClass"), name: "standard"}
	return b.put(ctx, class, storageClass)
}

// populate starts controllers, a scheduler and fake nodes, and waits until a pod has lived and died on them.
func (b *bed) populate(ctx context.Context, nodes int) error {
	if err := b.control(ctx); err != nil {
		return err
	}
	names := make([]string, nodes)
	for index := range names {
		names[index] = fmt.Sprintf("node-%d", index+1)
		node := document{kind: schema.FromAPIVersionAndKind("v1", "Node"), name: names[index]}
		if err := b.put(ctx, node, fmt.Sprintf(fakeNode, names[index])); err != nil {
			return err
		}
	}
	if err := b.runFakeNodes(); err != nil {
		return err
	}
	if err := until(ctx, "ready nodes", b.processes, func(ctx context.Context) error {
		for _, name := range names {
			if err := b.client.isReadyNode(ctx, name); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return b.warmUp(ctx)
}

func (b *bed) put(ctx context.Context, document document, text string) error {
	document.text = []byte(text)
	answer, err := b.client.apply(ctx, document, "", options{manager: "testbed"})
	if err == nil && answer.refusal != "" {
		err = errors.New(answer.refusal)
	}
	return err
}

func (b *bed) runFakeNodes() error {
	files := map[string]string{"pod.log": podLog, "stages.yaml": stages(), "logs.yaml": fmt.Sprintf(
		"apiVersion: kwok.x-k8s.io/v1alpha1\nkind: ClusterLogs\nmetadata: {name: logs}\nspec: {logs: [{logsFile: %q, follow: false}]}\n",
		filepath.Join(b.layout.folder, "pod.log"),
	)}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(b.layout.folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return b.run(b.layout.fakeNodes(
		filepath.Join(b.layout.folder, "stages.yaml"), filepath.Join(b.layout.folder, "logs.yaml"),
	))
}

// warmUp runs one pod alone. kwok 0.8 compiles a stage when it first needs it, without a lock, in several workers: many pods at
// once would be its end.
func (b *bed) warmUp(ctx context.Context) error {
	const accounts, pods = "/api/v1/namespaces/kube-system/serviceaccounts/default", "/api/v1/namespaces/kube-system/pods"
	if err := until(ctx, "service account", b.processes, func(ctx context.Context) error {
		return b.client.read(ctx, accounts, &struct{}{})
	}); err != nil {
		return err
	}
	body := []byte(`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "warm-up"}, "spec":
		{"restartPolicy": "Never", "containers": [{"name": "warm-up", "image": "exit-0"}]}}`)
	status, _, said, err := b.client.send(ctx, http.MethodPost, pods, body, "application/json")
	if err == nil && status != http.StatusCreated {
		err = errors.New(refusal(status, said))
	}
	if err != nil {
		return err
	}
	if err := until(ctx, "pod that ends", b.processes, func(ctx context.Context) error {
		var pod struct{ Status struct{ Phase string } }
		err := b.client.read(ctx, pods+"/warm-up", &pod)
		if err == nil && pod.Status.Phase != "Succeeded" {
			err = fmt.Errorf("the first pod is %q", pod.Status.Phase)
		}
		return err
	}); err != nil {
		return err
	}
	_, _, _, err = b.client.send(ctx, http.MethodDelete, pods+"/warm-up", nil, "")
	return err
}

// isReadyNode says whether a node is ready; an error says why not.
func (c *client) isReadyNode(ctx context.Context, name string) error {
	var node struct {
		Status struct {
			Conditions []struct{ Type, Status string }
		}
	}
	if err := c.read(ctx, "/api/v1/nodes/"+name, &node); err != nil {
		return err
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == "Ready" && condition.Status == "True" {
			return nil
		}
	}
	return fmt.Errorf("%s is not ready", name)
}

// read fetches an object.
func (c *client) read(ctx context.Context, path string, into any) error {
	status, _, body, err := c.send(ctx, http.MethodGet, path, nil, "")
	if err == nil && status != http.StatusOK {
		err = errors.New(refusal(status, body))
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}
