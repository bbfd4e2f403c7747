/* The public list of devices: a survey in plain data, with the choice made. */
#include "exec/opencl/device_list.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/memory.h"
#include "exec/opencl/select.h"

#define DEFAULT_SECONDS 60.0

static void fill_steps(const px_cl_record *from, pixcl_device_info *to)
{
    _Static_assert((int)PX_CL_MOST_STEPS == (int)PIXCL_DEVICE_MOST_STEPS, "a record fits");
    for (size_t i = 0; i < from->step_count; i++) {
        pixcl_device_step *step = &to->steps[to->step_count++];

        snprintf(step->model, sizeof step->model, "%s", from->steps[i].model);
        step->crop_size = from->steps[i].crop_size;
        step->batch_size = from->steps[i].batch_size;
        step->seconds = from->steps[i].seconds;
        snprintf(step->failure, sizeof step->failure, "%s", from->steps[i].failure);
    }
}

static void fill_info(const px_cl_description *from, const px_survey_result *result, pixcl_device_info *to)
{
    to->index = from->index;
    snprintf(to->name, sizeof to->name, "%s", from->name);
    snprintf(to->vendor, sizeof to->vendor, "%s", from->vendor);
    snprintf(to->platform, sizeof to->platform, "%s", from->platform_name);
    snprintf(to->driver, sizeof to->driver, "%s", from->driver);
    snprintf(to->version, sizeof to->version, "%s", from->version);
    snprintf(to->kind, sizeof to->kind, "%s", px_device_class_name(from->device_class));
    snprintf(to->note, sizeof to->note, "%s", from->note);
    to->usable = from->usable;
    snprintf(to->reason, sizeof to->reason, "%s", from->reason);
    to->compute_units = from->limits.compute_units;
    to->clock_mhz = from->limits.clock_mhz;
    to->vector_width = from->limits.vector_width;
    to->max_work_group = from->limits.max_work_group;
    to->global_memory = from->limits.global_memory;
    to->max_allocation = from->limits.max_allocation;
    to->local_memory = from->limits.local_memory;
    to->dedicated_local_memory = from->limits.dedicated_local_memory;
    to->host_unified_memory = from->limits.host_unified_memory;
    to->half_arithmetic = from->half_arithmetic;
    to->measured = result->measured;
    to->gflops = result->speed.gflops;
    to->gbps = result->speed.gbps;
    to->selftest = result->selftest;
    snprintf(to->selftest_message, sizeof to->selftest_message, "%s", result->message);
}

static void choose(pixcl_device_list *list, const px_survey *survey, const px_cl_record *records, const char *spec)
{
    static const char *const words[] = {"gpu", "cpu", "accelerator"};
    const px_cl_description *devices = survey->inventory.devices;
    px_cl_description trusted[PX_CL_MAX_DEVICES];
    px_cl_choice choice = {0};

    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        if (px_cl_select(devices, records, list->count, words[w], &choice, NULL) == PIXCL_OK &&
            !*list->also[choice.index])
            snprintf(list->also[choice.index], sizeof list->also[choice.index], "%s", words[w]);
    }
    char text[PX_CL_SPEC_SIZE];
    spec = px_cl_default_spec(spec, text);
    list->asked = spec != NULL;
    pixcl_status status = px_cl_select(devices, records, list->count, spec, &choice, &list->why);
    if (status == PIXCL_ERROR_NO_DEVICE)
        px_cl_explain_no_device(&survey->inventory, &list->why);
    if (status != PIXCL_OK)
        return;
    list->chosen = &list->devices[choice.index];
    snprintf(list->reason, sizeof list->reason, "%s", choice.why);
    if (list->chosen->selftest != PIXCL_SELFTEST_FAILED)
        return;
    /* The choice stays what a training run would choose; the list only says what would be better. */
    memcpy(trusted, devices, list->count * sizeof *trusted);
    for (size_t i = 0; i < list->count; i++)
        trusted[i].usable = trusted[i].usable && list->devices[i].selftest != PIXCL_SELFTEST_FAILED;
    if (px_cl_select(trusted, records, list->count, NULL, &choice, NULL) == PIXCL_OK)
        list->better = &list->devices[choice.index];
}

pixcl_device_list *pixcl_device_list_create(pixcl_context *context, const pixcl_device_list_params *params,
                                            pixcl_error *err)
{
    PX_ENTER(context);
    static const pixcl_device_list_params defaults;
    px_survey *survey = px_calloc(1, sizeof *survey, err);
    pixcl_device_list *list = px_calloc(1, sizeof *list, err);
    px_cl_record *records = px_calloc(PX_CL_MAX_DEVICES, sizeof *records, err);
    pixcl_status status;

    if (!survey || !list || !records)
        goto failed;
    if (!params)
        params = &defaults;
    status = params->measure
                 ? px_survey_try(survey, params->timeout_seconds > 0 ? params->timeout_seconds : DEFAULT_SECONDS,
                                 &px_survey_usual, "", err)
                 : px_survey_list(survey, err);
    if (status != PIXCL_OK)
        goto failed;
    list->tried = params->measure;
    list->count = survey->inventory.device_count;
    px_cl_recall_all(survey->inventory.devices, list->count, records);
    for (size_t i = 0; i < list->count; i++) {
        fill_info(&survey->inventory.devices[i], &survey->results[i], &list->devices[i]);
        fill_steps(&records[i], &list->devices[i]);
    }
    list->platform_count = survey->inventory.platform_count;
    memcpy(list->platforms, survey->inventory.platforms, sizeof list->platforms);
    choose(list, survey, records, params->device);
    list->text = px_device_list_write_text(list, err);
    list->json = list->text ? px_device_list_write_json(list, err) : NULL;
    if (!list->json)
        goto failed;
    px_free(records);
    px_free(survey);
    return list;
failed:
    px_free(records);
    px_free(survey);
    pixcl_device_list_destroy(&list);
    return NULL;
}

void pixcl_device_list_destroy(pixcl_device_list **list)
{
    if (!list || !*list)
        return;
    px_free((*list)->text);
    px_free((*list)->json);
    px_free(*list);
    *list = NULL;
}

size_t pixcl_device_list_count(const pixcl_device_list *list)
{
    return list->count;
}

const pixcl_device_info *pixcl_device_list_get(const pixcl_device_list *list, size_t index)
{
    return index < list->count ? &list->devices[index] : NULL;
}

const pixcl_device_info *pixcl_device_list_chosen(const pixcl_device_list *list, pixcl_error *err)
{
    if (!list->chosen)
        px_fail(err, list->why.status, "%s", list->why.message);
    return list->chosen;
}

const char *pixcl_device_list_why(const pixcl_device_list *list)
{
    return list->reason;
}

const char *pixcl_device_list_text(const pixcl_device_list *list)
{
    return list->text;
}

const char *pixcl_device_list_json(const pixcl_device_list *list)
{
    return list->json;
}
