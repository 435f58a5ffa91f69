#!/bin/sh
# Fetches Docker Compose of Debian's newest suite, installs nothing, and prints the path of the program.
# Usage: RCOMPOSE_DOCKER_COMPOSE=$(tests/fetch_docker_compose.sh DIRECTORY) cargo test --test oracle
set -eu
mkdir -p "$1"
cd "$1"
program=$PWD/root/usr/libexec/docker/cli-plugins/docker-compose
if [ ! -x "$program" ]; then
    mkdir -p lists/partial cache/archives/partial
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | head -n 1)
    echo "deb [trusted=yes] $mirror sid main" > sources.list
    # A state of its own: the machine's own sources stay as they are.
    set -- -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$PWD/lists" \
        -o Dir::Cache="$PWD/cache" -o APT::Sandbox::User=root
    apt-get "$@" update >&2
    apt-get "$@" download docker-compose >&2
    dpkg -x docker-compose_*.deb root
fi
echo "$program"
