/* A trained run applied to a set: item by item, the pictures that the model shows and how near they come. */
#ifndef PX_INFERENCE_TESTER_H
#define PX_INFERENCE_TESTER_H

#include "data/dataset.h"
#include "inference/inference.h"
#include "pixcl/compare.h"
#include "pixcl/distance.h"
#include "report/report.h"

/* A column of the results. */
typedef struct px_test_column {
    const char *label; /* of the files, the reference's: "fake_B" */
    const char *title; /* for people: "output" */
    int role; /* in the set, of the file that the picture belongs to and is called after (PX_ROLE_A, PX_ROLE_B) */
} px_test_column;

typedef struct px_tester {
    pixcl_options options, trained; /* of the test, filled up from the checkpoint; of the checkpoint */
    px_inference *inference;
    px_way way; /* of single pictures, and the first of sets with both sides, which a CycleGAN goes both ways */
    px_dataset *dataset;
    size_t count; /* items, not above --num_test */
    px_test_column columns[PX_REPORT_MOST_COLUMNS];
    int column_count;
} px_tester;

/* What an item shows, by column; free with px_tested_free(). */
typedef struct px_tested {
    pixcl_image *images[PX_REPORT_MOST_COLUMNS]; /* NULL: that picture has been shown before (unaligned sets) */
    bool measured;                               /* there is a target */
    pixcl_metrics metrics;                       /* fake_B against real_B */
} px_tested;

/* Opens `checkpoint`, on the device that the options name, and their set. Close the tester also on failure. */
pixcl_status px_tester_open(px_tester *tester, const pixcl_options *options, const char *checkpoint, pixcl_error *err);
/* The same with the networks of a run that is being trained, which are lent. */
pixcl_status px_tester_of_run(px_tester *tester, const pixcl_options *options, const px_trained *trained,
                              pixcl_error *err);
void px_tester_close(px_tester *tester);

pixcl_status px_tester_run(px_tester *tester, size_t index, px_tested *tested, pixcl_error *err);
void px_tested_free(px_tested *tested);

/* What a whole set comes to. */
typedef struct px_test_score {
    size_t pictures, measured; /* items gone through, and those of them that have a target */
    pixcl_metrics mean;        /* over the measured ones; NaN when there are none */
    /* From fake_B to real_B, and for a CycleGAN from fake_A to real_A; the mean is NaN where there is nothing to
     * compare. */
    pixcl_swd_distance distances[2];
} px_test_score;

/* After every item; a failure ends the test. */
typedef pixcl_status (*px_test_visitor)(void *user, size_t index, const px_tested *tested, pixcl_error *err);

/* Tests the whole set, or as much of it as there is time for until the context asks for an end. `visitor` may be NULL.
 */
pixcl_status px_tester_measure(px_tester *tester, px_test_visitor visitor, void *user, px_test_score *score,
                               pixcl_error *err);

/* Which pictures distances[way] compares: "output against target". */
void px_tester_distance_name(const px_tester *tester, px_way way, char *name, size_t size);

#endif
