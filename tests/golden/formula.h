/* Weights and pictures that the fixtures were made from, bit for bit those of tools/golden/formula.py. */
#ifndef GOLDEN_FORMULA_H
#define GOLDEN_FORMULA_H

#include <stddef.h>
#include <stdint.h>

#include "graph/graph.h"

enum { FORMULA_PICTURES = 4 };

/* Initial value of the variable `name`, "G.model.model.0.weight". */
void formula_variable(const px_node_info *variable, float *values);
/* Picture `index` in [0, 256): A (side 0) or B (side 1), its first channels, up to 3, as float (channels,size,size) in
 * [-1,1]; `size` divides 256. */
void formula_picture(int index, int side, int size, int channels, float *values);
/* What the fixtures have for their inputs, so that a difference in a formula shows as such: the checksum of an array of
 * floats, and of the bytes of pair `index`, A and B side by side. */
uint64_t formula_checksum(const float *values, size_t count);
uint64_t formula_picture_checksum(int index, int size);

#endif
