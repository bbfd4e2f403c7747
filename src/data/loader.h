/* Batches, read ahead by threads.
 *
 * What is in a batch depends on the seed, the epoch and the position alone: the number of threads, and where a run was
 * interrupted and resumed, change no bit of it. Epochs are shuffled anew unless --serial_batches; the last batch of an
 * epoch may be short. */
#ifndef PX_DATA_LOADER_H
#define PX_DATA_LOADER_H

#include "data/dataset.h"

/* As items (dataset.h), `count` of them behind one another. */
typedef struct px_batch {
    size_t position;  /* of its first item in the epoch */
    int count;        /* 1 .. batch_size */
    float *planes[2]; /* by role: [count][channels][height][width] */
    int channels[2], height[2], width[2];
    const char **path[2]; /* [count]; NULL entries for role B of a "single" set */
} px_batch;

/* One thread at a time may call the functions below on a loader. */
typedef struct px_loader px_loader;

/* Starts the threads, which wait for px_loader_start. The dataset must outlive the loader. NULL on failure. */
px_loader *px_loader_create(const px_dataset *dataset, pixcl_error *err);
void px_loader_destroy(px_loader **loader);

/* Goes to item `position` (0: the beginning) of an epoch (any number below 2^24) and begins to read ahead. What was
 * read ahead before is thrown away. */
pixcl_status px_loader_start(px_loader *loader, uint32_t epoch, size_t position, pixcl_error *err);

/* The next batch, or NULL in *batch, with PIXCL_OK, at the end of the epoch. It belongs to the loader and is valid
 * until the next call. A picture that cannot be used is an error, at the same batch every time; calling again gives it
 * again. */
pixcl_status px_loader_next(px_loader *loader, const px_batch **batch, pixcl_error *err);

/* Position after the last batch that was given out: what px_loader_start needs to go on from here. */
size_t px_loader_position(const px_loader *loader);
/* Seconds px_loader_next spent waiting for pictures since the loader was made. */
double px_loader_wait_seconds(const px_loader *loader);

#endif
