# The kernels that scripts/lab starts. Each has functions: NAME_prepare installs what is missing, NAME_command sets
# `guest_command`, NAME_describe prints a line. Sourced after common.sh.
# shellcheck shell=bash disable=SC2154 # `repository` is of common.sh

# What is loaded before the command runs; the kernels load more on demand, and `modprobe` works.
guest_modules=(openvswitch vport-vxlan esp4 xfrm-user sch-netem dummy nlmon veth bridge tun cls-bpf)

# shellcheck source=scripts/lib/lab/uml.sh
. "$repository/scripts/lib/lab/uml.sh"
# shellcheck source=scripts/lib/lab/qemu.sh
. "$repository/scripts/lib/lab/qemu.sh"

kernels_list() {
    uml_describe
    qemu_describe
}
