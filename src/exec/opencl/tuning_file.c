/* Reading and writing the tuning file of a device. */
#include "exec/opencl/tuning_file.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/program_cache.h"
#include "exec/opencl/sources.h"
#include "plan/conv_method.h"

/* Raised when the meaning of an entry changes. */
enum { VERSION = 1 };

/* A hash of all kernels: a list of those whose speed the file is about would be forgotten when one is added. */
static uint64_t hash_kernels(void)
{
    uint64_t hash = PX_HASH_START;
    for (const px_kernel_file *file = px_kernel_files; file->stem; file++)
        hash = px_hash(hash, file->text, file->length);
    return hash;
}

char *px_tuning_path(const px_cl_device *device, pixcl_error *err)
{
    uint64_t hash = px_hash(PX_HASH_START, device->platform_name, strlen(device->platform_name) + 1);
    hash = px_hash(hash, device->name, strlen(device->name));
    char *folder = px_cache_folder(err);
    char *path = folder ? px_format(err, "%s/tuning/%016" PRIx64 ".json", folder, hash) : NULL;
    px_free(folder);
    return path;
}

/* What the file must say of where it comes from. */
enum { FACTS = 6 };
typedef struct fact {
    const char *name;
    char value[160];
} fact;

static void facts_of(const px_cl_device *device, fact facts[FACTS])
{
    static const char *const names[FACTS] = {"format", "pixcl", "kernels", "platform", "device", "driver"};
    for (int i = 0; i < FACTS; i++)
        facts[i].name = names[i];
    snprintf(facts[0].value, sizeof facts[0].value, "pixcl tuning %d", VERSION);
    snprintf(facts[1].value, sizeof facts[1].value, "%s", PIXCL_VERSION);
    snprintf(facts[2].value, sizeof facts[2].value, "%016" PRIx64, hash_kernels());
    snprintf(facts[3].value, sizeof facts[3].value, "%s", device->platform_name);
    snprintf(facts[4].value, sizeof facts[4].value, "%s", device->name);
    snprintf(facts[5].value, sizeof facts[5].value, "%s", device->driver);
}

static pixcl_status check_facts(const px_cl_device *device, const cJSON *json, pixcl_error *err)
{
    fact facts[FACTS];
    facts_of(device, facts);
    for (int i = 0; i < FACTS; i++) {
        const char *found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, facts[i].name));
        if (!found)
            return px_fail(err, PIXCL_ERROR_FORMAT, "it has no \"%s\"", facts[i].name);
        if (strcmp(found, facts[i].value) != 0)
            return px_fail(err, PIXCL_ERROR_FORMAT, "it was made for %s \"%.80s\", this is \"%.80s\"", facts[i].name,
                           found, facts[i].value);
    }
    return PIXCL_OK;
}

/* A whole number from 0 to INT_MAX, -1 for anything else. */
static int whole(const cJSON *item)
{
    double number = cJSON_GetNumberValue(item); /* NaN when it is no number */
    return number >= 0 && number <= INT_MAX && number == (double)(int)number ? (int)number : -1;
}

/* The number of that name, 0 when there is none. */
static pixcl_status get_int(const cJSON *object, const char *name, int *value, pixcl_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    *value = item ? whole(item) : 0;
    return *value >= 0 ? PIXCL_OK : px_fail(err, PIXCL_ERROR_FORMAT, "\"%s\" is no whole number", name);
}

static pixcl_status get_shape(const cJSON *object, const char *name, px_shape *shape, pixcl_error *err)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, name);
    int *const sides[] = {&shape->n, &shape->c, &shape->h, &shape->w};
    if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) != 4)
        return px_fail(err, PIXCL_ERROR_FORMAT, "\"%s\" is no shape [n,c,h,w]", name);
    for (int i = 0; i < 4; i++) {
        *sides[i] = whole(cJSON_GetArrayItem(array, i));
        if (*sides[i] < 1)
            return px_fail(err, PIXCL_ERROR_FORMAT, "\"%s\" is no shape [n,c,h,w]", name);
    }
    return PIXCL_OK;
}

