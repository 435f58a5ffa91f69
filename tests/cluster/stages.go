package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A stage says when a fake node changes an object, and to what. Several that hold at once would be drawn by lot, so each excludes
// the others. What a pod does goes by the names of its images, which every Compose file can choose (tests/README.md).
type stage struct {
	name  string
	group string // of the object, with version
	kind  string
	when  []condition
	delay int    // milliseconds
	to    string // template of the status; empty: the object goes
}

// condition asks an expression of jq for one of the values, or only for any.
type condition struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values,omitempty"`
}

func exists(key string) condition { return condition{Key: key, Operator: "Exists"} }

func absent(key string) condition { return condition{Key: key, Operator: "DoesNotExist"} }

func is(key string, values ...string) condition { return condition{key, "In", values} }

// image selects the containers whose image contains one of the words.
func image(words ...string) string {
	return fmt.Sprintf(".spec.containers[].image | select(test(%q))", strings.Join(words, "|"))
}

const (
	initCrashes = `.spec.initContainers[]?.image | select(test("crash-loop"))`
	// A container that is to run for ever and ends: the kubelet starts it again and again. Phase Failed would make its
	// ReplicaSet replace the pod at once, hundreds of times.
	endsForEver = `. as $p | select($p.spec.restartPolicy == "Always") | $p.spec.containers[].image | select(test("exit-[01]"))`
	// A pod whose work ends well: asked for by name, or a Job's.
	endsWell = `((.metadata.ownerReferences[]? | select(.kind == "Job") | .kind), (.spec.containers[].image | select(test("exit-0"))))`
	isReady  = `.status.conditions[]? | select(.type == "Ready") | .status`
	deleted  = ".metadata.deletionTimestamp"
	address  = ".status.podIP"
)

// troubles are the images of pods that do not become ready at once.
var troubles = []string{"pull-fail", "crash-loop", "never-ready", "slow-ready"}

// stages returns all stages, as a file for kwok.
func stages() string {
	fresh := []condition{absent(deleted), exists(".spec.nodeName"), absent(address)}
	started := append(fresh[:len(fresh):len(fresh)], absent(initCrashes))
	running := []condition{absent(deleted), exists(".spec.nodeName"), is(".status.phase", "Running"), absent(endsForEver)}
	balancer := []condition{absent(deleted), absent(".status.loadBalancer.ingress[]?.ip")}
	all := []stage{
		pod("pod-init-crash", with(fresh, exists(initCrashes)), 0,
			conditions(false, false)+initCrashing+waiting("PodInitializing", "waiting")+place+"phase: Pending\n"),
		pod("pod-pull-fail", with(started, exists(image("pull-fail"))), 0,
			conditions(true, false)+initDone+waiting("ImagePullBackOff", "Back-off pulling image")+place+"phase: Pending\n"),
		pod("pod-crash-loop", with(started, absent(image("pull-fail")), exists(image("crash-loop"))), 0,
			conditions(true, false)+initDone+crashing+place+"phase: Running\n"),
		pod("pod-unready", with(started, absent(image("pull-fail", "crash-loop")), exists(image("never-ready", "slow-ready"))), 0,
			conditions(true, false)+initDone+live(false)+place+"phase: Running\n"),
		pod("pod-ends-for-ever", with(started, absent(image(troubles...)), exists(endsForEver)), 0,
			conditions(true, false)+initDone+crashing+place+"phase: Running\n"),
		pod("pod-ready", with(started, absent(image(troubles...)), absent(endsForEver)), 100,
			conditions(true, true)+initDone+live(true)+place+"phase: Running\n"),
		pod("pod-slow-ready", []condition{
			absent(deleted), exists(address), absent(image(troubles[:3]...)), exists(image("slow-ready")), is(isReady, "False"),
		}, 5000, conditions(true, true)+live(true)+"phase: Running\n"),
		pod("pod-succeed", with(running, exists(endsWell), absent(image(append(troubles, "exit-1")...))), 500,
			conditions(true, false)+ended(0, "Completed")+"phase: Succeeded\n"),
		pod("pod-fail", with(running, exists(image("exit-1")), absent(image(troubles...))), 500,
			conditions(true, false)+ended(1, "Error")+"phase: Failed\n"),
		pod("pod-delete", []condition{exists(deleted)}, 0, ""),
		{"node-ready", "v1", "Node", []condition{{isReady, "NotIn", []string{"True"}}}, 0, nodeStatus},
		{"service-address", "v1", "Service", with(balancer, is(".spec.type", "LoadBalancer")), 200,
			"loadBalancer: {ingress: [{ip: 203.0.113.10, ipMode: VIP}]}\n"},
		{"ingress-address", "networking.k8s.io/v1", "Ingress", balancer, 200,
			"loadBalancer: {ingress: [{ip: 203.0.113.11}]}\n"},
	}
	texts := make([]string, len(all))
	for index, stage := range all {
		texts[index] = stage.manifest()
	}
	return strings.Join(texts, "---\n")
}

func pod(name string, when []condition, delay int, to string) stage {
	return stage{name, "v1", "Pod", when, delay, to}
}

func with(some []condition, more ...condition) []condition {
	return append(some[:len(some):len(some)], more...)
}

// manifest returns the stage as JSON, which is YAML.
func (s stage) manifest() string {
	next := map[string]any{"delete": true}
	if s.to != "" {
		next = map[string]any{"statusTemplate": "{{ $now := Now }}\n" + s.to}
	}
	spec := map[string]any{
		"resourceRef": map[string]any{"apiGroup": s.group, "kind": s.kind},
		"selector":    map[string]any{"matchExpressions": s.when},
		"next":        next,
	}
	if s.delay > 0 {
		spec["delay"] = map[string]any{"durationMilliseconds": s.delay}
	}
	text, _ := json.Marshal(map[string]any{
		"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": map[string]any{"name": s.name}, "spec": spec,
	})
	return string(text) + "\n"
}
