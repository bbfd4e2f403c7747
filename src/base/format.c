/* The C locale for a while, by uselocale: setlocale would change it under the host application's other threads. */
#include "base/format.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale; /* 0 until it is made, and for uselocale "leave it as it is" */

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

locale_t px_c_locale_enter(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_locale);
    return uselocale(c_locale);
}

void px_c_locale_leave(locale_t before)
{
    uselocale(before);
}

int px_vsnprintf(char *text, size_t size, const char *format, va_list arguments)
{
    locale_t before = px_c_locale_enter();
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
    locale_t before = px_c_locale_enter();
    double value = strtod(text, end);
    px_c_locale_leave(before);
    return value;
}
