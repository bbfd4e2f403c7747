/* A plan's programs as files. programs.json is written before the sources that it lists: whatever a killed process left
 * is then known as its own, and may be replaced. */
#include "exec/opencl/program_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/os.h"
#include "exec/opencl/program.h"
#include "exec/opencl/sources.h"

#define LIST_NAME   "programs.json"
#define LIST_FORMAT "pixcl programs 1"

static char *file_name(const px_plan *plan, size_t program, pixcl_error *err)
{
    return px_format(err, "%03zu_%s.cl", program, plan->programs[program].kernel);
}

/* Whether `name` could be from file_name(): no list makes us remove anything else. */
static bool is_file_name(const char *name)
{
    size_t digits = strspn(name, "0123456789");
    const char *rest = name + digits;
    return digits >= 3 && *rest == '_' && strcmp(px_path_extension(rest), ".cl") == 0 && px_path_name(rest) == rest;
}

/* The list that the folder holds already; NULL without an error when there is none, or none of ours. */
static pixcl_status read_list(const char *path, cJSON **list, pixcl_error *err)
{
    uint8_t *text;
    size_t size;
    *list = NULL;
    if (!px_path_is_file(path))
        return PIXCL_OK;
    pixcl_status status = px_file_read(path, &text, &size, err);
    if (status != PIXCL_OK)
        return status;
    cJSON *json = px_json_parse((const char *)text, size, path, NULL);
    const char *format = cJSON_GetStringValue(cJSON_GetObjectItem(json, "format"));
    if (format && strcmp(format, LIST_FORMAT) == 0)
        *list = json;
    else
        cJSON_Delete(json);
    px_free(text);
    return PIXCL_OK;
}

static bool lists(const cJSON *list, const char *name)
{
    const cJSON *entry;
    if (!list || !is_file_name(name))
        return list && strcmp(name, LIST_NAME) == 0;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItem(list, "programs"))
    {
        const char *file = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "file"));
        if (file && strcmp(file, name) == 0)
            return true;
    }
    return false;
}

/* Hidden files are left alone and do not count. */
static pixcl_status expect_no_others(const char *folder, const cJSON *list, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    const char *name;
    px_os_kind kind;
    px_os_folder *entries = px_os_folder_open(folder);
    if (!entries)
        return px_fail_errno(err, "cannot read folder", folder);
    while (status == PIXCL_OK && (name = px_os_folder_next(entries, &kind))) {
        if (name[0] != '.' && !lists(list, name))
            status = px_fail(err, PIXCL_ERROR_IO,
                             "cannot write programs into %s: it holds %s, which is not of an earlier list of programs; "
                             "choose a new or an empty folder",
                             folder, name);
    }
    if (status == PIXCL_OK && errno)
        status = px_fail_errno(err, "cannot read folder", folder);
    px_os_folder_close(entries);
    return status;
}

static pixcl_status remove_listed(const char *folder, const cJSON *list, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItem(list, "programs"))
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "file"));
        if (status != PIXCL_OK || !name || !is_file_name(name))
            continue;
        char *path = px_path_join(folder, name, err);
        if (!path)
            status = PIXCL_ERROR_MEMORY;
        else if (px_os_remove(path) != 0 && errno != ENOENT)
            status = px_fail_errno(err, "cannot remove", path);
        px_free(path);
    }
    return status;
}

static cJSON *sizes_json(const size_t sizes[3])
{
    const double values[3] = {(double)sizes[0], (double)sizes[1], (double)sizes[2]};
    return cJSON_CreateDoubleArray(values, 3);
}

/* Of a work-group, for what is not in the program itself. */
static size_t local_bytes(const px_plan *plan, const px_launch *launch)
{
    size_t bytes = 0;
    for (int i = 0; i < launch->arg_count; i++) {
        const px_arg *arg = &plan->args[launch->first_arg + (size_t)i];
        if (arg->type == PX_ARG_LOCAL)
            bytes += 4 * (size_t)arg->i;
    }
    return bytes;
}

/* Whether two launches of a program are the same work on other memory. */
static bool same_work(const px_plan *plan, const px_launch *a, const px_launch *b)
{
    return strcmp(a->label, b->label) == 0 && memcmp(a->global, b->global, sizeof a->global) == 0 &&
           memcmp(a->local, b->local, sizeof a->local) == 0 && a->flops == b->flops &&
           local_bytes(plan, a) == local_bytes(plan, b);
}

static bool uses(const px_launch *launch, size_t program)
{
    return launch->type == PX_LAUNCH_KERNEL && (size_t)launch->program == program;
}

