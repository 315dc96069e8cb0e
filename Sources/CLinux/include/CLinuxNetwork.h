#ifndef WEFT_CLINUX_NETWORK_H
#define WEFT_CLINUX_NETWORK_H

// What network namespaces and interfaces need and Swift's Glibc module does not show. Each call returns what the system
// call returns, -1 with errno set on failure. No header here may define _GNU_SOURCE: modules would then disagree.

#include <stddef.h>
#include <stdint.h>

/// setns(2) for the calling thread; Glibc shows it only with _GNU_SOURCE.
int weft_enter_network_namespace(int descriptor);

/// unshare(CLONE_NEWNET) for the calling thread; Glibc shows it only with _GNU_SOURCE.
int weft_unshare_network_namespace(void);

/// 1 if the open file is a network namespace, 0 if it is something else (NS_GET_NSTYPE of linux/nsfs.h is a macro).
int weft_is_network_namespace(int descriptor);

/// An ethtool command that reads one 32-bit value (SIOCETHTOOL, struct ethtool_value); ifreq holds a union of pointers.
int weft_ethtool_get(int socket, const char *interface, uint32_t command, uint32_t *value);

/// An ethtool command that writes one 32-bit value.
int weft_ethtool_set(int socket, const char *interface, uint32_t command, uint32_t value);

/// Opens a raw packet socket that receives nothing (protocol 0); sockaddr_ll is not in Swift's Glibc module.
int weft_open_packet_socket(void);

/// Sends one whole Ethernet frame out of the interface with this index.
long weft_send_frame(int packet_socket, int interface_index, const void *frame, size_t length);

#endif
