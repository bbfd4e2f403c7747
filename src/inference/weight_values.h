/* A generator's weights in the host's memory, once a program has asked for one: what it sets goes before the file. */
#ifndef PX_INFERENCE_WEIGHT_VALUES_H
#define PX_INFERENCE_WEIGHT_VALUES_H

#include "weights/generator_file.h"
#include "weights/session.h"

typedef struct px_weight_values {
    px_training *program; /* which variables there are */
    float **values;       /* by node; NULL before they are loaded */
    char net[8];
} px_weight_values;

/* Lists the variables of the generator that goes this way. */
pixcl_status px_weight_values_open(px_weight_values *weights, const px_generator_file *from, px_way way,
                                   pixcl_error *err);
/* Reads them all from the file; nothing when that was done. */
pixcl_status px_weight_values_load(px_weight_values *weights, const px_generator_file *from, pixcl_error *err);
void px_weight_values_free(px_weight_values *weights);

/* Every variable of a session of the same generator, from these values. */
pixcl_status px_weight_values_to_session(const px_weight_values *weights, const px_session *session, pixcl_error *err);

#endif
