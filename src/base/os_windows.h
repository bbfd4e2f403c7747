/* What the files for Windows share. Names are UTF-8 outside of them, and UTF-16 in the system's calls. */
#ifndef PX_BASE_OS_WINDOWS_H
#define PX_BASE_OS_WINDOWS_H

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#endif
#include <wchar.h>

enum { PX_MOST_WIDE = 32768 }; /* units of a text that the system takes */

/* A text as the system wants it (free; not counted among the allocations, as what a C library takes for its calls);
 * NULL, and errno, when it is none. */
wchar_t *px_wide(const char *text);
/* The same with an end to it. */
wchar_t *px_wide_with(const char *text, const wchar_t *end);
/* The other way (px_free); NULL without memory. */
char *px_narrow(const wchar_t *text);

#endif
