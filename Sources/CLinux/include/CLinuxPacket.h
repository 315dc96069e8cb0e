#ifndef WEFT_CLINUX_PACKET_H
#define WEFT_CLINUX_PACKET_H

// What the packet path needs and Swift's Glibc module does not show: batched datagrams (struct mmsghdr and control
// messages), ioctls of a tap (variadic functions are not imported), and atomic access to raw memory. Calls return the
// system call's result, or -errno, so that nothing can overwrite errno on the way. No header here may define
// _GNU_SOURCE: modules would then disagree.

#include <stddef.h>
#include <stdint.h>

/// One received message: a datagram, or several of equal size that the kernel joined (UDP_GRO).
struct weft_received {
    void *base;              // where it goes
    uint32_t capacity;       // bytes at base
    uint32_t length;         // out: bytes received
    uint32_t address;        // out: source address, host order
    uint16_t port;           // out: source port, host order
    uint16_t segment_bytes;  // out: size of each datagram but the last; 0 if it is a single one
    uint32_t truncated;      // out: not 0 if the message did not fit
};

/// recvmmsg(2) without waiting, at most 64 messages. Returns their number or -errno.
int weft_receive_batch(int socket, struct weft_received *messages, int count);

/// Consecutive datagrams to one destination.
struct weft_run {
    const void *base;
    uint32_t bytes;          // of all datagrams
    uint32_t segment_bytes;  // size of each but the last (UDP_SEGMENT); 0: a single datagram
    uint32_t address;        // destination, host order
    uint32_t source;         // source address (IP_PKTINFO), host order; 0: the kernel chooses
    uint16_t port;           // destination, host order
    uint16_t unused;
};

/// sendmmsg(2) of at most 64 runs; with `waits`, until the socket's buffer has room. Returns how many were sent, or
/// -errno of the first.
int weft_send_runs(int socket, const struct weft_run *runs, int count, int waits);

/// A buffer of a gathered write.
struct weft_piece {
    const void *base;
    size_t bytes;
};

/// writev(2); the layout of weft_piece is that of struct iovec. Returns bytes written or -errno.
long weft_write_pieces(int descriptor, const struct weft_piece *pieces, int count);

/// read(2). Returns bytes or -errno.
long weft_read(int descriptor, void *base, size_t bytes);

/// Creates or adopts a tap with virtio-net headers (TUNSETIFF: IFF_TAP, IFF_NO_PI, IFF_VNET_HDR), nonblocking.
/// Returns the descriptor or -errno.
int weft_open_tap(const char *name);
/// TUNSETPERSIST: the device outlives the descriptor. 0 or -errno.
int weft_tap_set_persistent(int descriptor, int persistent);
/// TUNSETOFFLOAD with TUN_F_ bits. 0 or -errno.
int weft_tap_set_offloads(int descriptor, unsigned offloads);
/// TUNSETVNETHDRSZ. 0 or -errno.
int weft_tap_set_header_bytes(int descriptor, int bytes);

/// UDP socket of IPv4, close-on-exec. Returns the descriptor or -errno.
int weft_udp_socket(void);
/// setsockopt(2) with an int. 0 or -errno.
int weft_set_option(int socket, int level, int option, int value);
/// getsockopt(2) of an int. 0 or -errno.
int weft_get_option(int socket, int level, int option, int *value);
/// bind(2), address and port in host order. 0 or -errno.
int weft_bind(int socket, uint32_t address, uint16_t port);
/// The port a socket is bound to, host order, or -errno.
int weft_bound_port(int socket);
/// SO_ATTACH_REUSEPORT_CBPF "return 0": the first socket of the group receives everything. 0 or -errno.
int weft_receive_at_first(int socket);
/// The kernel's path MTU towards an address (a connected, closed again UDP socket and IP_MTU), or -errno.
int weft_path_mtu(uint32_t address);

/// AF_PACKET socket on an interface, with virtio-net headers, own frames ignored, nonblocking. Descriptor or -errno.
int weft_open_packet_port(const char *interface);
/// Whether the interface of a packet socket is no more: it went down before, and only that is reported.
int weft_packet_port_gone(int descriptor);
/// Reads one frame behind its virtio-net header; puts back a VLAN tag that the kernel took out of the data.
/// `capacity` must leave four bytes for it. Returns bytes or -errno.
long weft_read_packet(int descriptor, void *base, size_t capacity);

/// Opens libpcap on an interface: the library is loaded only now. NULL with the reason in *error: an errno, ENOENT if
/// the library is not there, EIO if it refuses the interface.
void *weft_open_pcap(const char *interface, int *error);
/// A descriptor to wait on, owned by the handle; negative if there is none.
int weft_pcap_descriptor(void *handle);
/// Reads one frame behind ten zero bytes in the place of a virtio-net header. Returns bytes or -errno.
long weft_read_pcap(void *handle, void *base, size_t capacity);
/// Writes a frame whose first ten bytes are such a header, at most 16 pieces. Returns bytes or -errno.
long weft_write_pcap(void *handle, const struct weft_piece *pieces, int count);
void weft_close_pcap(void *handle);

/// Waits for one of at most three descriptors to become readable (poll(2)); negative ones are left out.
/// Returns a bit for each that is, bits 4 to 6 for errors, 0 after the timeout, or -errno.
int weft_wait(int first, int second, int third, int timeout_milliseconds);

/// Waits until a socket's buffer has room (poll(2) for POLLOUT). 1 if it has, 0 after the timeout, or -errno.
int weft_wait_for_room(int socket, int timeout_milliseconds);

/// An eventfd, nonblocking. Descriptor or -errno.
int weft_event(void);
/// Adds one to an eventfd.
void weft_signal_event(int descriptor);
/// Sets an eventfd back to zero.
void weft_clear_event(int descriptor);

/// The monotonic clock, nanoseconds.
int64_t weft_now(void);

/// Zeroed memory of its own mapping; with `secret` it is locked and left out of core dumps where the kernel allows.
void *weft_map(size_t bytes, int secret);
/// Zeroes if `secret`, and unmaps.
void weft_unmap(void *base, size_t bytes, int secret);
/// Zeroes memory in a way that the compiler keeps.
void weft_wipe(void *base, size_t bytes);

/// Starts a thread with all signals blocked. 0 or an errno.
int weft_start_thread(unsigned long *thread, const char *name, void *(*body)(void *), void *context);
/// Waits for a thread to end.
void weft_join_thread(unsigned long thread);

// Atomic access to words of raw memory: Swift's Atomic cannot be laid over memory that other code shares.
static inline uint64_t weft_load(const void *word) { return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE); }
static inline void weft_store(void *word, uint64_t value) { __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE); }
static inline uint64_t weft_load_relaxed(const void *word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_RELAXED);
}
static inline void weft_store_relaxed(void *word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELAXED);
}
/// In one total order with other ordered accesses: epochs need it.
static inline void weft_store_ordered(void *word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_SEQ_CST);
}
static inline uint64_t weft_load_ordered(const void *word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_SEQ_CST);
}
static inline uint64_t weft_exchange(void *word, uint64_t value) {
    return __atomic_exchange_n((uint64_t *)word, value, __ATOMIC_SEQ_CST);
}
static inline uint64_t weft_add(void *word, uint64_t value) {
    return __atomic_fetch_add((uint64_t *)word, value, __ATOMIC_RELAXED);
}
static inline int weft_compare_exchange(void *word, uint64_t expected, uint64_t desired) {
    return __atomic_compare_exchange_n((uint64_t *)word, &expected, desired, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

#endif
