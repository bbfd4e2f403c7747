#include "data/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/memory.h"

bool px_is_picture_name(const char *name)
{
    const char *extension = px_path_extension(name);
    return strcasecmp(extension, ".jpg") == 0 || strcasecmp(extension, ".jpeg") == 0 ||
           strcasecmp(extension, ".png") == 0;
}

void px_picture_set_free(px_picture_set *set)
{
    px_file_list_free(&set->side[0]);
    px_file_list_free(&set->side[1]);
}

/* "train, val": the visible folders in `folder`, for a message. */
static void name_folders(const char *folder, char *text, size_t size)
{
    px_file_list list;
    size_t used = 0;
    text[0] = '\0';
    if (px_list_folders(folder, &list, NULL) != PIXCL_OK)
        return;
    for (size_t i = 0; i < list.count; i++)
        if (used + strlen(list.paths[i]) + 3 < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", list.paths[i]);
    px_file_list_free(&list);
}

/* Also pictures of kinds that are not read, but which people have and the reference reads. */
static bool is_picture_of_any_kind(const char *name)
{
    static const char *const others[] = {".bmp", ".gif", ".ppm", ".tif", ".tiff", ".webp"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcasecmp(px_path_extension(name), others[i]) == 0)
            return true;
    return px_is_picture_name(name);
}

/* Takes what is not read out of a list, and gives the first of it (px_free); NULL when there is nothing. */
static char *take_others(px_file_list *list)
{
    const size_t count = list->count;
    char *first = NULL;
    list->count = 0;
    for (size_t i = 0; i < count; i++) {
        char *path = list->paths[i];
        if (px_is_picture_name(path))
            list->paths[list->count++] = path;
        else if (!first)
            first = path;
        else
            px_free(path);
    }
    return first;
}

/* Says what a folder holds beside the pictures of `list`, of which there were `all`. None at all is an error. */
static pixcl_status check_list(const char *folder, const px_file_list *list, size_t all, const char *other, bool quiet,
                               pixcl_error *err)
{
    if (list->count > 0) {
        if (other && !quiet)
            px_log(PIXCL_LOG_WARNING,
                   "passing over %zu of %zu pictures in '%s' that are neither JPEG nor PNG, the first is '%s'; to use "
                   "them, convert them to PNG",
                   all - list->count, all, folder, other);
        return PIXCL_OK;
    }
    if (other)
        return px_fail(err, PIXCL_ERROR_IO,
                       "no pictures (.jpg, .jpeg, .png) in '%s', but %zu of other kinds, the first is '%s': convert "
                       "them to PNG",
                       folder, all, other);
    char inside[256];
    name_folders(folder, inside, sizeof(inside));
    return px_fail(err, PIXCL_ERROR_IO, "no pictures (.jpg, .jpeg, .png) in '%s'%s%s%s", folder,
                   inside[0] ? " nor in its folders (" : "", inside, inside[0] ? ")" : "");
}

/* All pictures below a folder, as openable paths of a side. */
static pixcl_status list_pictures(const px_data_options *options, const char *folder, px_picture_set *set, int side,
                                  pixcl_error *err)
{
    px_file_list *list = &set->side[side];
    pixcl_status status = px_list_files(folder, is_picture_of_any_kind, list, err);
    if (status != PIXCL_OK)
        return status;
    const size_t all = list->count;
    char *other = take_others(list);
    status = check_list(folder, list, all, other, options->quiet, err);
    px_free(other);
    for (size_t i = 0; status == PIXCL_OK && i < list->count; i++) {
        char *path = px_path_join(folder, list->paths[i], err);
        if (!path)
            return PIXCL_ERROR_MEMORY;
        set->below[side] = strlen(path) - strlen(list->paths[i]);
        px_free(list->paths[i]);
        list->paths[i] = path;
    }
    return status;
}

typedef struct named {
    const char *name; /* the path below the folder */
    size_t length;    /* without the extension */
    char *path;
} named;

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    int order = memcmp(x->name, y->name, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* The first `count` paths of a side in the order of their names. */
static named *sort_by_name(const px_picture_set *set, int side, size_t count, pixcl_error *err)
{
    named *names = px_calloc(count, sizeof(*names), err);
    for (size_t i = 0; names && i < count; i++) {
        char *path = set->side[side].paths[i], *name = path + set->below[side];
        names[i] = (named){name, (size_t)(px_path_extension(name) - name), path};
    }
    if (names)
        qsort(names, count, sizeof(*names), by_name);
    return names;
}

/* The second of two that have the same name; NULL when all differ. */
static const named *find_twin(const named *sorted, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (by_name(&sorted[i - 1], &sorted[i]) == 0)
            return &sorted[i];
    return NULL;
}

pixcl_status px_picture_names(const px_picture_set *set, int side, size_t count, px_file_list *names, pixcl_error *err)
{
    *names = (px_file_list){0};
    if (count == 0)
        return PIXCL_OK;
    named *sorted = sort_by_name(set, side, count, err);
    const bool twins = sorted && find_twin(sorted, count);
    px_free(sorted);
    names->paths = sorted ? px_calloc(count, sizeof(*names->paths), err) : NULL;
    pixcl_status status = names->paths ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    while (status == PIXCL_OK && names->count < count) {
        const char *name = set->side[side].paths[names->count] + set->below[side];
        const size_t length = twins ? strlen(name) : (size_t)(px_path_extension(name) - name);
        names->paths[names->count] = px_format(err, "%.*s", (int)length, name);
        status = names->paths[names->count] ? PIXCL_OK : PIXCL_ERROR_MEMORY;
        names->count += status == PIXCL_OK;
    }
    if (status != PIXCL_OK)
        px_file_list_free(names);
    return status;
}

/* Two files of one name make no pair. */
static pixcl_status check_twins(const named *sorted, size_t count, pixcl_error *err)
{
    const named *twin = find_twin(sorted, count);
    return twin ? px_fail(err, PIXCL_ERROR_IO,
                          "'%s' and '%s' have the same name, so it is not clear which one makes the pair: remove one",
                          twin[-1].path, twin->path)
                : PIXCL_OK;
}

/* Brings both lists into the order of names and checks that each picture has its partner. */
static pixcl_status match_pairs(px_picture_set *set, const char *const folders[2], pixcl_error *err)
{
    pixcl_status status = PIXCL_ERROR_IO;
    size_t count[2] = {set->side[0].count, set->side[1].count};
    named *names[2] = {NULL, NULL};
    for (int s = 0; s < 2; s++) {
        names[s] = sort_by_name(set, s, count[s], err);
        if (!names[s] || check_twins(names[s], count[s], err) != PIXCL_OK)
            goto cleanup;
    }
    for (size_t i = 0; i < count[0] || i < count[1]; i++) {
        int order = i >= count[0] ? 1 : i >= count[1] ? -1 : by_name(&names[0][i], &names[1][i]);
        if (order) {
            int lone = order > 0;
            px_fail(err, PIXCL_ERROR_IO, "'%s' has no partner: there is no picture '%.*s' (.jpg, .jpeg, .png) in '%s'",
                    names[lone][i].path, (int)names[lone][i].length, names[lone][i].name, folders[!lone]);
            goto cleanup;
        }
        set->side[0].paths[i] = names[0][i].path;
        set->side[1].paths[i] = names[1][i].path;
    }
    status = PIXCL_OK;

cleanup:
    if (status != PIXCL_OK) {
        /* The lists may be half sorted, each path owned once by `names`. */
        for (int s = 0; s < 2; s++)
            for (size_t i = 0; names[s] && i < set->side[s].count; i++)
                set->side[s].paths[i] = names[s][i].path;
    }
    px_free(names[0]);
    px_free(names[1]);
    return status;
}

/* Where the folders of A and B can be: <dataroot>/<before><phase><after>. */
typedef struct layout {
    const char *before[2], *after[2];
} layout;
static const layout inside = {{"", ""}, {"/A", "/B"}};
static const layout beside = {{"", ""}, {"A", "B"}};
static const layout outside = {{"A/", "B/"}, {"", ""}};

/* Two folders as the sides A and B; *found tells whether both are there. */
static pixcl_status try_folders(const px_data_options *options, const layout *where, px_picture_set *set, bool *found,
                                pixcl_error *err)
{
    char *folders[2] = {NULL, NULL};
    pixcl_status status = PIXCL_OK;
    *found = true;
    for (int s = 0; s < 2 && status == PIXCL_OK; s++) {
        folders[s] = px_format(err, "%s/%s%s%s", options->dataroot, where->before[s], options->phase, where->after[s]);
        if (!folders[s])
            status = PIXCL_ERROR_MEMORY;
        else
            *found = *found && px_path_is_folder(folders[s]);
    }
    for (int s = 0; s < 2 && status == PIXCL_OK && *found; s++)
        status = list_pictures(options, folders[s], set, s, err);
    if (status == PIXCL_OK && *found && options->dataset_mode == PX_DATASET_ALIGNED)
        status = match_pairs(set, (const char *const *)folders, err);
    px_free(folders[0]);
    px_free(folders[1]);
    return status;
}

/* One folder of all pictures. */
static pixcl_status try_phase(const px_data_options *options, px_picture_set *set, bool *found, pixcl_error *err)
{
    char *folder = px_path_join(options->dataroot, options->phase, err);
    if (!folder)
        return PIXCL_ERROR_MEMORY;
    *found = px_path_is_folder(folder);
    pixcl_status status = *found ? list_pictures(options, folder, set, 0, err) : PIXCL_OK;
    px_free(folder);
    return status;
}

/* The folder of halves has two folders of as many pictures, and no others: A and B under other names? Says so, since
 * nobody would see from the losses that each picture is cut in two. */
static void warn_of_two_folders(const px_data_options *options, const px_picture_set *set)
{
    const px_file_list *list = &set->side[0];
    const size_t half = list->count / 2;
    const char *first = list->paths[0] + set->below[0], *second = list->paths[half] + set->below[0];
    const size_t lengths[2] = {strcspn(first, "/"), strcspn(second, "/")};
    if (options->quiet || list->count % 2 != 0 || !first[lengths[0]] || !second[lengths[1]] ||
        strncmp(first, second, lengths[0] + 1) == 0)
        return;
    for (size_t i = 0; i < list->count; i++) { /* sorted, so that those of a folder are neighbours */
        const char *its = i < half ? first : second;
        if (strncmp(list->paths[i] + set->below[0], its, lengths[i >= half] + 1) != 0)
            return;
    }
    px_log(PIXCL_LOG_WARNING,
           "all pictures of '%s/%s' lie in its folders '%.*s' and '%.*s', and each is taken for a pair, A on its left "
           "half and B on the right; if these folders are the two sides, name them A and B",
           options->dataroot, options->phase, (int)lengths[0], first, (int)lengths[1], second);
}

/* One folder of pictures that hold A and B; one in which A or B is a folder is meant otherwise. */
static pixcl_status try_halves(const px_data_options *options, px_picture_set *set, bool *found, pixcl_error *err)
{
    bool there[2] = {false, false};
    for (int s = 0; s < 2; s++) {
        char *folder = px_format(err, "%s/%s/%c", options->dataroot, options->phase, "AB"[s]);
        if (!folder)
            return PIXCL_ERROR_MEMORY;
        there[s] = px_path_is_folder(folder);
        px_free(folder);
    }
    const char has = "AB"[there[1]], lacks = "AB"[there[0]];
    if (has != lacks)
        return px_fail(err, PIXCL_ERROR_IO,
                       "'%s/%s' has a folder '%c' but no '%c': for pairs in two folders make it, with the same names "
                       "in both; pictures that hold A on the left and B on the right half lie in '%s' itself",
                       options->dataroot, options->phase, has, lacks, options->phase);
    pixcl_status status = try_phase(options, set, found, err);
    set->halves = *found;
    if (status == PIXCL_OK && *found)
        warn_of_two_folders(options, set);
    return status;
}

static pixcl_status fail_missing(const px_data_options *options, pixcl_error *err)
{
    const char *root = options->dataroot, *phase = options->phase;
    char present[256];
    name_folders(root, present, sizeof(present));
    const char *hint = present[0] ? "the folders there are: " : "there are no folders in it";
    if (options->dataset_mode == PX_DATASET_ALIGNED)
        return px_fail(
            err, PIXCL_ERROR_IO,
            "no pairs for --phase %s in --dataroot '%s': expected a folder '%s' with pictures that hold A on the left "
            "and B on the right half, or two folders '%sA' and '%sB' ('%s/A' and '%s/B') with the same names in both; "
            "%s%s",
            phase, root, phase, phase, phase, phase, phase, hint, present);
    if (options->dataset_mode == PX_DATASET_COLORIZATION)
        return px_fail(
            err, PIXCL_ERROR_IO,
            "no pictures for --phase %s in --dataroot '%s': expected a folder '%s' with colour pictures; %s%s", phase,
            root, phase, hint, present);
    return px_fail(err, PIXCL_ERROR_IO,
                   "no unpaired pictures for --phase %s in --dataroot '%s': expected two folders '%sA' and '%sB', or "
                   "'%s/A' and '%s/B'; %s%s",
                   phase, root, phase, phase, phase, phase, hint, present);
}

static pixcl_status find(const px_data_options *options, px_picture_set *set, pixcl_error *err)
{
    if (!px_path_is_folder(options->dataroot))
        return px_fail(err, PIXCL_ERROR_IO, "--dataroot '%s' is not a folder", options->dataroot);
    if (options->dataset_mode == PX_DATASET_SINGLE)
        return list_pictures(options, options->dataroot, set, 0, err);

    bool found = false;
    if (options->dataset_mode == PX_DATASET_COLORIZATION) {
        pixcl_status status = try_phase(options, set, &found, err);
        return status != PIXCL_OK || found ? status : fail_missing(options, err);
    }
    /* NULL stands for the folder of halves. */
    static const layout *const orders[2][4] = {{&inside, NULL, &beside, &outside}, {&beside, &inside, &outside, NULL}};
    const layout *const *order = orders[options->dataset_mode == PX_DATASET_UNALIGNED];
    for (int i = 0; i < 4; i++) {
        pixcl_status status =
            order[i] ? try_folders(options, order[i], set, &found, err) : try_halves(options, set, &found, err);
        if (status != PIXCL_OK || found)
            return status;
    }
    return fail_missing(options, err);
}

pixcl_status px_scan(const px_data_options *options, px_picture_set *set, pixcl_error *err)
{
    *set = (px_picture_set){.halves = false};
    pixcl_status status = find(options, set, err);
    if (status != PIXCL_OK)
        px_picture_set_free(set);
    return status;
}
