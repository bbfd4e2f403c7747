/* What a set of pictures can be told. Names and meaning are those of the PyTorch reference's flags. */
#ifndef PX_DATA_OPTIONS_H
#define PX_DATA_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef enum px_dataset_mode {
    PX_DATASET_ALIGNED = 0, /* "aligned": pairs */
    PX_DATASET_UNALIGNED,   /* "unaligned": two folders that have nothing to do with one another */
    PX_DATASET_SINGLE,      /* "single": inputs only */
    PX_DATASET_COLORIZATION /* "colorization": pictures whose lightness is the input and whose colours are the target */
} px_dataset_mode;

typedef enum px_direction { PX_A_TO_B = 0, PX_B_TO_A } px_direction; /* "AtoB", "BtoA" */

/* What brings a picture to size. */
typedef enum px_preprocess {
    PX_RESIZE_AND_CROP = 0,  /* "resize_and_crop": to load_size x load_size, then cut crop_size x crop_size */
    PX_CROP,                 /* "crop" */
    PX_SCALE_WIDTH,          /* "scale_width": width load_size, the height follows but is at least crop_size */
    PX_SCALE_WIDTH_AND_CROP, /* "scale_width_and_crop" */
    PX_PREPROCESS_NONE       /* "none": each side to the nearest multiple of 4 */
} px_preprocess;

/* Zero is the default everywhere. */
typedef struct px_data_options {
    const char *dataroot; /* required */
    const char *phase;    /* NULL: "train" */
    px_dataset_mode dataset_mode;
    px_direction direction;
    px_preprocess preprocess;
    int load_size;        /* pixels; 0: crop_size */
    int crop_size;        /* pixels; 0: 256 */
    bool no_flip;         /* do not mirror half of the pictures */
    bool serial_batches;  /* in the order of the names, not shuffled */
    int max_dataset_size; /* 0: all pictures */
    int input_nc;         /* channels of the network's input: 3 colour (default), 1 grey; colorization: 1 */
    int output_nc;        /* of its target; colorization: 2 */
    int batch_size;       /* 0: 1 */
    int num_threads;      /* that read pictures; 0: 4 */
    bool quiet;           /* say nothing of pictures that are passed over */
    uint64_t seed;
} px_data_options;

/* The value of a flag. PIXCL_ERROR_ARGUMENT lists the words that are known. */
pixcl_status px_dataset_mode_parse(const char *text, px_dataset_mode *mode, pixcl_error *err);
pixcl_status px_direction_parse(const char *text, px_direction *direction, pixcl_error *err);
pixcl_status px_preprocess_parse(const char *text, px_preprocess *preprocess, pixcl_error *err);
const char *px_preprocess_name(px_preprocess preprocess);

/* Puts the defaults in place of zeros, then checks ranges and what contradicts itself. */
pixcl_status px_data_options_complete(px_data_options *options, pixcl_error *err);

#endif