/* The numbers of an entry, by name, for reading and writing. */
enum { NUMBERS = 11 };
typedef struct number {
    const char *name;
    int *value;
} number;

static void numbers_of(px_tuned *entry, number numbers[NUMBERS])
{
    px_conv_problem *p = &entry->problem;
    px_cut *c = &entry->cut;
    const number all[NUMBERS] = {{"kernel", &p->kernel},   {"stride", &p->stride}, {"pad", &p->pad},
                                 {"block", &p->block},     {"width", &c->width},   {"channels", &c->channels},
                                 {"rows", &c->rows},       {"blocks", &c->blocks}, {"scalars", &c->scalars},
                                 {"vectors", &c->vectors}, {"splits", &c->splits}};
    memcpy(numbers, all, sizeof all);
}

static const px_op CONVOLUTIONS[] = {PX_OP_CONV, PX_OP_CONV_T, PX_OP_CONV_WGRAD};

static pixcl_status read_entry(const cJSON *item, px_tuned *entry, pixcl_error *err)
{
    number numbers[NUMBERS];
    const char *op = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "op"));
    const char *algorithm = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "algorithm"));
    *entry = (px_tuned){.problem.op = PX_OP_COUNT};
    for (size_t i = 0; op && i < sizeof CONVOLUTIONS / sizeof CONVOLUTIONS[0]; i++)
        if (strcmp(op, px_op_describe(CONVOLUTIONS[i])->name) == 0)
            entry->problem.op = CONVOLUTIONS[i];
    if (algorithm)
        entry->cut.algorithm = px_conv_algorithm_named(algorithm);
    if (entry->problem.op == PX_OP_COUNT || entry->cut.algorithm == PX_ALGORITHM_NONE)
        return px_fail(err, PIXCL_ERROR_FORMAT, "its \"op\" or \"algorithm\" is none known");
    entry->problem.vector_large = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "vector_large"));
    numbers_of(entry, numbers);
    pixcl_status status = get_shape(item, "x", &entry->problem.x, err);
    if (status == PIXCL_OK)
        status = get_shape(item, "y", &entry->problem.y, err);
    for (int i = 0; status == PIXCL_OK && i < NUMBERS; i++)
        status = get_int(item, numbers[i].name, numbers[i].value, err);
    return status;
}

static pixcl_status read_entries(const cJSON *json, px_tuning *tuning, pixcl_error *err)
{
    const cJSON *entries = cJSON_GetObjectItemCaseSensitive(json, "entries"), *item = NULL;
    if (!cJSON_IsArray(entries))
        return px_fail(err, PIXCL_ERROR_FORMAT, "it has no list of \"entries\"");
    int count = 0;
    cJSON_ArrayForEach(item, entries)
    {
        px_tuned entry;
        pixcl_status status = read_entry(item, &entry, err);
        if (status == PIXCL_OK)
            status = px_tuning_set(tuning, &entry.problem, &entry.cut, err);
        if (status != PIXCL_OK)
            return px_fail_context(err, "entry %d", count);
        count++;
    }
    return PIXCL_OK;
}

px_tuning *px_tuning_parse(const px_cl_device *device, const uint8_t *bytes, size_t size, const char *path,
                           pixcl_error *err)
{
    px_tuning *tuning = NULL;
    cJSON *json = px_json_parse((const char *)bytes, size, path, err);
    if (json && check_facts(device, json, err) == PIXCL_OK)
        tuning = px_tuning_create(err);
    if (tuning && read_entries(json, tuning, err) != PIXCL_OK)
        px_tuning_destroy(&tuning);
    cJSON_Delete(json);
    return tuning;
}

