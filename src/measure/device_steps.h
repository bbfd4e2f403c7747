/* A training step timed on a device, as a trial in helpers. */
#ifndef PX_MEASURE_DEVICE_STEPS_H
#define PX_MEASURE_DEVICE_STEPS_H

#include "exec/opencl/survey.h"

extern const px_survey_trial px_survey_step;

#endif
