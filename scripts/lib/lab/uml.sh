# User-mode Linux: Debian's package is an ordinary program, and the kernel in it sees this machine's files as its root.
# shellcheck shell=bash

uml_modules=/usr/lib/uml/modules

uml_describe() {
    local version
    version=$(dpkg-query -W -f '${Version}' user-mode-linux 2>/dev/null) || version=
    if [[ -n $version ]]; then
        echo "uml   $(basename "$uml_modules"/*), from the package user-mode-linux $version"
    else
        echo "uml   not installed; the package user-mode-linux is installed when it is first used"
    fi
}

uml_prepare() { need_packages user-mode-linux busybox-static kmod util-linux; }

uml_command() {
    # A file that is the guest's memory: it has to be in memory itself, or all is slow.
    local memory_folder=/dev/shm free
    free=$(df --output=avail --block-size=1M "$memory_folder" 2>/dev/null | tail -n 1) || free=0
    if ((free < memory)) || findmnt -no OPTIONS --target "$memory_folder" | grep -qw noexec; then
        echo "${0##*/}: /dev/shm cannot hold $memory MB of programs: the guest will be slow" >&2
        memory_folder=$run
    fi
    # Terminals 1 and 2 of the guest are the command's output and errors; what the kernel says goes to the console.
    # shellcheck disable=SC2034,SC2154 # set and used by scripts/lab
    guest_command=(
        env "TMPDIR=$memory_folder" linux.uml "mem=${memory}M" rootfstype=hostfs rootflags=/ rw "init=$run/guest"
        "uml_dir=$run" umid=uml con=null "con0=null,fd:1" "con1=null,fd:$output" "con2=null,fd:$errors" quiet
        "WEFT_LAB_RUN=$run" "WEFT_LAB_MODULES=$uml_modules" "WEFT_LAB_TERMINALS=/dev/tty1,/dev/tty2"
    )
}
