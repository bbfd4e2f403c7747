/* Where a run stands, and that as text, as a checkpoint keeps it in its metadata. */
#ifndef PX_WEIGHTS_RUN_STATE_H
#define PX_WEIGHTS_RUN_STATE_H

#include "base/error.h"
#include "options/fields.h"
#include "weights/schedule.h"

/* The best validation of a run so far, without that of the very checkpoint that holds this. */
typedef struct px_best {
    char metric[PIXCL_OPTION_CHOICE_SIZE]; /* --val_metric, "" before the first validation */
    char phase[PIXCL_OPTION_TEXT_SIZE];    /* --val_phase */
    double value;
    int epoch; /* after which; 0: none yet */
} px_best;

/* Where a run stands: all that the next step depends on besides the variables. Random numbers depend on seed, step,
 * epoch and position alone. */
typedef struct px_run_state {
    long long step;       /* done */
    int epoch;            /* the current one, from 1 */
    long long iter;       /* pictures of it seen */
    long long pictures;   /* seen in the whole run; what the frequencies count */
    long long pool_begin; /* of these, seen when the pools of old pictures were last empty */
    px_schedule schedule;
    px_best best;
} px_run_state;

/* The state as a JSON object (px_free), with every digit. */
char *px_run_state_to_json(const px_run_state *state, pixcl_error *err);

/* The reverse. PIXCL_ERROR_FORMAT, naming `path`, for a text that no run has written. */
pixcl_status px_run_state_from_json(px_run_state *state, const char *json, const char *path, pixcl_error *err);

#endif
