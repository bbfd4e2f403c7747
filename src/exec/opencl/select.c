/* Choosing a device. */
#include "exec/opencl/select.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/context.h"
#include "base/cure.h"
#include "base/env.h"
#include "base/format.h"
#include "base/memory.h"
#include "exec/opencl/classify.h"
#include "exec/opencl/rank.h"

/* How a spec is read. */
typedef struct wish {
    enum { WISH_ANY, WISH_INDEX, WISH_TYPE, WISH_NAME } kind;
    size_t index;
    cl_device_type type;
    const char *name;
} wish;

static wish parse(const char *spec)
{
    wish result = {WISH_ANY, 0, 0, spec};
    size_t digits;

    if (!spec || !*spec)
        return result;
    digits = strspn(spec, "0123456789");
    if (!spec[digits]) {
        result.kind = WISH_INDEX;
        result.index = digits < 9 ? strtoul(spec, NULL, 10) : SIZE_MAX;
        return result;
    }
    result.kind = WISH_TYPE;
    if (strcasecmp(spec, "cpu") == 0)
        result.type = CL_DEVICE_TYPE_CPU;
    else if (strcasecmp(spec, "gpu") == 0)
        result.type = CL_DEVICE_TYPE_GPU;
    else if (strcasecmp(spec, "accelerator") == 0)
        result.type = CL_DEVICE_TYPE_ACCELERATOR;
    else
        result.kind = WISH_NAME;
    return result;
}

static bool fits(const wish *wanted, const px_cl_description *device, size_t position)
{
    switch (wanted->kind) {
    case WISH_INDEX:
        return position == wanted->index;
    case WISH_TYPE:
        return (device->type & wanted->type) != 0;
    case WISH_NAME:
        return px_contains(device->name, wanted->name) || px_contains(device->platform_name, wanted->name);
    case WISH_ANY:
        break;
    }
    return true;
}

/* "0: name (kind), 1: name (kind, not usable)". */
static void add_list(px_text *text, const px_cl_description *devices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        px_text_add(text, "%s%zu: %s (%s%s)", i ? ", " : "", i, devices[i].name,
                    px_device_class_name(devices[i].device_class), devices[i].usable ? "" : ", not usable");
}

static pixcl_status fail_nothing_usable(const px_cl_description *devices, size_t count, pixcl_error *err)
{
    char cure[PX_CURE_SIZE];
    px_text text = {0};

    px_cure_no_driver(px_system_here(), cure);
    for (size_t i = 0; i < count; i++)
        px_text_add(&text, " Device %zu, %s, cannot be used: %s.", i, devices[i].name, devices[i].reason);
    px_fail(err, PIXCL_ERROR_NO_DEVICE, "no usable OpenCL device.%.400s %s", text.data ? text.data : "", cure);
    px_text_free(&text);
    return PIXCL_ERROR_NO_DEVICE;
}

static pixcl_status fail_wish(const px_cl_description *devices, size_t count, const wish *wanted, pixcl_error *err)
{
    px_text text = {0};

    for (size_t i = 0; i < count; i++) {
        if (fits(wanted, &devices[i], i)) {
            px_text_add(&text, "%s cannot be used: %s. There are: ", devices[i].name, devices[i].reason);
            break;
        }
    }
    if (!text.length)
        px_text_add(&text, "there is no such device. There are: ");
    add_list(&text, devices, count);
    px_fail(err, PIXCL_ERROR_ARGUMENT,
            "--device %.64s: %.700s. Give an index, gpu, cpu, accelerator, or a part of a name.", wanted->name,
            text.data ? text.data : "");
    px_text_free(&text);
    return PIXCL_ERROR_ARGUMENT;
}

static void explain(const px_cl_rank *rank, char *why, size_t size)
{
    if (rank->tier == PX_TIER_FULL && rank->timed)
        px_snprintf(why, size, "fastest measured step: %.3g s, of %s at %dx%d", rank->timed->seconds,
                    rank->timed->model, rank->timed->crop_size, rank->timed->crop_size);
    else if (rank->tier == PX_TIER_FULL)
        px_snprintf(why, size, "highest estimated speed: %.3g GFLOP/s in a training step", rank->speed);
    else
        px_snprintf(why, size, "the others are no better: %s",
                    rank->tier == PX_TIER_SMALL    ? "it has little memory for a training step"
                    : rank->tier == PX_TIER_FAILED ? "training steps have failed on it"
                                                   : "it is for tests");
}

pixcl_status px_cl_select(const px_cl_description *devices, const px_cl_record *records, size_t count, const char *spec,
                          px_cl_choice *choice, pixcl_error *err)
{
    wish wanted = parse(spec);
    bool any_usable = false;
    size_t fitting = 0;
    px_cl_rank *ranks = px_calloc(count, sizeof *ranks, err);

    if (!ranks)
        return PIXCL_ERROR_MEMORY;
    px_cl_rank_devices(devices, records, count, ranks);
    for (size_t i = 0; i < count; i++) {
        if (!devices[i].usable)
            continue;
        any_usable = true;
        if (!fits(&wanted, &devices[i], i))
            continue;
        if (fitting == 0 || px_cl_is_better(&ranks[i], &ranks[choice->index]))
            choice->index = i;
        fitting++;
    }
    *choice->why = '\0';
    if (fitting > 1)
        explain(&ranks[choice->index], choice->why, sizeof choice->why);
    px_free(ranks);
    if (fitting > 0)
        return PIXCL_OK;
    return any_usable ? fail_wish(devices, count, &wanted, err) : fail_nothing_usable(devices, count, err);
}

void px_cl_recall_all(const px_cl_description *devices, size_t count, px_cl_record *records)
{
    const char *tune = px_env_text("PIXCL_TUNE");
    const bool forget = tune && strcmp(tune, "off") == 0;

    for (size_t i = 0; i < count; i++) {
        const px_cl_identity identity = px_cl_identity_of(&devices[i]);

        records[i] = (px_cl_record){0};
        if (devices[i].usable && !forget)
            px_cl_record_recall(&identity, &records[i]);
    }
}

const char *px_cl_default_spec(const char *spec, char text[PX_CL_SPEC_SIZE])
{
    if (spec && *spec)
        return spec;
    char *set = px_context_device();
    if (!set)
        return px_env_text("PIXCL_DEVICE");
    snprintf(text, PX_CL_SPEC_SIZE, "%s", set);
    px_free(set);
    return text;
}
