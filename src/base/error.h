/* Filling a pixcl_error. The status is returned, so that a failing function reads `return px_fail(err, ...)`. */
#ifndef PX_BASE_ERROR_H
#define PX_BASE_ERROR_H

#include "base/format.h"
#include "pixcl/error.h"

/* Fills *err (err may be NULL) and returns `status`. */
pixcl_status px_fail(pixcl_error *err, pixcl_status status, const char *format, ...) PX_PRINTF(3, 4);

/* PIXCL_ERROR_IO with "what path: strerror(errno)", e.g. px_fail_errno(err, "cannot open", path). */
pixcl_status px_fail_errno(pixcl_error *err, const char *what, const char *path);

/* Puts "prefix: " before the message of an error that is being passed up. Returns its status. */
pixcl_status px_fail_context(pixcl_error *err, const char *format, ...) PX_PRINTF(2, 3);

#endif
