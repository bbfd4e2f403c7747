/* Means of figures over pictures. */
#ifndef PX_TRAIN_METRICS_H
#define PX_TRAIN_METRICS_H

#include <stddef.h>

#include "pixcl/evaluate.h"

/* Zero-initialise it. */
typedef struct px_metrics_sum {
    pixcl_metrics sum;
    size_t count, with_ssim;
} px_metrics_sum;

void px_metrics_add(px_metrics_sum *sum, const pixcl_metrics *metrics);

/* SSIM over the pictures that have one; NaN where there is none. */
pixcl_metrics px_metrics_mean(const px_metrics_sum *sum);

#endif
