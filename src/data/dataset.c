#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/scan.h"
#include "data/transform.h"
#include "image/geometry.h"
#include "image/lab.h"
#include "image/planes.h"

struct px_dataset {
    px_data_options options;
    char *dataroot, *phase;
    px_picture_set set;
    size_t sides[2]; /* pictures of A and of B that are used */
};

/* Which list the files of a side are in: one, where a file is of both sides. */
static int list_of(const px_dataset *dataset, int side)
{
    return dataset->set.halves || dataset->options.dataset_mode == PX_DATASET_COLORIZATION ? 0 : side;
}

px_dataset *px_dataset_create(const px_data_options *options, pixcl_error *err)
{
    px_data_options complete = *options;
    if (px_data_options_complete(&complete, err) != PIXCL_OK)
        return NULL;
    px_dataset *dataset = px_calloc(1, sizeof(*dataset), err);
    if (!dataset)
        return NULL;
    dataset->options = complete;
    dataset->dataroot = px_strdup(complete.dataroot, err);
    dataset->phase = dataset->dataroot ? px_strdup(complete.phase, err) : NULL;
    if (!dataset->phase || px_scan(&complete, &dataset->set, err) != PIXCL_OK) {
        px_dataset_destroy(&dataset);
        return NULL;
    }
    dataset->options.dataroot = dataset->dataroot;
    dataset->options.phase = dataset->phase;
    for (int s = 0; s < 2; s++) {
        dataset->sides[s] = dataset->set.side[list_of(dataset, s)].count;
        if (complete.max_dataset_size > 0 && dataset->sides[s] > (size_t)complete.max_dataset_size)
            dataset->sides[s] = (size_t)complete.max_dataset_size;
    }
    return dataset;
}

void px_dataset_destroy(px_dataset **dataset)
{
    if (!dataset || !*dataset)
        return;
    px_picture_set_free(&(*dataset)->set);
    px_free((*dataset)->dataroot);
    px_free((*dataset)->phase);
    px_free(*dataset);
    *dataset = NULL;
}

const px_data_options *px_dataset_options(const px_dataset *dataset)
{
    return &dataset->options;
}

size_t px_dataset_count(const px_dataset *dataset)
{
    return dataset->sides[0] > dataset->sides[1] ? dataset->sides[0] : dataset->sides[1];
}

/* Which role a file's side (0: A, 1: B) plays under --direction, and the reverse. */
static int other_end(const px_dataset *dataset, int side)
{
    const px_data_options *options = &dataset->options;
    bool swap = options->direction == PX_B_TO_A && options->dataset_mode != PX_DATASET_SINGLE;
    return swap ? 1 - side : side;
}

size_t px_dataset_pictures(const px_dataset *dataset, int role)
{
    return dataset->sides[other_end(dataset, role)];
}

pixcl_status px_dataset_names(const px_dataset *dataset, int role, px_file_list *names, pixcl_error *err)
{
    const int side = other_end(dataset, role);
    return px_picture_names(&dataset->set, list_of(dataset, side), dataset->sides[side], names, err);
}

void px_item_free(px_item *item)
{
    px_free(item->planes[0]);
    px_free(item->planes[1]);
    *item = (px_item){.planes = {NULL, NULL}};
}

/* The left (A, side 0) or right (B, side 1) half. An odd column goes to the right, as in the reference. */
static pixcl_image *half(const pixcl_image *image, int side, const char *path, pixcl_error *err)
{
    int middle = image->width / 2;
    if (middle == 0) {
        px_fail(err, PIXCL_ERROR_FORMAT,
                "'%s' is %d pixel wide: a pair holds A on its left and B on its right half, side by side: remove the "
                "picture",
                path, image->width);
        return NULL;
    }
    return side == 0 ? px_image_crop(image, 0, 0, middle, image->height, err)
                     : px_image_crop(image, middle, 0, image->width - middle, image->height, err);
}

/* Room for what a role sees of `image`, in planes[channels]; NULL on failure. */
static float *claim(px_item *item, int role, int channels, const pixcl_image *image, const char *path, pixcl_error *err)
{
    item->planes[role] = px_calloc((size_t)image->width * image->height * channels, sizeof(float), err);
    item->path[role] = path;
    item->channels[role] = channels;
    item->width[role] = image->width;
    item->height[role] = image->height;
    return item->planes[role];
}

