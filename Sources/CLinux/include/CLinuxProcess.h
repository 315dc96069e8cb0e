#ifndef WEFT_CLINUX_PROCESS_H
#define WEFT_CLINUX_PROCESS_H

/// Sets IFF_UP on `lo` of the calling thread's network namespace: -1 with errno set on failure. Swift shows the fields
/// of struct ifreq, a union of unions, under unstable names.
int weft_bring_loopback_up(void);

#endif
