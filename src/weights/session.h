/* A program of graph nodes brought to life on a device: planned, allocated, ready to run. */
#ifndef PX_WEIGHTS_SESSION_H
#define PX_WEIGHTS_SESSION_H

#include "data/options.h"
#include "exec/exec.h"
#include "exec/opencl/exec.h"
#include "model/model.h"
#include "options/fields.h"

typedef struct px_session {
    px_training *training;
    px_plan *plan;
    px_exec *exec;
} px_session;

/* Opens the device that --device names (NULL or "": the best). With `no_tuning`, plans for it take the defaults. */
px_cl_device *px_session_device(const char *device, bool no_tuning, bool profiling, pixcl_error *err);
/* The same as a command's options say. */
px_cl_device *px_session_device_of(const pixcl_options *options, bool profiling, pixcl_error *err);

/* Takes over `training` (also on failure, and NULL passes a failure on) and plans and loads it for `device`, which
 * must outlive the session. `fill` writes its variables, on another thread while programs are built. */
typedef pixcl_status (*px_session_fill)(const px_session *session, void *context, pixcl_error *err);
pixcl_status px_session_open(px_session *session, px_training *training, px_cl_device *device, px_session_fill fill,
                             void *context, pixcl_error *err);
void px_session_close(px_session *session);

/* What the rooms below need of the options. The strings are the options' own. */
px_model_options px_model_options_of(const pixcl_options *options, int batch, int height, int width);
pixcl_status px_data_options_of(const pixcl_options *options, px_data_options *data, pixcl_error *err);

#endif
