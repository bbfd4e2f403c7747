/* A trained run applied to a set: item by item, the pictures that the model shows and how near they come. */
#ifndef PX_TRAIN_TESTER_H
#define PX_TRAIN_TESTER_H

#include "data/dataset.h"
#include "pixcl/evaluate.h"
#include "train/inference.h"
#include "train/report.h"

/* A column of the results. */
typedef struct px_test_column {
    const char *label; /* of the files, the reference's: "fake_B" */
    const char *title; /* for people: "output" */
    int role;          /* whose file the picture belongs to (PX_ROLE_A, PX_ROLE_B) */
} px_test_column;

typedef struct px_tester {
    pixcl_options options, trained; /* of the test, filled up from the checkpoint; of the checkpoint */
    px_inference *inference;
    px_dataset *dataset;
    size_t count; /* items, not above --num_test */
    px_test_column columns[PX_REPORT_MOST_COLUMNS];
    int column_count;
} px_tester;

/* What an item shows, by column; free with px_tested_free(). */
typedef struct px_tested {
    pixcl_image *images[PX_REPORT_MOST_COLUMNS]; /* NULL: that picture has been shown before (unaligned sets) */
    const char *paths[PX_REPORT_MOST_COLUMNS];   /* the file it belongs to, owned by the tester */
    bool measured;                               /* there is a target */
    pixcl_metrics metrics;                       /* fake_B against real_B */
} px_tested;

/* Opens `checkpoint` and the set that the options name. The tester is zero or closed before. */
pixcl_status px_tester_open(px_tester *tester, const pixcl_options *options, const char *checkpoint, pixcl_error *err);
void px_tester_close(px_tester *tester);

pixcl_status px_tester_run(px_tester *tester, size_t index, px_tested *tested, pixcl_error *err);
void px_tested_free(px_tested *tested);

#endif
