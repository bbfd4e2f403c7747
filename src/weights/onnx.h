/* A generator as an ONNX model, for whatever runs such models. */
#ifndef PX_WEIGHTS_ONNX_H
#define PX_WEIGHTS_ONNX_H

#include "weights/generator_file.h"

/* Writes opset 13: input "input" (batch,C,height,width) and output "output", float32 in [-1,1], sides symbolic. Dropout
 * is left out. `eval`: batch norm by its running statistics; else by those of each picture, as translating does at a
 * batch of one. `half`: weights are stored as float16; *tensors
 * is how many there are. What a user must know is in the metadata. PIXCL_ERROR_FORMAT for
 * `eval` without running statistics or a weight that is beyond float16, PIXCL_ERROR_MEMORY for a model above 2 GB. */
pixcl_status px_onnx_write(const px_generator_file *generator, px_way way, bool eval, bool half, const char *path,
                           size_t *tensors, pixcl_error *err);

#endif
