#!/usr/bin/env bash
# Fetches from Debian what the tests on real engines need: dockerd and containerd themselves, and the programs that images are made of. No registry of
# images is asked. What is there already is left alone.
#
# Usage: prepare.sh [DIR]    by default DIR lies in the cache, and is named after the state of this script and of files/. It is printed on stdout.
#
#   DIR/engine        dockerd, containerd, plugins of its network and the docker client, unpacked and not installed: their maintainer scripts would
#                     start services
#   DIR/roots/*.tar   one root directory per image
#   DIR/ready         all of it is complete, and which state of this script and of files/ made it
#
# Ends with 3 and the reason on stderr where it cannot work: without root, without namespaces, away from Debian.
set -euo pipefail
script=$(cd "$(dirname "$0")" && pwd)/prepare.sh
files=${script%/*}/files

cannot() {
    printf '%s\n' "$1" >&2
    exit 3
}

[ "$(id -u)" = 0 ] || cannot "not root"
unshare --net --mount --pid --fork true 2>/dev/null || cannot "no namespaces for an engine of its own"
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || cannot "no apt to fetch packages with"

state=$(find "$script" "$files" -type f -exec sha256sum {} + | cut -d ' ' -f 1 | sort | sha256sum | cut -c 1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rcompose/debian
mkdir -p "$cache" "${1:-$cache/$state}"
out=$(cd "${1:-$cache/$state}" && pwd)
work=$out/work

# Two test runs at once fetch it once.
exec 9>"$cache/lock"
flock 9
# What nobody has used for two weeks goes.
touch "$out"
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -rf {} +
if [ "$(cat "$out/ready" 2>/dev/null)" = "$state" ]; then
    printf '%s\n' "$out"
    exit 0
fi

# Installs what must fit the kernel and the libc of this machine.
install_tools() {
    command -v iptables >/dev/null && command -v runc >/dev/null && return
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null 2>&1 || cannot "the package lists cannot be fetched"
    apt-get install -qq --no-install-recommends iptables runc >/dev/null 2>&1 || cannot "iptables and runc cannot be installed"
}

# Unpacks a package into a root, through the links that stand for /bin, /lib and so on.
unpack() {
    dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"
}

# Unpacks the engine. It comes from sid, since the client of Debian 12 has no `stack config`; it asks for libc 2.34 only.
fetch_engine() {
    local mirror options package
    # shellcheck disable=SC2016 # the words of apt, not ours
    mirror=$(apt-get indextargets --format '$(SITE)' | grep '/debian$' | sort -u | head -n 1)
    [ -n "$mirror" ] || cannot "no mirror of Debian among the sources of apt"
    mkdir -p "$work"/sid/{lists,cache/archives}/partial "$out/engine"
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s sid main\n' "$mirror" >"$work/sid/sources.list"
    options=(-qq -o "Dir::Etc::SourceList=$work/sid/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$work/sid/lists" -o "Dir::Cache=$work/sid/cache" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update >/dev/null || cannot "the package lists of sid cannot be fetched"
    (cd "$work/sid" && apt-get "${options[@]}" download docker.io docker-cli containerd tini-static containernetworking-plugins >/dev/null) ||
        cannot "the packages of the engine cannot be fetched"
    for package in "$work"/sid/*.deb; do unpack "$package" "$out/engine"; done
    for package in containerd docker; do
        "$out/engine/usr/bin/$package" --version >/dev/null 2>&1 || cannot "$package of sid does not run on this release"
    done
}

# Unpacks packages, with all that they depend on, into a root. For apt, nothing is installed there yet.
unpack_closure() {
    local root=$1 pool=$work/pool/${1##*/} options package
    shift
    mkdir -p "$pool/partial" "$work/cache"
    : >"$work/nothing-installed"
    options=(-qq -o "Dir::State::Status=$work/nothing-installed" -o "Dir::Cache=$work/cache" -o "Dir::Cache::Archives=$pool"
        -o APT::Sandbox::User=root)
    apt-get "${options[@]}" --yes --no-install-recommends --download-only install "$@" >/dev/null ||
        cannot "packages cannot be fetched: $*"
    for package in "$pool"/*.deb; do
        case ${package##*/} in
            # Wanted by maintainer scripts only, and by a compiler of queries that is as large as all the rest.
            libllvm* | perl* | libperl* | libz3*) ;;
            *) unpack "$package" "$root" ;;
        esac
    done
}

# Makes the root directory of an image from packages, and from files of our own that lie in files/NAME.
root() {
    local name=$1 root=$work/root/$1 directory
    shift
    mkdir -p "$root"/{usr/{bin,sbin,lib,lib64},etc,tmp,proc,sys,dev,run,root,var/tmp}
    chmod 1777 "$root"/tmp "$root"/var/tmp
    for directory in bin sbin lib lib64; do ln -s "usr/$directory" "$root/$directory"; done
    unpack_closure "$root" busybox libc-bin "$@"
    rm -rf "$root"/usr/share/{doc,man,locale,info,lintian,bug}
    # Names that exist already, it leaves alone, and says so.
    chroot "$root" /bin/busybox --install -s 2>/dev/null || true
    # Python asks it where libraries are.
    chroot "$root" /sbin/ldconfig
    # What base-passwd would make.
    printf '%s\n' root:x:0:0::/root:/bin/sh nobody:x:65534:65534::/:/bin/false www-data:x:33:33::/var/www:/bin/false \
        postgres:x:70:70::/var/lib/postgresql:/bin/sh >"$root/etc/passwd"
    printf '%s\n' root:x:0: nogroup:x:65534: www-data:x:33: postgres:x:70: >"$root/etc/group"
    printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >"$root/etc/nsswitch.conf"
    if [ -d "$files/$name" ]; then cp -a "$files/$name/." "$root/"; fi
    mkdir -p "$out/roots"
    tar -C "$root" --numeric-owner --owner=0 --group=0 -cf "$out/roots/$name.tar" .
}

rm -rf "$work" "$out/engine" "$out/roots" "$out/ready"
install_tools
fetch_engine
apt-get update -qq >/dev/null 2>&1 || cannot "the package lists cannot be fetched"
root busybox netcat-openbsd
root curl curl
root python python3 python3-pika python3-psycopg python3-flask python3-flask-sqlalchemy python3-psycopg2 python3-redis python3-requests
root redis redis-server
root nginx nginx-light
root postgres postgresql-15 util-linux
root rabbitmq rabbitmq-server
rm -rf "$work"
printf '%s\n' "$state" >"$out/ready"
printf '%s\n' "$out"
