/* Pages and tables about pictures: the results of the test phase, the training page, the demo's page. */
#ifndef PX_REPORT_REPORT_H
#define PX_REPORT_REPORT_H

#include "pixcl/compare.h"
#include "pixcl/distance.h"
#include "report/chart.h"

enum { PX_REPORT_MOST_COLUMNS = 6 };

/* One picture's row: the files of its columns, and how near the output came. Strings are not owned. */
typedef struct px_report_row {
    const char *name;
    const char *paths[PX_REPORT_MOST_COLUMNS]; /* of image files; NULL leaves a place empty */
    bool measured;
    pixcl_metrics metrics;
} px_report_row;

/* How far one set of pictures is from another. */
typedef struct px_report_distance {
    char name[48]; /* "output against target" */
    pixcl_swd_distance distance;
} px_report_distance;

typedef struct px_report_fact {
    const char *name, *value;
} px_report_fact;

/* What a page shows; whatever is left 0 or NULL is left out. Nothing is owned. */
typedef struct px_report {
    const char *title;
    const char *note;            /* a sentence below the title */
    const char *const *warnings; /* what is wrong */
    size_t warning_count;
    const px_report_fact *facts; /* what was trained, on what */
    size_t fact_count;
    const char *const *commands; /* what makes this page again */
    size_t command_count;
    const px_chart *charts;
    size_t chart_count;
    const char *columns[PX_REPORT_MOST_COLUMNS]; /* "input", "output", "target" */
    int column_count;
    const px_report_row *rows;
    size_t row_count;
    const px_report_distance *distances;
    size_t distance_count;
    bool embed;          /* pictures inside the page instead of beside it */
    int refresh_seconds; /* a browser reloads the page this often */
} px_report;

/* Writes the page to `path`, atomically: mean figures, pictures row by row, curves, facts, commands, figures a
 * picture. */
pixcl_status px_report_write(const px_report *report, const char *path, pixcl_error *err);

/* Mean of the measured rows; SSIM over those that have one. Returns how many were measured; with none, all are NaN. */
size_t px_report_mean(const px_report_row *rows, size_t count, pixcl_metrics *mean);

/* Writes "name,psnr,ssim,l1,swd", a line a measured row, a line "mean", and a line a distance, which has nothing but
 * that (RFC 4180; infinite and missing values as inf, nan). */
pixcl_status px_report_csv(const px_report_row *rows, size_t count, const px_report_distance *distances,
                           size_t distance_count, const char *path, pixcl_error *err);

#endif
