// The custom resource definitions that a bed loads. A module of its own, without code: what Gateway API asks for would raise
// versions below the server, which is to run with exactly those of its release.
module rcompose.test/cluster/definitions

go 1.26.0

require sigs.k8s.io/gateway-api v1.6.3
