#ifndef WEFT_CLINUX_NETLINK_H
#define WEFT_CLINUX_NETLINK_H

// What netlink in batches needs and Swift's Glibc module does not show: struct mmsghdr, and options whose constants are
// macros of headers that it leaves out. Calls return the system call's result, or -errno. No header here may define
// _GNU_SOURCE: modules would then disagree.

#include <stdint.h>

/// One received netlink datagram.
struct weft_netlink_datagram {
    void *base;          // where it goes
    uint32_t capacity;   // bytes at base
    uint32_t length;     // out: bytes received
    uint32_t sender;     // out: the sending port; 0 is the kernel
    uint32_t truncated;  // out: not 0 if it did not fit
};

/// recvmmsg(2) without waiting, at most 64 datagrams. Returns their number or -errno.
int weft_receive_netlink(int socket, struct weft_netlink_datagram *datagrams, int count);

/// How many datagrams the kernel dropped because the socket's buffer was full (SO_MEMINFO). 0 or -errno.
int weft_dropped_datagrams(int socket, uint32_t *drops);

/// Sets the receive buffer: SO_RCVBUFFORCE, and SO_RCVBUF where that is not allowed. Returns what the kernel made of it
/// (twice the wish, for its own overhead) or -errno.
int weft_set_receive_buffer(int socket, int bytes);

#endif
