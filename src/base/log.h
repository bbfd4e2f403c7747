/* Messages to the callback of pixcl_log_set(). Cheap when nobody listens: the text is then not formatted. */
#ifndef PX_BASE_LOG_H
#define PX_BASE_LOG_H

#include "base/error.h"

void px_log(pixcl_log_level level, const char *format, ...) PX_PRINTF(2, 3);

#endif
