#define _GNU_SOURCE
#include "CLinuxPacket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

enum { receive_limit = 64, send_limit = 64 };

static long checked(long result) { return result < 0 ? -errno : result; }

int weft_receive_batch(int socket, struct weft_received *messages, int count) {
    struct mmsghdr headers[receive_limit];
    struct iovec pieces[receive_limit];
    struct sockaddr_in sources[receive_limit];
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control[receive_limit];
    if (count > receive_limit) count = receive_limit;
    for (int i = 0; i < count; i++) {
        pieces[i] = (struct iovec){messages[i].base, messages[i].capacity};
        headers[i].msg_hdr = (struct msghdr){
            .msg_name = &sources[i],
            .msg_namelen = sizeof sources[i],
            .msg_iov = &pieces[i],
            .msg_iovlen = 1,
            .msg_control = control[i].bytes,
            .msg_controllen = sizeof control[i].bytes,
        };
    }
    int got;
    do got = recvmmsg(socket, headers, (unsigned)count, MSG_DONTWAIT, NULL);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    for (int i = 0; i < got; i++) {
        struct weft_received *message = &messages[i];
        message->length = headers[i].msg_len;
        message->address = ntohl(sources[i].sin_addr.s_addr);
        message->port = ntohs(sources[i].sin_port);
        message->segment_bytes = 0;
        message->truncated = headers[i].msg_hdr.msg_flags & MSG_TRUNC;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&headers[i].msg_hdr); c; c = CMSG_NXTHDR(&headers[i].msg_hdr, c)) {
            if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
                int size;
                memcpy(&size, CMSG_DATA(c), sizeof size);
                message->segment_bytes = (uint16_t)size;
            }
        }
    }
    return got;
}

int weft_send_runs(int socket, const struct weft_run *runs, int count, int waits) {
    struct mmsghdr headers[send_limit];
    struct iovec pieces[send_limit];
    struct sockaddr_in destinations[send_limit];
    union {
        char bytes[CMSG_SPACE(sizeof(uint16_t)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
        struct cmsghdr align;
    } control[send_limit];
    if (count > send_limit) count = send_limit;
    for (int i = 0; i < count; i++) {
        const struct weft_run *run = &runs[i];
        pieces[i] = (struct iovec){(void *)run->base, run->bytes};
        destinations[i] = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_port = htons(run->port), .sin_addr.s_addr = htonl(run->address)};
        struct msghdr *header = &headers[i].msg_hdr;
        *header = (struct msghdr){
            .msg_name = &destinations[i],
            .msg_namelen = sizeof destinations[i],
            .msg_iov = &pieces[i],
            .msg_iovlen = 1,
        };
        size_t used = 0;
        if (run->segment_bytes != 0 && run->segment_bytes < run->bytes) {
            struct cmsghdr *c = (struct cmsghdr *)(control[i].bytes + used);
            *c = (struct cmsghdr){
                .cmsg_len = CMSG_LEN(sizeof(uint16_t)), .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT};
            uint16_t size = (uint16_t)run->segment_bytes;
            memcpy(CMSG_DATA(c), &size, sizeof size);
            used += CMSG_SPACE(sizeof(uint16_t));
        }
        if (run->source != 0) {
            struct cmsghdr *c = (struct cmsghdr *)(control[i].bytes + used);
            *c = (struct cmsghdr){
                .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
            struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(run->source)};
            memcpy(CMSG_DATA(c), &info, sizeof info);
            used += CMSG_SPACE(sizeof(struct in_pktinfo));
        }
        if (used > 0) {
            header->msg_control = control[i].bytes;
            header->msg_controllen = used;
        }
    }
    int sent;
    do sent = sendmmsg(socket, headers, (unsigned)count, waits ? MSG_NOSIGNAL : MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

_Static_assert(sizeof(struct weft_piece) == sizeof(struct iovec), "a piece is an iovec");
_Static_assert(offsetof(struct weft_piece, bytes) == offsetof(struct iovec, iov_len), "a piece is an iovec");

long weft_write_pieces(int descriptor, const struct weft_piece *pieces, int count) {
    return checked(writev(descriptor, (const struct iovec *)pieces, count));
}

long weft_read(int descriptor, void *base, size_t bytes) { return checked(read(descriptor, base, bytes)); }

static int copy_name(struct ifreq *request, const char *name) {
    memset(request, 0, sizeof *request);
    if (strlen(name) >= sizeof request->ifr_name) return -ENAMETOOLONG;
    memcpy(request->ifr_name, name, strlen(name));
    return 0;
}

int weft_open_tap(const char *name) {
    struct ifreq request;
    if (copy_name(&request, name) < 0) return -ENAMETOOLONG;
    int descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return -errno;
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    if (ioctl(descriptor, TUNSETIFF, &request) < 0) {
        int reason = errno;
        close(descriptor);
        return -reason;
    }
    return descriptor;
}

int weft_tap_set_persistent(int descriptor, int persistent) {
    return (int)checked(ioctl(descriptor, TUNSETPERSIST, persistent));
}

int weft_tap_set_offloads(int descriptor, unsigned offloads) {
    return (int)checked(ioctl(descriptor, TUNSETOFFLOAD, offloads));
}

int weft_tap_set_header_bytes(int descriptor, int bytes) {
    return (int)checked(ioctl(descriptor, TUNSETVNETHDRSZ, &bytes));
}

int weft_udp_socket(void) { return (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }

int weft_set_option(int socket, int level, int option, int value) {
    return (int)checked(setsockopt(socket, level, option, &value, sizeof value));
}

int weft_get_option(int socket, int level, int option, int *value) {
    socklen_t size = sizeof *value;
    return (int)checked(getsockopt(socket, level, option, value, &size));
}

int weft_bind(int socket, uint32_t address, uint16_t port) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
    return (int)checked(bind(socket, (struct sockaddr *)&own, sizeof own));
}

int weft_bound_port(int socket) {
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    if (getsockname(socket, (struct sockaddr *)&own, &size) < 0) return -errno;
    return ntohs(own.sin_port);
}

int weft_receive_at_first(int socket) {
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {.len = 1, .filter = code};
    return (int)checked(setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program));
}

int weft_path_mtu(uint32_t address) {
    int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return -errno;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(6783), .sin_addr.s_addr = htonl(address)};
    int mtu = 0;
    socklen_t size = sizeof mtu;
    int result = connect(probe, (struct sockaddr *)&to, sizeof to);
    if (result == 0) result = getsockopt(probe, IPPROTO_IP, IP_MTU, &mtu, &size);
    if (result < 0) mtu = -errno;
    close(probe);
    return mtu;
}

int weft_open_packet_port(const char *interface) {
    int index = (int)if_nametoindex(interface);
    if (index == 0) return -ENODEV;
    int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int yes = 1, buffer = 4 << 20;
    struct packet_mreq everything = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
    struct sockaddr_ll own = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
    if (setsockopt(descriptor, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) < 0 ||
        setsockopt(descriptor, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) < 0 ||
        setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) < 0 ||
        setsockopt(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &everything, sizeof everything) < 0 ||
        bind(descriptor, (struct sockaddr *)&own, sizeof own) < 0) {
        int reason = errno;
        close(descriptor);
        return -reason;
    }
    // Larger than net.core.rmem_max where we may; the default is too small for bursts of super-frames.
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0)
        (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    return descriptor;
}

