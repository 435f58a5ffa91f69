#!/usr/bin/env bash
# Runs an engine of its own, a Swarm of one node, until standard input ends: when the tests are over, or are killed.
#
# Usage: engine.sh DIR    DIR as tests/debian/prepare.sh made it
#
# Says on stdout `host URL`, `inside PID` (a process in its network) and `ready`, one per line. Networks, mounts and processes are in namespaces of
# their own, and one kill ends them all; only control groups are made outside, and removed.
set -euo pipefail
prepared=$(cd "$1" && pwd)
own=$(mktemp -d "${TMPDIR:-/tmp}/rcompose-engine.XXXXXX")
group=rcompose-${own##*.}
export PATH="$prepared/engine/usr/bin:$prepared/engine/usr/sbin:$PATH" DOCKER_HOST="unix://$own/docker.sock"

stop() {
    local directory
    # The children of a namespace die with its first process.
    [ -z "${outer:-}" ] || { kill -KILL "$outer" && wait "$outer"; } 2>/dev/null || true
    for directory in /sys/fs/cgroup/*/"$group" /sys/fs/cgroup/"$group"; do
        if [ -d "$directory" ]; then find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
    done
    rm -rf "$own"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

# shellcheck disable=SC2016 # expanded inside
unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private bash -c '
    mount --make-rshared /
    mount -t tmpfs -o mode=755 tmpfs /run
    ip link set lo up
    # Something must adopt orphans here, and outlive the daemon by nothing.
    "$@" &
    wait $!
' first dockerd --host "$DOCKER_HOST" --group root --data-root "$own/data" --exec-root "$own/exec" --pidfile "$own/dockerd.pid" \
    --cgroup-parent "/$group" --init-path "$prepared/engine/usr/bin/tini-static" \
    --userland-proxy-path "$prepared/engine/usr/sbin/docker-proxy" >"$own/log" 2>&1 </dev/null &
outer=$!

for _ in $(seq 300); do
    docker version >/dev/null 2>&1 && break
    if ! kill -0 "$outer" 2>/dev/null; then break; fi
    sleep 0.1
done
if ! docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377 >/dev/null; then
    tail -n 20 "$own/log" >&2
    exit 1
fi
printf 'host %s\ninside %s\nready\n' "$DOCKER_HOST" "$(cat "/proc/$outer/task/$outer/children")"
cat >/dev/null
