#ifndef WEFT_ALLOCATION_COUNTER_H
#define WEFT_ALLOCATION_COUNTER_H

/// How often the calling thread has asked for memory since it started.
long allocations_of_this_thread(void);

/// 0 in a build with a sanitizer, which counts nothing.
int allocations_are_counted(void);

#endif