int weft_packet_port_gone(int descriptor) {
    struct sockaddr_ll own;
    socklen_t size = sizeof own;
    // The kernel unbinds the socket when the interface is unregistered.
    return getsockname(descriptor, (struct sockaddr *)&own, &size) < 0 || own.sll_ifindex <= 0;
}

long weft_read_packet(int descriptor, void *base, size_t capacity) {
    enum { header = sizeof(struct virtio_net_hdr), tag_at = header + 12 };
    union {
        char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        struct cmsghdr align;
    } control;
    struct iovec piece = {base, capacity - 4};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    long length = recvmsg(descriptor, &message, 0);
    if (length < 0) return -errno;
    if (message.msg_flags & MSG_TRUNC) return -EMSGSIZE;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA) continue;
        struct tpacket_auxdata facts;
        memcpy(&facts, CMSG_DATA(c), sizeof facts);
        if (!(facts.tp_status & TP_STATUS_VLAN_VALID) || length < tag_at) continue;
        uint16_t kind = facts.tp_status & TP_STATUS_VLAN_TPID_VALID ? facts.tp_vlan_tpid : ETH_P_8021Q;
        uint16_t tag[2] = {htons(kind), htons(facts.tp_vlan_tci)};
        char *at = (char *)base + tag_at;
        memmove(at + sizeof tag, at, (size_t)(length - tag_at));
        memcpy(at, tag, sizeof tag);
        length += (long)sizeof tag;
        struct virtio_net_hdr *facts_of_frame = base;
        if (facts_of_frame->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
            facts_of_frame->csum_start = (uint16_t)(facts_of_frame->csum_start + sizeof tag);
    }
    return length;
}

int weft_wait(int first, int second, int third, int timeout_milliseconds) {
    struct pollfd descriptors[3] = {
        {.fd = first, .events = POLLIN}, {.fd = second, .events = POLLIN}, {.fd = third, .events = POLLIN}};
    int ready = poll(descriptors, 3, timeout_milliseconds);
    if (ready < 0) return errno == EINTR ? 0 : -errno;
    int bits = 0;
    for (int i = 0; i < 3; i++) {
        if (descriptors[i].revents & POLLIN) bits |= 1 << i;
        if (descriptors[i].revents & (POLLERR | POLLHUP | POLLNVAL)) bits |= 16 << i;
    }
    return bits;
}

int weft_wait_for_room(int socket, int timeout_milliseconds) {
    struct pollfd descriptor = {.fd = socket, .events = POLLOUT};
    int ready = poll(&descriptor, 1, timeout_milliseconds);
    if (ready < 0) return errno == EINTR ? 0 : -errno;
    return (descriptor.revents & POLLOUT) != 0;
}

int weft_event(void) { return (int)checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

void weft_signal_event(int descriptor) {
    // The counter cannot overflow in practice; a full one wakes the reader just as well.
    (void)!eventfd_write(descriptor, 1);
}

void weft_clear_event(int descriptor) {
    eventfd_t value;
    (void)!eventfd_read(descriptor, &value);
}

int64_t weft_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

void *weft_map(size_t bytes, int secret) {
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    if (secret) {
        // Both are precautions: without the right to lock memory the daemon still works.
        (void)mlock(base, bytes);
        (void)madvise(base, bytes, MADV_DONTDUMP);
    } else {
        (void)madvise(base, bytes, MADV_NOHUGEPAGE);
    }
    return base;
}

void weft_wipe(void *base, size_t bytes) { explicit_bzero(base, bytes); }

void weft_unmap(void *base, size_t bytes, int secret) {
    if (secret) weft_wipe(base, bytes);
    munmap(base, bytes);
}

int weft_start_thread(unsigned long *thread, const char *name, void *(*body)(void *), void *context) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t started;
    int result = pthread_create(&started, &attributes, body, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (result != 0) return result;
    pthread_setname_np(started, name);
    *thread = started;
    return 0;
}

void weft_join_thread(unsigned long thread) { pthread_join(thread, NULL); }
