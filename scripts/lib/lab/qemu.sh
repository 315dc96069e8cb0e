# Debian's Linux 6.12 in QEMU. The kernel's package is unpacked into a cache folder and never installed: this machine does
# not start from it, and none of its scripts run.
# shellcheck shell=bash

qemu_cache=${WEFT_LAB_CACHE:-${HOME:-/root}/.cache/weft}
qemu_series=6.12

# The folder of the newest kernel in the cache, if there is one.
qemu_kernel() { find "$qemu_cache" -maxdepth 1 -name "linux-$qemu_series.*" 2>/dev/null | sort -V | tail -n 1; }

qemu_describe() {
    local folder
    folder=$(qemu_kernel)
    if [[ -n $folder ]]; then
        echo "qemu  ${folder##*/linux-}, in $folder"
    else
        echo "qemu  not there; Debian's linux-image-$qemu_series-amd64 is unpacked into $qemu_cache when it is first used"
    fi
}

qemu_prepare() {
    need_packages qemu-system-x86 busybox-static kmod util-linux xz-utils
    [[ -n $(qemu_kernel) ]] || qemu_fetch
}

# Prints the package that a meta-package stands for today, if that is of our series.
qemu_package() {
    apt-cache depends "linux-image-$qemu_series-amd64" linux-image-amd64 2>/dev/null |
        sed -n "s/^ *Depends: \(linux-image-$qemu_series\.[^ ]*\)$/\1/p" | head -n 1
}

qemu_fetch() {
    local package work version
    package=$(qemu_package)
    if [[ -z $package ]]; then # the package lists are missing or old
        as_root apt-get update -q </dev/null >/dev/null || fail "apt-get update failed"
        package=$(qemu_package)
        [[ -n $package ]] || fail "no package linux-image-$qemu_series-amd64 here"
    fi
    version=${package#linux-image-}
    say "downloading $package, to be unpacked into $qemu_cache"
    mkdir -p "$qemu_cache"
    work=$(mktemp -d "$qemu_cache/unpacking.XXXXXX")
    (
        trap 'rm -rf "$work"' EXIT
        cd "$work"
        apt-get download -q "$package" </dev/null >messages 2>&1 || fail "cannot download $package: $(<messages)"
        dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards '*boot/vmlinuz-*' '*lib/modules/*'
        mkdir -p kernel/lib
        mv boot/vmlinuz-* kernel/vmlinuz
        if [[ -d usr/lib/modules ]]; then mv usr/lib/modules kernel/lib; else mv lib/modules kernel/lib; fi
        # Emulation unpacks slowly: what labs load is unpacked here, once.
        depmod -b kernel "$version"
        qemu_modules kernel "$version" | grep -E '\.xz$' | xargs -r unxz
        depmod -b kernel "$version"
        # Two that do this at once: the second finds that it is done.
        mv -T kernel "$qemu_cache/linux-$version" 2>/dev/null || [[ -d $qemu_cache/linux-$version ]]
    ) || fail "could not make a kernel of $package"
}

# qemu_modules FOLDER VERSION: the files of all modules that are loaded at start, each after those that it needs.
qemu_modules() {
    modprobe -d "$1" -S "$2" -a --show-depends virtio_pci 9pnet_virtio 9p "${guest_modules[@]}" |
        awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# An archive with what it takes to mount the machine's files: a shell, the modules in order, and a script. The other
# modules are in it too, since reading them over 9P takes longer.
qemu_initramfs() {
    local kernel=$1 archive=$run/archive path
    mkdir -p "$archive/bin" "$archive/machine" "$archive/modules"
    cp "$(command -v busybox)" "$archive/bin/busybox"
    cp "$repository/scripts/lib/lab/initramfs" "$archive/init"
    qemu_modules "$kernel" "${kernel##*/linux-}" | while read -r path; do
        cp "$path" "$archive/modules"
        echo "/modules/${path##*/}" >>"$archive/order"
    done
    (cd "$archive" && find . | busybox cpio -o -H newc 2>/dev/null) >"$run/initramfs"
    rm -r "$archive"
}

qemu_command() {
    local kernel
    kernel=$(qemu_kernel)
    qemu_initramfs "$kernel"
    local words=(
        console=ttyS0 quiet panic=-1 "WEFT_LAB_RUN=$run" "WEFT_LAB_MODULES=$kernel/lib/modules"
        "WEFT_LAB_TERMINALS=/dev/ttyS1,/dev/ttyS2"
    )
    # KVM is not used: where it is there at all, it need not work. Serial ports 2 and 3 are the command's output and errors.
    # shellcheck disable=SC2034,SC2154,SC2054 # variables of scripts/lab; commas belong to QEMU's options
    guest_command=(
        qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none
        -machine q35 -accel tcg,thread=multi -cpu max -smp "${cpus:-2}" -m "${memory}M"
        -kernel "$kernel/vmlinuz" -initrd "$run/initramfs" -append "${words[*]}"
        -virtfs "local,path=/,mount_tag=machine,security_model=passthrough,multidevs=remap"
        -chardev stdio,id=console,signal=off -serial chardev:console
        -chardev "file,id=output,path=$run/output" -serial chardev:output
        -chardev "file,id=errors,path=$run/errors" -serial chardev:errors
    )
}
