#define _GNU_SOURCE
#include "CLinuxNetwork.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int weft_enter_network_namespace(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

int weft_unshare_network_namespace(void) { return unshare(CLONE_NEWNET); }

int weft_is_network_namespace(int descriptor) { return ioctl(descriptor, NS_GET_NSTYPE) == CLONE_NEWNET; }

static int ethtool(int socket, const char *interface, struct ethtool_value *value) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    if (strlen(interface) >= sizeof request.ifr_name) {
        errno = ENODEV;
        return -1;
    }
    memcpy(request.ifr_name, interface, strlen(interface));
    request.ifr_data = (void *)value;
    return ioctl(socket, SIOCETHTOOL, &request);
}

int weft_ethtool_get(int socket, const char *interface, uint32_t command, uint32_t *value) {
    struct ethtool_value request = {.cmd = command, .data = 0};
    int result = ethtool(socket, interface, &request);
    if (result == 0) *value = request.data;
    return result;
}

int weft_ethtool_set(int socket, const char *interface, uint32_t command, uint32_t value) {
    struct ethtool_value request = {.cmd = command, .data = value};
    return ethtool(socket, interface, &request);
}

int weft_open_packet_socket(void) { return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); }

long weft_send_frame(int packet_socket, int interface_index, const void *frame, size_t length) {
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = interface_index};
    return sendto(packet_socket, frame, length, 0, (struct sockaddr *)&to, sizeof to);
}
