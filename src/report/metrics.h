/* Means of figures over pictures, and what a whole set comes to. */
#ifndef PX_REPORT_METRICS_H
#define PX_REPORT_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "pixcl/compare.h"

/* Zero-initialise it. */
typedef struct px_metrics_sum {
    pixcl_metrics sum;
    size_t count, with_ssim;
} px_metrics_sum;

void px_metrics_add(px_metrics_sum *sum, const pixcl_metrics *metrics);

/* SSIM over the pictures that have one; NaN where there is none. */
pixcl_metrics px_metrics_mean(const px_metrics_sum *sum);

/* The figures of a set, by which checkpoints are compared. */
typedef enum px_figure { PX_FIGURE_L1, PX_FIGURE_PSNR, PX_FIGURE_SSIM, PX_FIGURE_SWD, PX_FIGURES } px_figure;

typedef struct px_figure_info {
    const char *name;  /* as --val_metric and history.jsonl have it: "l1" */
    const char *title; /* for people: "L1" */
    const char *unit;  /* " dB", or "" */
    bool higher_is_better;
} px_figure_info;

const px_figure_info *px_figure_at(px_figure figure);
/* The figure of that name, one of the choices of --val_metric. */
px_figure px_figure_find(const char *name);

#endif
