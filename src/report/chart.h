/* Curves as an SVG picture that stands in a web page. */
#ifndef PX_REPORT_CHART_H
#define PX_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum { PX_CHART_MOST_SERIES = 8 };

/* Curves over one x axis. Nothing is owned. Values that are not finite leave gaps, as do values of 0 and below with
 * `log_y`. */
typedef struct px_chart {
    const char *title, *x_label, *y_label;
    const double *x; /* finite; ascending, or the curves go back and forth */
    size_t count;    /* of x and of every y */
    int series_count;
    const char *names[PX_CHART_MOST_SERIES];
    const double *y[PX_CHART_MOST_SERIES];
    bool log_y;
} px_chart;

/* Appends an <svg>. Each series is a bold line, smoothed, over a faint one with the values themselves (means of
 * neighbours where there are more of them than the picture can show). A chart without a single value says so in
 * words. */
void px_chart_add(px_text *page, const px_chart *chart);

#endif
