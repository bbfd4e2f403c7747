/* What cJSON lacks: errors that say where, floats that read back, and texts that px_free() frees. */
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/memory.h"

cJSON *px_json_parse(const char *text, size_t length, const char *source, pixcl_error *err)
{
    const char *end = text;
    px_locale before = px_c_locale_enter(); /* cJSON knows of decimal points of one byte only */
    cJSON *json = length ? cJSON_ParseWithLengthOpts(text, length, &end, 0) : NULL;
    px_c_locale_leave(before);

    while (json && end < text + length && strchr(" \t\r\n", *end) && *end)
        end++;
    if (json && end == text + length)
        return json;
    cJSON_Delete(json);
    if (length == 0)
        px_fail(err, PIXCL_ERROR_FORMAT, "%s: empty, expected JSON", source);
    else
        px_fail(err, PIXCL_ERROR_FORMAT, "%s: not valid JSON at byte %zu of %zu; the file is damaged or something else",
                source, (size_t)(end - text), length);
    return NULL;
}

cJSON *px_json_add_float(cJSON *object, const char *name, float value)
{
    char text[32];

    if (isnan(value))
        return cJSON_AddStringToObject(object, name, "nan");
    if (isinf(value))
        return cJSON_AddStringToObject(object, name, value > 0 ? "inf" : "-inf");

    px_locale before = px_c_locale_enter();
    for (int digits = 1; digits <= 9; digits++) { /* nine always suffice for a float */
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    px_c_locale_leave(before);
    return cJSON_AddRawToObject(object, name, text);
}

cJSON *px_json_ints(const int *values, int count)
{
    return count > 0 ? cJSON_CreateIntArray(values, count) : cJSON_CreateArray();
}

char *px_json_print(const cJSON *json, int indented, pixcl_error *err)
{
    px_locale before = px_c_locale_enter();
    char *printed = indented ? cJSON_Print(json) : cJSON_PrintUnformatted(json);
    char *text;

    px_c_locale_leave(before);
    if (!printed) {
        px_fail(err, PIXCL_ERROR_MEMORY, "out of memory: cannot print a JSON value");
        return NULL;
    }
    text = px_strdup(printed, err);
    cJSON_free(printed);
    return text;
}
