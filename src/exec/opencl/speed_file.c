/* Reading and writing what was measured of a device. */
#include "exec/opencl/speed_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/program_cache.h"

/* Raised when the meaning of a figure changes. */
enum { VERSION = 2 };

/* What the file must say of where it comes from. */
enum { FACTS = 6 };
typedef struct fact {
    const char *name;
    char value[160];
} fact;

static void facts_of(const px_cl_identity *identity, fact facts[FACTS])
{
    static const char *const names[FACTS] = {"format", "pixcl", "platform", "device", "driver", "compute_units"};
    for (int i = 0; i < FACTS; i++)
        facts[i].name = names[i];
    snprintf(facts[0].value, sizeof facts[0].value, "pixcl speed %d", VERSION);
    snprintf(facts[1].value, sizeof facts[1].value, "%s", PIXCL_VERSION);
    snprintf(facts[2].value, sizeof facts[2].value, "%s", identity->platform);
    snprintf(facts[3].value, sizeof facts[3].value, "%s", identity->name);
    snprintf(facts[4].value, sizeof facts[4].value, "%s", identity->driver);
    snprintf(facts[5].value, sizeof facts[5].value, "%u", (unsigned)identity->compute_units);
}

px_cl_identity px_cl_identity_of(const px_cl_description *description)
{
    return (px_cl_identity){description->platform_name, description->name, description->driver,
                            description->limits.compute_units};
}

char *px_cl_record_path(const px_cl_identity *identity, pixcl_error *err)
{
    fact facts[FACTS];
    uint64_t hash = PX_HASH_START;
    facts_of(identity, facts);
    for (int i = 0; i < FACTS; i++)
        hash = px_hash(hash, facts[i].value, strlen(facts[i].value) + 1);
    char *folder = px_cache_folder(err);
    char *path = folder ? px_format(err, "%s/speed/%016" PRIx64 ".json", folder, hash) : NULL;
    px_free(folder);
    return path;
}

static pixcl_status check_facts(const px_cl_identity *identity, const cJSON *json, pixcl_error *err)
{
    fact facts[FACTS];
    facts_of(identity, facts);
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

/* A finite number of 0 or more; 0 when there is none. */
static pixcl_status get_number(const cJSON *object, const char *name, double *value, pixcl_error *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    *value = item ? cJSON_GetNumberValue(item) : 0; /* NaN when it is no number */
    if (isfinite(*value) && *value >= 0)
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_FORMAT, "\"%s\" is no number of 0 or more", name);
}

static pixcl_status get_tiles(const cJSON *json, double rates[PX_TILE_KINDS], pixcl_error *err)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(json, "tile_gflops");
    for (int i = 0; i < PX_TILE_KINDS; i++) {
        rates[i] = cJSON_GetNumberValue(cJSON_GetArrayItem(array, i)); /* NaN when there is none */
        if (!isfinite(rates[i]) || rates[i] < 0)
            return px_fail(err, PIXCL_ERROR_FORMAT, "\"tile_gflops\" are no %d numbers of 0 or more", PX_TILE_KINDS);
    }
    return PIXCL_OK;
}

static pixcl_status get_size(const cJSON *object, const char *name, int *value, pixcl_error *err)
{
    enum { MOST = 1 << 20 };
    double number = 0;
    pixcl_status status = get_number(object, name, &number, err);
    if (status == PIXCL_OK && (number < 1 || number > MOST || number != floor(number)))
        status = px_fail(err, PIXCL_ERROR_FORMAT, "\"%s\" is no whole number from 1 to %d", name, MOST);
    *value = status == PIXCL_OK ? (int)number : 0;
    return status;
}

