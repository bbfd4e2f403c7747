/* What a run has been through: history.jsonl (one JSON object a logged step, for programs) and loss_log.txt (the
 * reference's lines, for people and for scripts written for the reference), both beside the checkpoints. */
#ifndef PX_REPORT_HISTORY_H
#define PX_REPORT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "options/fields.h"
#include "report/chart.h"
#include "report/metrics.h"

typedef struct px_history px_history;

typedef struct px_history_entry {
    long long step; /* 1 is the first of the run */
    int epoch;      /* 1 is the first */
    long long iter; /* pictures of this epoch seen */
    double lr;
    int loss_count;
    const char *const *names;
    const float *losses;
    const char *warning; /* what px_watches_step() says of this step; NULL: nothing */
    double seconds;      /* since the run's beginning, breaks not counted */
    double images_per_s;
    double picture_seconds, load_seconds; /* a picture: to compute, to wait for (loss_log.txt) */
} px_history_entry;

/* Opens the history in `folder`, which must exist. `resumed_step` 0 begins anew; else the lines past that step, written
 * after the checkpoint that is being resumed, are dropped, as is a half line that a kill left. NULL on failure. */
px_history *px_history_open(const char *folder, long long resumed_step, pixcl_error *err);

/* Adds one line to each file. Losses are written with the fewest digits that read back to the same float. */
pixcl_status px_history_add(px_history *history, const px_history_entry *entry, pixcl_error *err);

/* Adds a line {"step":..,"epoch":..,"val_l1":..,"val_phase":..} to history.jsonl: the figures after that step, those
 * that are NaN left out, and the pictures that they were found with. */
pixcl_status px_history_add_validation(px_history *history, long long step, int epoch, const char *phase,
                                       const float figures[PX_FIGURES], pixcl_error *err);

/* The figures after the very step that is being resumed from, found with the pictures of `phase`. False when there are
 * none. */
bool px_history_validation(const px_history *history, const char *phase, float figures[PX_FIGURES]);

/* `seconds` of the last line kept by px_history_open(), 0 when there is none: where a resumed run's clock goes on. */
double px_history_seconds(const px_history *history);

void px_history_close(px_history **history);

/* What the lines up to a step say. */
typedef struct px_history_past {
    double seconds; /* of the last one, 0 when there is none */
    bool validated; /* after that very step: */
    float figures[PX_FIGURES];
    char phase[PIXCL_OPTION_TEXT_SIZE]; /* with which pictures */
} px_history_past;

/* Cuts a history.jsonl back to the whole lines up to resumed_step: moves them to the front of `bytes` and returns how
 * many bytes that are. */
size_t px_history_cut(uint8_t *bytes, size_t size, long long resumed_step, px_history_past *past);

enum { PX_HISTORY_MOST_LOSSES = 16, PX_HISTORY_MOST_WARNINGS = 8 };

/* The columns of a history.jsonl, for charts. A loss that a line lacks is NaN there. */
typedef struct px_history_data {
    size_t count;
    double *steps, *epochs, *lr;
    int loss_count;
    char names[PX_HISTORY_MOST_LOSSES][32];
    double *losses[PX_HISTORY_MOST_LOSSES];
    size_t validation_count;
    double *validation_steps, *validation[PX_FIGURES];
    size_t warning_count;
    char *warnings[PX_HISTORY_MOST_WARNINGS]; /* the newest, oldest first: "step 1200: ..." */
} px_history_data;

/* Lines that are no history entries are passed over: half of the last one may be missing while a run writes. */
pixcl_status px_history_read(const char *path, px_history_data *data, pixcl_error *err);
/* The same from the file's bytes. */
pixcl_status px_history_parse(const uint8_t *bytes, size_t size, px_history_data *data, pixcl_error *err);
void px_history_data_free(px_history_data *data);

/* The losses over the steps: logarithmic, as they differ by orders of magnitude, and one more for those that go below
 * zero, as a critic's do; then each figure of the validations. Returns how many charts there are, 0 without a line.
 * They point into `data`. */
enum { PX_HISTORY_CHARTS = 2 + PX_FIGURES };
int px_history_charts(const px_history_data *data, px_chart charts[PX_HISTORY_CHARTS]);

#endif
