/* Mean, spread and limits of a tensor in a file. */
#ifndef PX_WEIGHTS_TENSOR_FIGURES_H
#define PX_WEIGHTS_TENSOR_FIGURES_H

#include "store/tensor.h"

/* Over the finite values; all NaN when there is none. std is that of the whole tensor (divided by the count). */
typedef struct px_figures {
    double mean, std, lowest, highest;
    size_t not_finite; /* NaN and infinite values */
} px_figures;

px_figures px_tensor_figures(const px_tensor *tensor);

#endif
