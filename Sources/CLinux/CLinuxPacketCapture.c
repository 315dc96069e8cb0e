#include "CLinuxPacket.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

// libpcap's interface as far as it is used, from pcap(3PCAP); its header is not needed to build.
struct pcap_header {
    struct timeval time;
    uint32_t captured, length;
};
struct pcap_library {
    void *library, *capture;
    int (*next)(void *, struct pcap_header **, const unsigned char **);
    int (*inject)(void *, const void *, size_t);
    int (*descriptor)(void *);
    void (*close)(void *);
};

static void *opened(struct pcap_library *self, const char *interface) {
    char message[256];
    void *(*create)(const char *, char *) = dlsym(self->library, "pcap_create");
    int (*snapshot)(void *, int) = dlsym(self->library, "pcap_set_snaplen");
    int (*promiscuous)(void *, int) = dlsym(self->library, "pcap_set_promisc");
    int (*immediate)(void *, int) = dlsym(self->library, "pcap_set_immediate_mode");
    int (*buffer)(void *, int) = dlsym(self->library, "pcap_set_buffer_size");
    int (*activate)(void *) = dlsym(self->library, "pcap_activate");
    int (*nonblocking)(void *, int, char *) = dlsym(self->library, "pcap_setnonblock");
    int (*direction)(void *, int) = dlsym(self->library, "pcap_setdirection");
    self->next = dlsym(self->library, "pcap_next_ex");
    self->inject = dlsym(self->library, "pcap_inject");
    self->descriptor = dlsym(self->library, "pcap_get_selectable_fd");
    self->close = dlsym(self->library, "pcap_close");
    if (!create || !snapshot || !promiscuous || !immediate || !buffer || !activate || !nonblocking || !direction ||
        !self->next || !self->inject || !self->descriptor || !self->close)
        return NULL;
    void *capture = create(interface, message);
    if (!capture) return NULL;
    // Direction 1 is PCAP_D_IN: what we inject is not captured.
    if (snapshot(capture, 65535) || promiscuous(capture, 1) || immediate(capture, 1) || buffer(capture, 4 << 20) ||
        activate(capture) < 0 || nonblocking(capture, 1, message) || direction(capture, 1)) {
        self->close(capture);
        return NULL;
    }
    return capture;
}

void *weft_open_pcap(const char *interface, int *error) {
    struct pcap_library *self = calloc(1, sizeof *self);
    *error = ENOMEM;
    if (!self) return NULL;
    self->library = dlopen("libpcap.so.0.8", RTLD_NOW | RTLD_LOCAL);
    if (!self->library) self->library = dlopen("libpcap.so.1", RTLD_NOW | RTLD_LOCAL);
    *error = self->library ? EIO : ENOENT;
    if (self->library) self->capture = opened(self, interface);
    if (self->capture) return self;
    if (self->library) dlclose(self->library);
    free(self);
    return NULL;
}

int weft_pcap_descriptor(void *handle) {
    struct pcap_library *self = handle;
    return self->descriptor(self->capture);
}

enum { virtio_bytes = sizeof(struct virtio_net_hdr) };

long weft_read_pcap(void *handle, void *base, size_t capacity) {
    struct pcap_library *self = handle;
    struct pcap_header *header;
    const unsigned char *bytes;
    int result = self->next(self->capture, &header, &bytes);
    if (result == 0) return -EAGAIN;
    if (result != 1) return -EIO;
    // Cut short or too long for the buffer: as if it had not been there, the caller counts it as malformed.
    if (header->captured != header->length || header->captured > capacity - virtio_bytes) return virtio_bytes;
    memset(base, 0, virtio_bytes);
    memcpy((char *)base + virtio_bytes, bytes, header->captured);
    return virtio_bytes + (long)header->captured;
}

long weft_write_pcap(void *handle, const struct weft_piece *pieces, int count) {
    struct pcap_library *self = handle;
    char frame[virtio_bytes + 65536];
    size_t used = 0;
    for (int i = 0; i < count; i++) {
        if (pieces[i].bytes > sizeof frame - used) return -EMSGSIZE;
        memcpy(frame + used, pieces[i].base, pieces[i].bytes);
        used += pieces[i].bytes;
    }
    if (used < virtio_bytes) return -EINVAL;
    int sent = self->inject(self->capture, frame + virtio_bytes, used - virtio_bytes);
    return sent < 0 ? -EIO : sent;
}

void weft_close_pcap(void *handle) {
    struct pcap_library *self = handle;
    self->close(self->capture);
    dlclose(self->library);
    free(self);
}