/* Puts a file's side (0: A, 1: B) into the role that --direction gives it. */
static pixcl_status fill(const px_dataset *dataset, int side, const pixcl_image *image, const char *path,
                         const px_transform *transform, px_item *item, pixcl_error *err)
{
    const px_data_options *options = &dataset->options;
    int role = other_end(dataset, side);
    int channels = role == PX_ROLE_A ? options->input_nc : options->output_nc;
    pixcl_image *made = px_transform_apply(transform, image, channels, err);
    if (!made)
        return px_fail_context(err, "'%s'", path);
    float *planes = claim(item, role, channels, made, path, err);
    if (planes)
        px_image_to_planes(made, planes);
    pixcl_image_destroy(&made);
    return planes ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

/* Puts a picture's lightness into role A and its colours into role B. */
static pixcl_status fill_lab(const pixcl_image *image, const char *path, const px_transform *transform, px_item *item,
                             pixcl_error *err)
{
    pixcl_image *made = px_transform_apply(transform, image, 3, err);
    if (!made)
        return px_fail_context(err, "'%s'", path);
    float *lightness = claim(item, PX_ROLE_A, 1, made, path, err);
    float *colour = lightness ? claim(item, PX_ROLE_B, 2, made, path, err) : NULL;
    if (colour)
        px_image_to_lab(made, lightness, colour);
    pixcl_image_destroy(&made);
    return colour ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

/* One picture on its own. */
static pixcl_status get_one(const px_dataset *dataset, int side, size_t index, px_rng *rng, px_item *item,
                            pixcl_error *err)
{
    const px_picture_set *set = &dataset->set;
    const char *path = set->side[set->halves ? 0 : side].paths[index];
    px_transform transform;
    pixcl_image *image = pixcl_image_load(path, err);
    if (image && set->halves) {
        pixcl_image *part = half(image, side, path, err);
        pixcl_image_destroy(&image);
        image = part;
    }
    if (!image)
        return err->status;
    pixcl_status status = px_transform_draw(&dataset->options, image->width, image->height, rng, path, &transform, err);
    if (status == PIXCL_OK)
        status = dataset->options.dataset_mode == PX_DATASET_COLORIZATION
                     ? fill_lab(image, path, &transform, item, err)
                     : fill(dataset, side, image, path, &transform, item, err);
    pixcl_image_destroy(&image);
    return status;
}

/* A and B of a pair as they are in the files. False, with nothing held, on failure. */
static bool load_pair(const px_picture_set *set, size_t index, pixcl_image *pair[2], const char *paths[2],
                      pixcl_error *err)
{
    for (int s = 0; s < 2; s++) {
        paths[s] = set->side[set->halves ? 0 : s].paths[index];
        pair[s] = NULL;
    }
    if (set->halves) {
        pixcl_image *both = pixcl_image_load(paths[0], err);
        for (int s = 0; both && s < 2 && (s == 0 || pair[0]); s++)
            pair[s] = half(both, s, paths[0], err);
        pixcl_image_destroy(&both);
    } else {
        pair[0] = pixcl_image_load(paths[0], err);
        pair[1] = pair[0] ? pixcl_image_load(paths[1], err) : NULL;
    }
    if (pair[1])
        return true;
    pixcl_image_destroy(&pair[0]);
    return false;
}

/* A pair: both get the same size, crop and flip. */
static pixcl_status get_pair(const px_dataset *dataset, size_t index, px_rng *rng, px_item *item, pixcl_error *err)
{
    const px_data_options *options = &dataset->options;
    pixcl_image *pair[2];
    const char *paths[2];
    px_transform transform;
    if (!load_pair(&dataset->set, index, pair, paths, err))
        return err->status;
    pixcl_status status = PIXCL_OK;
    /* An odd picture's right half has one column more; more than that can only be two unrelated pictures. */
    if (options->preprocess != PX_RESIZE_AND_CROP &&
        (abs(pair[0]->width - pair[1]->width) > 1 || pair[0]->height != pair[1]->height))
        status = px_fail(
            err, PIXCL_ERROR_FORMAT,
            "'%s' has %d x %d pixels and its partner '%s' has %d x %d: under --preprocess %s both must be of one size",
            paths[0], pair[0]->width, pair[0]->height, paths[1], pair[1]->width, pair[1]->height,
            px_preprocess_name(options->preprocess));
    if (status == PIXCL_OK)
        status = px_transform_draw(options, pair[0]->width, pair[0]->height, rng, paths[0], &transform, err);
    for (int s = 0; s < 2 && status == PIXCL_OK; s++)
        status = fill(dataset, s, pair[s], paths[s], &transform, item, err);
    pixcl_image_destroy(&pair[0]);
    pixcl_image_destroy(&pair[1]);
    return status;
}

pixcl_status px_dataset_get(const px_dataset *dataset, size_t index, px_rng *rng, px_item *item, pixcl_error *err)
{
    pixcl_error own = {PIXCL_OK, ""}; /* failures below are told by err->status */
    pixcl_status status;
    if (!err)
        err = &own;
    *item = (px_item){.planes = {NULL, NULL}};
    if (index >= px_dataset_count(dataset))
        return px_fail(err, PIXCL_ERROR_INTERNAL, "item %zu was asked of a set of %zu", index,
                       px_dataset_count(dataset));
    if (dataset->options.dataset_mode == PX_DATASET_ALIGNED) {
        status = get_pair(dataset, index, rng, item, err);
    } else {
        status = get_one(dataset, 0, index % dataset->sides[0], rng, item, err);
        if (status == PIXCL_OK && dataset->options.dataset_mode == PX_DATASET_UNALIGNED) {
            size_t other = dataset->options.serial_batches ? index % dataset->sides[1]
                                                           : px_rng_below(rng, (uint32_t)dataset->sides[1]);
            status = get_one(dataset, 1, other, rng, item, err);
        }
    }
    if (status != PIXCL_OK)
        px_item_free(item);
    return status;
}
