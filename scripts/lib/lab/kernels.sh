# The kernels that scripts/lab starts. Each has two functions: NAME_prepare installs what is missing, NAME_command sets
# `guest_command`. Sourced after common.sh.
# shellcheck shell=bash

# shellcheck source=scripts/lib/lab/uml.sh
. "$repository/scripts/lib/lab/uml.sh"

kernels_list() {
    uml_describe
}
