/* JSON: cJSON for reading and building; here is only what it lacks. Rooms include cJSON through this header. */
#ifndef PX_BASE_JSON_H
#define PX_BASE_JSON_H

#include <cjson/cJSON.h>

#include "base/error.h"

/* Parses a whole text; the error names `source` (a path) and the byte where it stopped making sense. cJSON_Delete
 * it. */
cJSON *px_json_parse(const char *text, size_t length, const char *source, pixcl_error *err);

/* Adds a float with the fewest digits that read back to the same float ("0.1", not 0.10000000149011612); NaN and
 * infinities, which JSON lacks, are written as the strings "nan", "inf", "-inf". */
cJSON *px_json_add_float(cJSON *object, const char *name, float value);

/* An array of so many, which may be 0: cJSON_CreateIntArray() of cJSON before 1.7.15 crashes then. */
cJSON *px_json_ints(const int *values, int count);

/* The text, on one line or indented (px_free). */
char *px_json_print(const cJSON *json, int indented, pixcl_error *err);

#endif