static pixcl_status read_step(const cJSON *item, px_cl_step *step, pixcl_error *err)
{
    const char *model = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "model"));
    const char *failure = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "failure"));
    *step = (px_cl_step){0};
    if (!model || !*model || strlen(model) >= sizeof step->model)
        return px_fail(err, PIXCL_ERROR_FORMAT, "a step has no \"model\"");
    snprintf(step->model, sizeof step->model, "%s", model);
    snprintf(step->failure, sizeof step->failure, "%s", failure ? failure : "");
    pixcl_status status = get_size(item, "crop_size", &step->crop_size, err);
    if (status == PIXCL_OK)
        status = get_size(item, "batch_size", &step->batch_size, err);
    if (status == PIXCL_OK)
        status = get_number(item, "seconds", &step->seconds, err);
    if (status == PIXCL_OK)
        status = get_number(item, "gflop", &step->gflop, err);
    if (status == PIXCL_OK && (step->seconds > 0) == (*step->failure != '\0'))
        status = px_fail(err, PIXCL_ERROR_FORMAT, "a step needs either \"seconds\" or a \"failure\"");
    return status;
}

pixcl_status px_cl_record_parse(const px_cl_identity *identity, const uint8_t *bytes, size_t size, const char *path,
                                px_cl_record *record, pixcl_error *err)
{
    const cJSON *item = NULL;
    *record = (px_cl_record){0};
    cJSON *json = px_json_parse((const char *)bytes, size, path, err);
    pixcl_status status = json ? check_facts(identity, json, err) : PIXCL_ERROR_FORMAT;
    if (status == PIXCL_OK)
        status = get_number(json, "gflops", &record->speed.gflops, err);
    if (status == PIXCL_OK)
        status = get_number(json, "gbps", &record->speed.gbps, err);
    if (status == PIXCL_OK)
        status = get_number(json, "launch_seconds", &record->speed.launch_seconds, err);
    if (status == PIXCL_OK)
        status = get_tiles(json, record->speed.tile_gflops, err);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "steps"))
    {
        px_cl_step step;
        if (status == PIXCL_OK)
            status = read_step(item, &step, err);
        if (status == PIXCL_OK)
            px_cl_record_add_step(record, &step);
    }
    if (status != PIXCL_OK)
        *record = (px_cl_record){0};
    cJSON_Delete(json);
    return status;
}

pixcl_status px_cl_record_read(const px_cl_identity *identity, const char *path, px_cl_record *record, pixcl_error *err)
{
    uint8_t *bytes;
    size_t size;
    *record = (px_cl_record){0};
    pixcl_status status = px_file_read(path, &bytes, &size, err);
    if (status != PIXCL_OK)
        return status;
    status = px_cl_record_parse(identity, bytes, size, path, record, err);
    px_free(bytes);
    return status;
}

static bool add_step(cJSON *steps, const px_cl_step *step)
{
    cJSON *item = cJSON_CreateObject();
    if (!item || !cJSON_AddItemToArray(steps, item))
        return false;
    return cJSON_AddStringToObject(item, "model", step->model) &&
           cJSON_AddNumberToObject(item, "crop_size", step->crop_size) &&
           cJSON_AddNumberToObject(item, "batch_size", step->batch_size) &&
           (*step->failure ? cJSON_AddStringToObject(item, "failure", step->failure) != NULL
                           : cJSON_AddNumberToObject(item, "seconds", step->seconds) &&
                                 cJSON_AddNumberToObject(item, "gflop", step->gflop));
}

