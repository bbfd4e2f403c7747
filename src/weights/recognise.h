/* Which network a state_dict is of: told by the order of its tensors, their shapes and the ends of their keys. What the
 * modules are called does not matter, so forks of the reference are recognised, too. */
#ifndef PX_WEIGHTS_RECOGNISE_H
#define PX_WEIGHTS_RECOGNISE_H

#include "store/tensor_file.h"
#include "weights/guess.h"

/* A convolution and the norm behind it; what it does not have is NULL. */
typedef struct px_layer {
    const px_tensor *weight, *bias;
    const px_tensor *gamma, *beta, *mean, *variance;
} px_layer;

enum { PX_MOST_LAYERS = 160 }; /* convolutions: those of resnet_64blocks, and some */

typedef struct px_recognised {
    px_guess guess;
    px_layer layers[PX_MOST_LAYERS]; /* in the order in which they are applied, and listed in a state_dict */
    int count;
} px_recognised;

/* Looks at the tensors whose names begin with `prefix` ("G." in a checkpoint, "" in a file of one network); Adam's
 * moments are passed over. False when they are no network of the reference, one with an affine instance norm, or one
 * whose convolutions in front of batch norms have biases; *why is then the nearest network and what differs
 * (px_free; NULL when memory is out; `why` may be NULL). */
bool px_recognise(const px_tensor_file *file, const char *prefix, px_recognised *network, char **why);

#endif
