/* Text with the numbers of the C locale, "1.5", in whatever locale the host application is, which may write "1,5". What
 * is written is read by compilers, by pixcl itself, by people's scripts, and by people who type it again as an option.
 *
 * All formatting goes through here or through what is built on it: px_format, px_text_add, px_fail, px_log. */
#ifndef PX_BASE_FORMAT_H
#define PX_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/os.h"

/* The compiler compares a format with the arguments from number `first` on. */
#ifdef __MINGW_PRINTF_FORMAT /* its printf is C11's, that of Windows is not */
#define PX_PRINTF(at, first) __attribute__((format(__MINGW_PRINTF_FORMAT, at, first)))
#else
#define PX_PRINTF(at, first) __attribute__((format(printf, at, first)))
#endif

int px_snprintf(char *text, size_t size, const char *format, ...) PX_PRINTF(3, 4);
int px_vsnprintf(char *text, size_t size, const char *format, va_list arguments) PX_PRINTF(3, 0);
double px_strtod(const char *text, char **end);

/* The same for other functions: this thread is in the C locale from px_c_locale_enter(), which says where it was, to
 * px_c_locale_leave(). Other threads do not notice. */
px_locale px_c_locale_enter(void);
void px_c_locale_leave(px_locale before);

#endif