char *px_cl_record_print(const px_cl_identity *identity, const px_cl_record *record, pixcl_error *err)
{
    fact facts[FACTS];
    cJSON *json = cJSON_CreateObject();
    bool complete = json != NULL;
    facts_of(identity, facts);
    for (int i = 0; complete && i < FACTS; i++)
        complete = cJSON_AddStringToObject(json, facts[i].name, facts[i].value) != NULL;
    complete = complete && cJSON_AddNumberToObject(json, "gflops", record->speed.gflops) &&
               cJSON_AddNumberToObject(json, "gbps", record->speed.gbps) &&
               cJSON_AddNumberToObject(json, "launch_seconds", record->speed.launch_seconds);
    cJSON *tiles = complete ? cJSON_CreateDoubleArray(record->speed.tile_gflops, PX_TILE_KINDS) : NULL;
    complete = tiles && cJSON_AddItemToObject(json, "tile_gflops", tiles);
    cJSON *steps = complete ? cJSON_AddArrayToObject(json, "steps") : NULL;
    complete = steps != NULL;
    for (size_t i = 0; complete && i < record->step_count; i++)
        complete = add_step(steps, &record->steps[i]);
    char *text = NULL;
    if (complete)
        text = px_json_print(json, 1, err);
    else
        px_fail(err, PIXCL_ERROR_MEMORY, "not enough memory for the text of the speed file");
    cJSON_Delete(json);
    return text;
}

pixcl_status px_cl_record_write(const px_cl_identity *identity, const px_cl_record *record, const char *path,
                                pixcl_error *err)
{
    pixcl_status status = PIXCL_ERROR_MEMORY;
    char *text = px_cl_record_print(identity, record, err);
    char *folder = text ? px_format(err, "%.*s", (int)(px_path_name(path) - path), path) : NULL;
    if (folder)
        status = *folder ? px_make_folders(folder, err) : PIXCL_OK;
    if (folder && status == PIXCL_OK)
        status = px_file_write(path, text, strlen(text), err);
    px_free(folder);
    px_free(text);
    return status;
}

void px_cl_record_add_step(px_cl_record *record, const px_cl_step *step)
{
    size_t kept = 0;
    for (size_t i = 0; i < record->step_count; i++) {
        const px_cl_step *old = &record->steps[i];
        if (strcmp(old->model, step->model) != 0 || old->crop_size != step->crop_size ||
            old->batch_size != step->batch_size)
            record->steps[kept++] = *old;
    }
    if (kept == PX_CL_MOST_STEPS)
        memmove(record->steps, record->steps + 1, --kept * sizeof record->steps[0]);
    record->steps[kept++] = *step;
    record->step_count = kept;
}

void px_cl_record_recall(const px_cl_identity *identity, px_cl_record *record)
{
    pixcl_error err = {0};
    char *path = px_cl_record_path(identity, NULL);
    *record = (px_cl_record){0};
    if (path && px_path_is_file(path) && px_cl_record_read(identity, path, record, &err) != PIXCL_OK)
        px_log(PIXCL_LOG_DEBUG, "the speed file %s is ignored and will be made anew: %s", path, err.message);
    px_free(path);
}

static void keep(const px_cl_identity *identity, const px_cl_record *record)
{
    pixcl_error err = {0};
    char *path = px_cl_record_path(identity, &err);
    if (!path || px_cl_record_write(identity, record, path, &err) != PIXCL_OK)
        px_log(PIXCL_LOG_DEBUG, "what was measured of %s is not kept: %s", identity->name, err.message);
    px_free(path);
}

void px_cl_record_keep_speed(const px_cl_identity *identity, const px_cl_speed *speed)
{
    px_cl_record record;
    px_cl_record_recall(identity, &record);
    px_cl_speed *best = &record.speed;
    best->gflops = fmax(best->gflops, speed->gflops);
    best->gbps = fmax(best->gbps, speed->gbps);
    if (best->launch_seconds <= 0 || speed->launch_seconds < best->launch_seconds)
        best->launch_seconds = speed->launch_seconds;
    for (int i = 0; i < PX_TILE_KINDS; i++)
        best->tile_gflops[i] = fmax(best->tile_gflops[i], speed->tile_gflops[i]);
    keep(identity, &record);
}

void px_cl_record_keep_step(const px_cl_identity *identity, const px_cl_step *step)
{
    px_cl_record record;
    px_cl_record_recall(identity, &record);
    px_cl_record_add_step(&record, step);
    keep(identity, &record);
}
