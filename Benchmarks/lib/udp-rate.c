/* A paced UDP sender and a counting receiver of 64-byte datagrams.
 *   udp-rate receive PORT IDLE_MS          counts until nothing came for IDLE_MS after the first; prints the count
 *   udp-rate send ADDRESS PORT RATE MS     prints how many it sent
 * The pace is kept in small batches, so that the sender leaves most of its processor to the router. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { size = 64, batch = 64 };
static char bytes[batch][size];
static struct iovec parts[batch];
static struct mmsghdr messages[batch];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static int fail(const char *what) {
    perror(what);
    return 1;
}

int main(int count, char **words) {
    for (int i = 0; i < batch; i++) {
        parts[i] = (struct iovec){bytes[i], size};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    int receives = count == 4 && !strcmp(words[1], "receive");
    if (!receives && !(count == 6 && !strcmp(words[1], "send"))) return 2;
    int socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), space = 8 << 20;
    if (socket_ < 0) return fail("socket");
    setsockopt(socket_, SOL_SOCKET, receives ? SO_RCVBUFFORCE : SO_SNDBUFFORCE, &space, sizeof space);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[receives ? 2 : 3]))};
    if (receives) {
        if (bind(socket_, (struct sockaddr *)&address, sizeof address)) return fail("bind");
        long total = 0;
        for (;;) {
            struct pollfd wait = {socket_, POLLIN, 0};
            if (poll(&wait, 1, total ? atoi(words[3]) : 20000) <= 0) break;
            int got = recvmmsg(socket_, messages, batch, MSG_DONTWAIT, NULL);
            if (got > 0) total += got;
        }
        printf("%ld\n", total);
        return 0;
    }
    if (inet_pton(AF_INET, words[2], &address.sin_addr) != 1) return 2;
    if (connect(socket_, (struct sockaddr *)&address, sizeof address)) return fail("connect");
    double rate = atof(words[4]), start = now(), end = start + atof(words[5]) / 1000;
    long sent = 0;
    for (double moment; (moment = now()) < end;) {
        long due = (long)((moment - start) * rate) - sent;
        if (due < 16) {
            nanosleep(&(struct timespec){0, 50000}, NULL);
            continue;
        }
        int done = sendmmsg(socket_, messages, due > batch ? batch : (int)due, 0);
        if (done > 0) sent += done;
        else if (errno != ECONNREFUSED && errno != ENOBUFS && errno != EAGAIN) return fail("sendmmsg");
    }
    printf("%ld\n", sent);
    return 0;
}
