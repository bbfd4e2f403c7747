/* The C locale for a while, of this thread alone: setlocale would change it under the host application's others. */
#include "base/format.h"

#include <stdio.h>
#include <stdlib.h>

px_locale px_c_locale_enter(void)
{
    return px_os_locale_enter();
}

void px_c_locale_leave(px_locale before)
{
    px_os_locale_leave(before);
}

int px_vsnprintf(char *text, size_t size, const char *format, va_list arguments)
{
    px_locale before = px_c_locale_enter();
    int length = vsnprintf(text, size, format, arguments);
    px_c_locale_leave(before);
    return length;
}

int px_snprintf(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = px_vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return length;
}

double px_strtod(const char *text, char **end)
{
    px_locale before = px_c_locale_enter();
    double value = strtod(text, end);
    px_c_locale_leave(before);
    return value;
}
