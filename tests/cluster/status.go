package main

import (
	"fmt"
	"strings"
)

// Parts of the statuses that fake nodes write: templates that kwok fills in, in which the pod or node is the dot. A status is
// patched, conditions by type and containers by name, so a later stage writes only what changes.

const podAddress = `{{ or .status.podIP ( PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ` +
	`( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) ) | Quote }}`

// place says where the pod is; a pod without an address has not been touched.
const place = `hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
hostIPs: [{ip: {{ NodeIPWith .spec.nodeName | Quote }}}]
podIP: ` + podAddress + `
podIPs: [{ip: ` + podAddress + `}]
startTime: {{ or .status.startTime $now | Quote }}
`

const nodeStatus = `conditions:
{{ range NodeConditions }}
- {lastHeartbeatTime: {{ $now | Quote }}, lastTransitionTime: {{ $now | Quote }}, message: {{ .message | Quote }}, reason: {{ .reason | Quote }}, status: {{ .status | Quote }}, type: {{ .type | Quote }}}
{{ end }}
addresses:
- {address: {{ NodeIP | Quote }}, type: InternalIP}
- {address: {{ NodeName | Quote }}, type: Hostname}
allocatable: {cpu: "8", memory: 32Gi, pods: "110", ephemeral-storage: 100Gi}
capacity: {cpu: "8", memory: 32Gi, pods: "110", ephemeral-storage: 100Gi}
nodeInfo: {architecture: amd64, operatingSystem: linux, kubeletVersion: fake, kubeProxyVersion: fake, containerRuntimeVersion: "fake://0", kernelVersion: fake, osImage: fake, machineID: "", systemUUID: "", bootID: ""}
daemonEndpoints: {kubeletEndpoint: {Port: {{ NodePort }}}}
phase: Running
`

// conditions of a pod; those of readiness gates are met where the pod is ready.
func conditions(isInitialized, isReady bool) string {
	var text strings.Builder
	text.WriteString("conditions:\n")
	write := func(kind string, holds bool, reason string) {
		state := `status: "True"`
		if !holds {
			state = `status: "False", reason: ` + reason
		}
		fmt.Fprintf(&text, "- {lastTransitionTime: {{ $now | Quote }}, type: %s, %s}\n", kind, state)
	}
	write("PodReadyToStartContainers", true, "")
	write("Initialized", isInitialized, "ContainersNotInitialized")
	write("Ready", isReady, "ContainersNotReady")
	write("ContainersReady", isReady, "ContainersNotReady")
	if isReady {
		text.WriteString("{{ range .spec.readinessGates }}\n" +
			"- {lastTransitionTime: {{ $now | Quote }}, type: {{ .conditionType | Quote }}, status: \"True\"}\n{{ end }}\n")
	}
	return text.String()
}

// statuses of all containers, or init containers; the body is that of one.
func statuses(field, list, body string) string {
	return fmt.Sprintf(`%s:
{{ range .spec.%s }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  containerID: {{ printf "fake://%%s" .name | Quote }}
  %s
{{ end }}
`, field, list, strings.ReplaceAll(strings.TrimSpace(body), "\n", "\n  "))
}

func containers(body string) string { return statuses("containerStatuses", "containers", body) }

const crash = `ready: false
restartCount: 3
started: false
state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s restarting failed container}}
lastState: {terminated: {exitCode: 1, reason: Error, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}`

var (
	crashing     = containers(crash)
	initCrashing = statuses("initContainerStatuses", "initContainers", crash)
	// Init containers that always restart are sidecars: they run on.
	initDone = statuses("initContainerStatuses", "initContainers", `restartCount: 0
ready: true
{{ if eq (or .restartPolicy "") "Always" }}
started: true
state: {running: {startedAt: {{ $now | Quote }}}}
{{ else }}
started: false
state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}
{{ end }}`)
)

func live(isReady bool) string {
	return containers(fmt.Sprintf(`ready: %t
restartCount: 0
started: true
state: {running: {startedAt: {{ $now | Quote }}}}`, isReady))
}

func waiting(reason, message string) string {
	return containers(fmt.Sprintf(`ready: false
restartCount: 0
started: false
state: {waiting: {reason: %s, message: %s}}`, reason, message))
}

func ended(code int, reason string) string {
	return containers(fmt.Sprintf(`ready: false
restartCount: 0
started: false
state: {terminated: {exitCode: %d, reason: %s, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}`, code, reason))
}
