/* Messages to the log callback of the thread's context. Cheap when nobody listens: the text is then not formatted. */
#ifndef PX_BASE_LOG_H
#define PX_BASE_LOG_H

#include "base/error.h"
#include "pixcl/context.h"

void px_log(pixcl_log_level level, const char *format, ...) PX_PRINTF(2, 3);

/* For contexts. */
typedef struct px_log_queue px_log_queue;
px_log_queue *px_log_create(pixcl_error *err);
void px_log_destroy(px_log_queue *log);

#endif
