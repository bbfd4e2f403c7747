/* Threads that work for the context of whoever starts them. */
#ifndef PX_BASE_THREAD_H
#define PX_BASE_THREAD_H

#include <pthread.h>

/* pthread_create() without attributes: 0, or an errno value. */
int px_thread_start(pthread_t *thread, void *(*work)(void *argument), void *argument);

#endif
