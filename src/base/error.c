/* Error messages: formatted aside first, so that an argument may point into the error being filled. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/os.h"

const char *pixcl_status_name(pixcl_status status)
{
    switch (status) {
    case PIXCL_OK:
        return "ok";
    case PIXCL_ERROR_ARGUMENT:
        return "argument";
    case PIXCL_ERROR_IO:
        return "input/output";
    case PIXCL_ERROR_FORMAT:
        return "format";
    case PIXCL_ERROR_MEMORY:
        return "memory";
    case PIXCL_ERROR_DEVICE:
        return "device";
    case PIXCL_ERROR_NO_DEVICE:
        return "no device";
    case PIXCL_ERROR_NUMERIC:
        return "numeric";
    case PIXCL_ERROR_INTERRUPTED:
        return "interrupted";
    case PIXCL_ERROR_INTERNAL:
        return "internal";
    }
    return "unknown";
}

/* Cuts a text that filled its buffer back to whole UTF-8 characters and marks the cut with "...". */
static void mark_truncation(char *text, size_t capacity)
{
    size_t end = capacity - 1 - 3;

    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, "...", 4);
}

static void format_message(char *out, size_t capacity, const char *format, va_list arguments)
{
    int length = px_vsnprintf(out, capacity, format, arguments);

    if (length < 0)
        snprintf(out, capacity, "%s", format); /* a broken multibyte argument: the bare format still says what failed */
    else if ((size_t)length >= capacity)
        mark_truncation(out, capacity);
}

pixcl_status px_fail(pixcl_error *err, pixcl_status status, const char *format, ...)
{
    pixcl_error fresh = {.status = status};
    va_list arguments;

    if (!err)
        return status;
    va_start(arguments, format);
    format_message(fresh.message, sizeof fresh.message, format, arguments);
    va_end(arguments);
    *err = fresh;
    return status;
}

/* What to do about an errno, as a further clause of the message; "" when the reason says enough. */
static const char *cure(int number)
{
    switch (number) {
    case ENOSPC:
#ifdef EDQUOT
    case EDQUOT:
#endif
        return "; free some space or choose another folder";
    case EFBIG:
        return "; raise the limit of a file's size (ulimit -f) or choose a folder that takes larger files";
    case EROFS:
        return "; choose a folder on a writable file system";
    case EACCES:
    case EPERM:
        return "; change its permissions or choose another path";
    case EBUSY:
        return "; close what uses it, or choose another path";
    case EMFILE:
    case ENFILE:
        return "; raise the limit of open files (ulimit -n)";
    default:
        return "";
    }
}

pixcl_status px_fail_errno(pixcl_error *err, const char *what, const char *path)
{
    int number = errno;
    char reason[128] = "";
    const char *text = px_os_reason(number, reason, sizeof reason);

    return px_fail(err, PIXCL_ERROR_IO, "%s %s: %s%s", what, path, text, cure(number));
}

pixcl_status px_fail_context(pixcl_error *err, const char *format, ...)
{
    char prefix[sizeof err->message];
    va_list arguments;

    if (!err)
        return PIXCL_ERROR_INTERNAL;
    va_start(arguments, format);
    format_message(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    return px_fail(err, err->status, "%s: %s", prefix, err->message);
}
