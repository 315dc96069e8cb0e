// Takes the place of the C library's allocation functions in a test program and counts their calls, thread by thread.
#include "AllocationCounter.h"

#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// Initial-exec: the ordinary model would allocate on a thread's first access.
static __thread long count __attribute__((tls_model("initial-exec")));

long allocations_of_this_thread(void) { return count; }

#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
// A sanitizer has put its own functions there.
int allocations_are_counted(void) { return 0; }
#else
int allocations_are_counted(void) { return 1; }

void *malloc(size_t size) {
    count++;
    return __libc_malloc(size);
}
void *calloc(size_t number, size_t size) {
    count++;
    return __libc_calloc(number, size);
}
void *realloc(void *old, size_t size) {
    count++;
    return __libc_realloc(old, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    count++;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **place, size_t alignment, size_t size) {
    count++;
    *place = __libc_memalign(alignment, size);
    return *place ? 0 : ENOMEM;
}
#endif
