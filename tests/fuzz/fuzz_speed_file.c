/* Any bytes as the file of what was measured of a device: as they are, and as what stands behind the lines that say
 * which device, driver and pixcl the file is of. */
#include "fuzz.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "exec/opencl/speed_file.h"

static const px_cl_identity identity = {"platform", "device", "1.0", 8};

static bool parse(const void *bytes, size_t size, px_cl_record *record)
{
    pixcl_error err = {.message = ""};
    if (px_cl_record_parse(&identity, bytes, size, "input", record, &err) == PIXCL_OK)
        return true;
    MUST_HOLD(err.status != PIXCL_OK && err.message[0] && record->step_count == 0 && record->speed.gflops == 0);
    return false;
}

static void check_record(const px_cl_record *record)
{
    const px_cl_speed *s = &record->speed;
    double figures[3 + PX_TILE_KINDS] = {s->gflops, s->gbps, s->launch_seconds};
    memcpy(figures + 3, s->tile_gflops, sizeof s->tile_gflops);
    for (int i = 0; i < 3 + PX_TILE_KINDS; i++)
        MUST_HOLD(isfinite(figures[i]) && figures[i] >= 0);
    MUST_HOLD(record->step_count <= PX_CL_MOST_STEPS);
    for (size_t i = 0; i < record->step_count; i++) {
        const px_cl_step *step = &record->steps[i];
        MUST_HOLD(*step->model && step->crop_size >= 1 && step->batch_size >= 1);
        MUST_HOLD(isfinite(step->seconds) && isfinite(step->gflop) && step->gflop >= 0);
        MUST_HOLD(*step->failure ? step->seconds == 0 : step->seconds > 0);
        for (size_t j = 0; j < i; j++) /* the latest of each kind alone */
            MUST_HOLD(strcmp(record->steps[j].model, step->model) != 0 ||
                      record->steps[j].crop_size != step->crop_size || record->steps[j].batch_size != step->batch_size);
    }
}

/* cJSON writes numbers that are no whole ones to the last bit but one; what is measured is not that exact. */
static bool same(double a, double b)
{
    return fabs(a - b) <= DBL_EPSILON * fmax(a, b);
}

static void check_round_trip(const px_cl_record *record)
{
    px_cl_record again;
    char *text = px_cl_record_print(&identity, record, NULL);
    MUST_HOLD(text && parse(text, strlen(text), &again));
    char *text_again = px_cl_record_print(&identity, &again, NULL);
    MUST_HOLD(text_again && strcmp(text, text_again) == 0);
    MUST_HOLD(same(again.speed.gflops, record->speed.gflops) && same(again.speed.gbps, record->speed.gbps));
    MUST_HOLD(same(again.speed.launch_seconds, record->speed.launch_seconds));
    for (int i = 0; i < PX_TILE_KINDS; i++)
        MUST_HOLD(same(again.speed.tile_gflops[i], record->speed.tile_gflops[i]));
    MUST_HOLD(again.step_count == record->step_count);
    for (size_t i = 0; i < again.step_count; i++) {
        const px_cl_step *a = &record->steps[i], *b = &again.steps[i];
        MUST_HOLD(strcmp(a->model, b->model) == 0 && strcmp(a->failure, b->failure) == 0);
        MUST_HOLD(a->crop_size == b->crop_size && a->batch_size == b->batch_size);
        MUST_HOLD(same(a->seconds, b->seconds) && same(a->gflop, b->gflop));
    }
    px_free(text_again);
    px_free(text);
}

/* Nothing was rounded or cut off, but for a failure's text. */
static void check_as_written(const px_cl_record *record, const void *bytes, size_t size)
{
    cJSON *json = px_json_parse(bytes, size, "input", NULL);
    const cJSON *gflops = cJSON_GetObjectItemCaseSensitive(json, "gflops");
    const cJSON *steps = cJSON_GetObjectItemCaseSensitive(json, "steps");
    MUST_HOLD(!gflops || gflops->valuedouble == record->speed.gflops);
    if (record->step_count > 0) {
        const px_cl_step *step = &record->steps[record->step_count - 1];
        const cJSON *last = steps->child->prev;
        MUST_HOLD(strcmp(cJSON_GetObjectItemCaseSensitive(last, "model")->valuestring, step->model) == 0);
        MUST_HOLD(cJSON_GetObjectItemCaseSensitive(last, "crop_size")->valuedouble == step->crop_size);
        MUST_HOLD(cJSON_GetObjectItemCaseSensitive(last, "batch_size")->valuedouble == step->batch_size);
    }
    cJSON_Delete(json);
}

static void try_bytes(const void *bytes, size_t size)
{
    px_cl_record record;
    if (!parse(bytes, size, &record))
        return;
    check_record(&record);
    check_as_written(&record, bytes, size);
    check_round_trip(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *empty;
    if (!empty) {
        const px_cl_record none = {.step_count = 0};
        empty = px_cl_record_print(&identity, &none, NULL);
        MUST_HOLD(empty);
    }
    px_fuzz_behind(empty, "\"gflops\"", data, size, try_bytes);
    return 0;
}
