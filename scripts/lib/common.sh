# Shared by the scripts: messages, waiting, packages, builds. Sourced, never run.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '== %s\n' "$*"; }
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# wait_until SECONDS WHAT COMMAND...: runs the command until it succeeds, or says that it never did.
wait_until() {
    local seconds=$1 what=$2 deadline
    shift 2
    deadline=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        if ((SECONDS >= deadline)); then
            printf '%s: not within %s s: %s\n' "${0##*/}" "$seconds" "$what" >&2
            return 1
        fi
        read -r -t 0.05 <> <(:) || : # a pause that starts no program
    done
}

# clean_up_with FUNCTION: calls it at the end, whatever ends the script. A second Ctrl-C, or a signal that comes to the
# script and to its group, must not end what the first one began.
clean_up_with() {
    trap "$1" EXIT
    trap "trap '' INT TERM; exit 130" INT
    trap "trap '' INT TERM; exit 143" TERM
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root for: $* (run it as root, or install sudo)"
    fi
}

# need_packages PACKAGE...: installs the Debian packages that are missing, and asks for nothing if none is.
need_packages() {
    local package missing=()
    command -v dpkg-query >/dev/null || fail "no dpkg here: install what corresponds to these Debian packages: $*"
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    say "installing ${missing[*]}"
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends)
    # The package lists of a fresh image are missing or old: then update once and try again.
    as_root "${install[@]}" "${missing[@]}" </dev/null >/dev/null 2>&1 && return 0
    as_root apt-get update -q </dev/null >/dev/null || fail "apt-get update failed"
    as_root "${install[@]}" "${missing[@]}" </dev/null || fail "could not install ${missing[*]}"
}

build_packages=(libsodium-dev libnl-genl-3-dev libmnl-dev libsqlite3-dev pkg-config)
lab_packages=(iproute2 iputils-ping iperf3 ethtool nftables iptables procps python3)

need_swift() {
    command -v swift >/dev/null || fail "no swift in PATH: install Swift 6.3 (https://www.swift.org/install/linux/)"
}

# build_programs CONFIGURATION: builds both programs and sets `programs` to the folder that holds them. A release has
# Swift's libraries in it: it runs where no Swift is, and needs less memory.
build_programs() {
    local configuration=$1
    need_swift
    say "building weftd and weft ($configuration); the first time takes minutes"
    local options=(-c "$configuration")
    [[ $configuration != release ]] || options+=(--static-swift-stdlib -Xlinker --gc-sections)
    (cd "$repository" && swift build "${options[@]}" --product weftd && swift build "${options[@]}" --product weft)
    programs=$(cd "$repository" && swift build "${options[@]}" --show-bin-path)
}
