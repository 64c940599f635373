/* clock.h: wall time. */
#ifndef SPEIG_SRC_BASE_CLOCK_H
#define SPEIG_SRC_BASE_CLOCK_H

/* Seconds of a monotonic clock. */
double clock_seconds(void);

#endif
