/* Time. */
#ifndef PX_BASE_CLOCK_H
#define PX_BASE_CLOCK_H

/* Seconds on a clock that never goes back (CLOCK_MONOTONIC). */
double px_now(void);

#endif
