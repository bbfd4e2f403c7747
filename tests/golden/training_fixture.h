/* A fixture of training steps: a JSON file of tools/golden/train_steps.py. What is missing in it fails the test. */
#ifndef GOLDEN_TRAINING_FIXTURE_H
#define GOLDEN_TRAINING_FIXTURE_H

#include "base/json.h"
#include "model/model.h"
#include "options/fields.h"

typedef struct training_fixture {
    const char *name; /* of the file */
    cJSON *json;
    pixcl_options options;  /* what it was made with */
    px_model_options model; /* the same, for the program; points into `options` */
} training_fixture;

/* Reads PX_GOLDEN/<name>. Neither the fixture nor the name may move before it is closed. */
void training_fixture_open(training_fixture *fixture, const char *name);
void training_fixture_close(training_fixture *fixture);

const cJSON *training_fixture_field(const training_fixture *fixture, const cJSON *object, const char *name);
double training_fixture_number(const training_fixture *fixture, const cJSON *object, const char *name);

#endif
