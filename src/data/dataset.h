/* A set of pictures, and one item of it as what a network sees. */
#ifndef PX_DATA_DATASET_H
#define PX_DATA_DATASET_H

#include <stddef.h>

#include "base/file.h"
#include "base/rng.h"
#include "data/options.h"

/* Roles, after --direction: A is the network's input, B its target (for CycleGAN: the two domains). */
enum { PX_ROLE_A = 0, PX_ROLE_B = 1 };

/* Values are (v/255 - 0.5)/0.5, in [-1, 1]. In a "single" set, role B has NULL planes and path, and sizes of 0. In a
 * "colorization" set, A is L/50 - 1 and B is (a, b)/110 of one picture in L*a*b*. */
typedef struct px_item {
    float *planes[2];    /* by role: [channels][height][width] */
    const char *path[2]; /* the file it came from; owned by the dataset */
    int channels[2], height[2], width[2];
} px_item;

/* Immutable once made: all calls but destroy are thread-safe. */
typedef struct px_dataset px_dataset;

/* Finds the files; opens none of them. `options` is copied. NULL on failure. */
px_dataset *px_dataset_create(const px_data_options *options, pixcl_error *err);
void px_dataset_destroy(px_dataset **dataset);

/* The options with the defaults filled in; dataroot and phase live as long as the dataset. */
const px_data_options *px_dataset_options(const px_dataset *dataset);

/* Items an epoch: the pictures or pairs, or, unaligned, the pictures of the larger side. */
size_t px_dataset_count(const px_dataset *dataset);

/* Pictures that a role has. Items beyond that show pictures of this role again (unaligned sets). */
size_t px_dataset_pictures(const px_dataset *dataset, int role);

/* What these are called among each other, in the order of the items: "001", or "street/001" where there are folders in
 * the folder; with the extension where two would be the same without. Free with px_file_list_free. */
pixcl_status px_dataset_names(const px_dataset *dataset, int role, px_file_list *names, pixcl_error *err);

/* Reads and prepares item `index` (below the count), drawing crop, flip and, unaligned, the picture of B from `rng`:
 * the same rng gives the same bits. Errors name the file. Free the item, which is left empty on failure, with
 * px_item_free. */
pixcl_status px_dataset_get(const px_dataset *dataset, size_t index, px_rng *rng, px_item *item, pixcl_error *err);
void px_item_free(px_item *item);

#endif
