# Hosts and containers as network namespaces: one namespace per host and per container, one more with a bridge as the
# underlay. Everything made here is remembered and taken away by `lab_close`, and nothing else. Sourced after common.sh.
# shellcheck shell=bash

lab_prefix= lab_directory= lab_mtu=1500
lab_namespaces=() lab_pids=()

# lab_open NAME [MTU]: the underlay. The process id keeps two runs apart.
lab_open() {
    lab_prefix="weft-$1-$$"
    lab_mtu=${2:-1500}
    lab_directory=$(mktemp -d "${TMPDIR:-/tmp}/$lab_prefix.XXXXXX")
    chmod 700 "$lab_directory"
    lab_namespace net
    ip -n "$lab_prefix-net" link add br0 mtu "$lab_mtu" type bridge
    ip -n "$lab_prefix-net" link set br0 up
}

lab_namespace() {
    lab_namespaces+=("$lab_prefix-$1")
    ip netns add "$lab_prefix-$1"
    ip -n "$lab_prefix-$1" link set lo up
}

# lab_host N: a host with 192.0.2.N on eth0 (TEST-NET-1, RFC 5737).
lab_host() {
    local host="$lab_prefix-host$1"
    lab_namespace "host$1"
    mkdir -p "$lab_directory/host$1"
    ip -n "$host" link add eth0 mtu "$lab_mtu" type veth peer name "port$1" mtu "$lab_mtu" netns "$lab_prefix-net"
    ip -n "$lab_prefix-net" link set "port$1" master br0 up
    ip -n "$host" addr add "192.0.2.$1/24" dev eth0
    ip -n "$host" link set eth0 up
}

# lab_in NAMESPACE COMMAND...: runs it there; `ip` execs, so a background job's pid is the command's.
lab_in() {
    local namespace="$lab_prefix-$1"
    shift
    ip netns exec "$namespace" "$@"
}

# lab_weft N VERB ARGUMENT...: the command of host N, talking to host N's daemon.
lab_weft() {
    local host=$1
    shift
    lab_in "host$host" env WEFT_SOCKET="$lab_directory/host$host/weft.sock" "$programs/weft" "$@"
}

lab_is_alive() {
    local state
    state=$(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) && [[ $state != Z ]]
}

lab_is_over() { ! lab_is_alive "$1"; }

# Ends a process that we started, at first politely.
lab_end_process() {
    lab_is_alive "$1" || return 0
    kill "$1" 2>/dev/null || return 0
    wait_until 3 "process $1 ends after SIGTERM" lab_is_over "$1" 2>/dev/null || kill -9 "$1" 2>/dev/null || :
    wait_until 3 "process $1 ends after SIGKILL" lab_is_over "$1" || :
}

# Takes down what was made, in the reverse order; safe to call at any moment and twice. Fails if something is left.
lab_close() {
    local namespace pid left=0
    [[ -n $lab_prefix ]] || return 0
    for pid in "${lab_pids[@]}"; do lab_end_process "$pid"; done
    for namespace in "${lab_namespaces[@]}"; do
        # Only processes that run in a namespace of ours can be listed here.
        for pid in $(ip netns pids "$namespace" 2>/dev/null); do lab_end_process "$pid"; done
    done
    for namespace in "${lab_namespaces[@]}"; do ip netns del "$namespace" 2>/dev/null || :; done
    rm -rf "$lab_directory"
    if ip netns list | grep -F "$lab_prefix-" >&2; then left=1; fi
    for pid in "${lab_pids[@]}"; do
        if lab_is_alive "$pid"; then
            echo "process $pid is still there" >&2
            left=1
        fi
    done
    lab_prefix= lab_namespaces=() lab_pids=()
    ((left == 0)) || {
        echo "the lab left something behind (above)" >&2
        return 1
    }
}
