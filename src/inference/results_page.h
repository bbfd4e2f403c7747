/* The page of the test phase: mean figures, pictures, the training's losses, what was trained and how to repeat it. */
#ifndef PX_INFERENCE_RESULTS_PAGE_H
#define PX_INFERENCE_RESULTS_PAGE_H

#include "inference/tester.h"
#include "options/fields.h"
#include "report/report.h"

/* Nothing is owned. */
typedef struct px_results {
    const pixcl_options *asked;   /* of the test, as its caller gave them */
    const pixcl_options *options; /* the same, filled up from the checkpoint */
    const pixcl_options *trained; /* of the checkpoint */
    const px_run_state *state;    /* of the checkpoint */
    const char *history;          /* path of the run's history.jsonl; no curves when there is no such file */
    const px_test_column *columns;
    int column_count;
    const px_report_row *rows;
    size_t row_count;
    const px_report_distance *distances;
    size_t distance_count;
    bool embed; /* pictures inside the page */
} px_results;

pixcl_status px_results_page_write(const px_results *results, const char *path, pixcl_error *err);

#endif
