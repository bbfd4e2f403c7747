/* Random orthogonal matrices from random normal ones. */
#ifndef PX_MODEL_ORTHOGONAL_H
#define PX_MODEL_ORTHOGONAL_H

#include <stddef.h>

#include "base/error.h"

/* Makes a row-major (rows,columns) matrix of normal numbers orthogonal, times gain, in place: orthonormal rows when
 * it is wide, orthonormal columns when it is tall. This is the Q of QR with a positive diagonal in R, as
 * torch.nn.init.orthogonal_ takes it. */
pixcl_status px_orthogonalise(float *matrix, size_t rows, size_t columns, float gain, pixcl_error *err);

#endif