px_tuning *px_tuning_read(const px_cl_device *device, const char *path, pixcl_error *err)
{
    uint8_t *bytes;
    size_t size;
    if (px_file_read(path, &bytes, &size, err) != PIXCL_OK)
        return NULL;
    px_tuning *tuning = px_tuning_parse(device, bytes, size, path, err);
    px_free(bytes);
    return tuning;
}

static bool add_entry(cJSON *entries, px_tuned entry)
{
    const px_shape *const shapes[] = {&entry.problem.x, &entry.problem.y};
    number numbers[NUMBERS];
    cJSON *item = cJSON_CreateObject();
    if (!item || !cJSON_AddItemToArray(entries, item))
        return false;
    bool complete = cJSON_AddStringToObject(item, "op", px_op_describe(entry.problem.op)->name) != NULL;
    for (int i = 0; complete && i < 2; i++) {
        const int sides[] = {shapes[i]->n, shapes[i]->c, shapes[i]->h, shapes[i]->w};
        cJSON *array = cJSON_CreateIntArray(sides, 4);
        complete = array && cJSON_AddItemToObject(item, i == 0 ? "x" : "y", array);
    }
    if (complete && entry.problem.vector_large)
        complete = cJSON_AddTrueToObject(item, "vector_large") != NULL;
    if (complete)
        complete = cJSON_AddStringToObject(item, "algorithm", px_conv_algorithm_name(entry.cut.algorithm)) != NULL;
    numbers_of(&entry, numbers);
    for (int i = 0; complete && i < NUMBERS; i++)
        if (*numbers[i].value != 0)
            complete = cJSON_AddNumberToObject(item, numbers[i].name, *numbers[i].value) != NULL;
    return complete;
}

char *px_tuning_print(const px_cl_device *device, const px_tuning *tuning, pixcl_error *err)
{
    fact facts[FACTS];
    cJSON *json = cJSON_CreateObject();
    bool complete = json != NULL;
    facts_of(device, facts);
    for (int i = 0; complete && i < FACTS; i++)
        complete = cJSON_AddStringToObject(json, facts[i].name, facts[i].value) != NULL;
    cJSON *entries = complete ? cJSON_AddArrayToObject(json, "entries") : NULL;
    complete = entries != NULL;
    for (size_t i = 0; complete && i < tuning->count; i++)
        complete = add_entry(entries, tuning->entries[i]);
    char *text = NULL;
    if (complete)
        text = px_json_print(json, 1, err);
    else
        px_fail(err, PIXCL_ERROR_MEMORY, "not enough memory for the text of the tuning file");
    cJSON_Delete(json);
    return text;
}

pixcl_status px_tuning_write(const px_cl_device *device, const px_tuning *tuning, const char *path, pixcl_error *err)
{
    pixcl_status status = PIXCL_ERROR_MEMORY;
    char *text = px_tuning_print(device, tuning, err);
    char *folder = text ? px_format(err, "%.*s", (int)(px_path_name(path) - path), path) : NULL;
    if (folder)
        status = *folder ? px_make_folders(folder, err) : PIXCL_OK;
    if (folder && status == PIXCL_OK)
        status = px_file_write(path, text, strlen(text), err);
    px_free(folder);
    px_free(text);
    return status;
}

const px_tuning *px_cl_tuning(px_cl_device *device)
{
    const char *wish = px_env_text("PIXCL_TUNE");
    if (device->tuning_off || (wish && strcmp(wish, "off") == 0))
        return NULL;
    if (device->tuning_read)
        return device->tuning;
    device->tuning_read = true;
    pixcl_error err = {0};
    char *path = px_tuning_path(device, NULL);
    if (path && px_path_is_file(path)) {
        device->tuning = px_tuning_read(device, path, &err);
        if (device->tuning)
            px_log(PIXCL_LOG_DEBUG, "%zu convolutions are cut as measured, by %s", device->tuning->count, path);
        else
            px_log(PIXCL_LOG_WARNING, "the tuning file %s is ignored: %s. pixcl tune makes it anew", path, err.message);
    }
    px_free(path);
    return device->tuning;
}