/* How many launches are the same work as this one; 0 when an earlier one was and has counted it. */
static int count_same(const px_plan *plan, size_t index)
{
    const px_launch *launch = &plan->launches[index];
    int count = 0;
    for (size_t i = 0; i < plan->launch_count; i++) {
        const px_launch *other = &plan->launches[i];
        if (!uses(other, (size_t)launch->program) || !same_work(plan, launch, other))
            continue;
        if (i < index)
            return 0;
        count++;
    }
    return count;
}

static cJSON *launch_json(const px_plan *plan, const px_launch *launch, int count)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "label", launch->label);
    cJSON_AddNumberToObject(object, "count", count);
    cJSON_AddNumberToObject(object, "flops", launch->flops);
    cJSON_AddItemToObject(object, "global", sizes_json(launch->global));
    cJSON_AddItemToObject(object, "local", sizes_json(launch->local));
    cJSON_AddNumberToObject(object, "local_bytes", (double)local_bytes(plan, launch));
    return object;
}

static cJSON *program_json(const px_plan *plan, size_t index, const char *file)
{
    const px_kernel_program *program = &plan->programs[index];
    double flops = 0;
    cJSON *object = cJSON_CreateObject(), *launches = cJSON_CreateArray();
    for (size_t i = 0; i < plan->launch_count; i++) {
        const px_launch *launch = &plan->launches[i];
        int count = uses(launch, index) ? count_same(plan, i) : 0;
        flops += count * launch->flops;
        if (count > 0)
            cJSON_AddItemToArray(launches, launch_json(plan, launch, count));
    }
    cJSON_AddStringToObject(object, "file", file);
    cJSON_AddStringToObject(object, "kernel", program->kernel);
    cJSON_AddStringToObject(object, "options", PX_PROGRAM_OPTIONS);
    cJSON_AddNumberToObject(object, "flops", flops);
    cJSON_AddItemToObject(object, "launches", launches);
    return object;
}

/* The work that is in no program of the plan's: what CLBlast does. */
static cJSON *gemm_json(const px_plan *plan)
{
    double flops = 0;
    int count = 0;
    for (size_t i = 0; i < plan->launch_count; i++) {
        if (plan->launches[i].type != PX_LAUNCH_GEMM)
            continue;
        count++;
        flops += plan->launches[i].flops;
    }
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "launches", count);
    cJSON_AddNumberToObject(object, "flops", flops);
    return object;
}

static pixcl_status write_list(const px_plan *plan, const char *path, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "format", LIST_FORMAT);
    cJSON_AddNumberToObject(root, "lanes", plan->target.lanes);
    cJSON_AddItemToObject(root, "gemm", gemm_json(plan));
    cJSON *programs = cJSON_AddArrayToObject(root, "programs");
    for (size_t i = 0; status == PIXCL_OK && i < plan->program_count; i++) {
        char *name = file_name(plan, i, err);
        if (name)
            cJSON_AddItemToArray(programs, program_json(plan, i, name));
        else
            status = PIXCL_ERROR_MEMORY;
        px_free(name);
    }
    char *text = status == PIXCL_OK ? px_json_print(root, 1, err) : NULL;
    cJSON_Delete(root);
    status = text ? px_file_write(path, text, strlen(text), err) : PIXCL_ERROR_MEMORY;
    px_free(text);
    return status;
}

static pixcl_status write_source(const px_plan *plan, size_t index, const char *folder, pixcl_error *err)
{
    char *name = file_name(plan, index, err);
    char *path = name ? px_path_join(folder, name, err) : NULL;
    char *source = NULL;
    pixcl_status status = path ? px_program_source(&plan->programs[index], &source, err) : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK)
        status = px_file_write(path, source, strlen(source), err);
    px_free(source);
    px_free(path);
    px_free(name);
    return status;
}

pixcl_status px_program_files_write(const px_plan *plan, const char *folder, pixcl_error *err)
{
    cJSON *old = NULL;
    char *path = NULL;
    pixcl_status status = px_make_folders(folder, err);
    if (status == PIXCL_OK)
        status = (path = px_path_join(folder, LIST_NAME, err)) ? read_list(path, &old, err) : PIXCL_ERROR_MEMORY;
    if (status == PIXCL_OK)
        px_file_remove_leftovers(folder); /* which would count as others */
    if (status == PIXCL_OK)
        status = expect_no_others(folder, old, err);
    if (status == PIXCL_OK)
        status = remove_listed(folder, old, err);
    if (status == PIXCL_OK)
        status = write_list(plan, path, err);
    for (size_t i = 0; status == PIXCL_OK && i < plan->program_count; i++)
        status = write_source(plan, i, folder, err);
    cJSON_Delete(old);
    px_free(path);
    return status;
}
