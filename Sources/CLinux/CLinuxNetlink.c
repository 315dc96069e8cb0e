#define _GNU_SOURCE
#include "CLinuxNetlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

enum { batch_limit = 64 };

int weft_receive_netlink(int socket, struct weft_netlink_datagram *datagrams, int count) {
    struct mmsghdr headers[batch_limit];
    struct iovec pieces[batch_limit];
    struct sockaddr_nl senders[batch_limit];
    if (count > batch_limit) count = batch_limit;
    for (int i = 0; i < count; i++) {
        pieces[i] = (struct iovec){.iov_base = datagrams[i].base, .iov_len = datagrams[i].capacity};
        headers[i].msg_hdr = (struct msghdr){
            .msg_name = &senders[i],
            .msg_namelen = sizeof senders[i],
            .msg_iov = &pieces[i],
            .msg_iovlen = 1,
        };
    }
    int received = recvmmsg(socket, headers, (unsigned)count, MSG_DONTWAIT, NULL);
    if (received < 0) return -errno;
    for (int i = 0; i < received; i++) {
        datagrams[i].length = headers[i].msg_len;
        datagrams[i].sender = senders[i].nl_pid;
        datagrams[i].truncated = headers[i].msg_hdr.msg_flags & MSG_TRUNC;
    }
    return received;
}

int weft_dropped_datagrams(int socket, uint32_t *drops) {
    uint32_t words[SK_MEMINFO_VARS];
    socklen_t length = sizeof words;
    memset(words, 0, sizeof words);
    if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, words, &length) != 0) return -errno;
    if (length <= SK_MEMINFO_DROPS * sizeof words[0]) return -ENOPROTOOPT;
    *drops = words[SK_MEMINFO_DROPS];
    return 0;
}

int weft_set_receive_buffer(int socket, int bytes) {
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0 &&
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) != 0)
        return -errno;
    int got = 0;
    socklen_t length = sizeof got;
    if (getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &got, &length) != 0) return -errno;
    return got;
}
