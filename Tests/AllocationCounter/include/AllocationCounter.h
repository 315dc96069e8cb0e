#ifndef WEFT_ALLOCATION_COUNTER_H
#define WEFT_ALLOCATION_COUNTER_H

/// How often the calling thread has asked for memory since it started.
long allocations_of_this_thread(void);

#endif
