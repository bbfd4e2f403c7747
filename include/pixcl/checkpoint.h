/* Files of weights: what is inside, and changing their form. Checkpoints of pixcl, .safetensors and PyTorch's .pth
 * files (zip and the older stream) are all read; what a file is, its content tells. No device is needed.
 * Thread-safe. */
#ifndef PIXCL_CHECKPOINT_H
#define PIXCL_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "pixcl/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Zero-initialise for the defaults. */
typedef struct pixcl_show_params {
    bool tensors; /* list every tensor with dtype, shape, mean, standard deviation, lowest and highest value; reads the
                   * whole file */
    bool json;    /* one JSON object instead of text for people */
    bool verify;  /* compare every tensor with the hash that was written with it; reads the whole file */
} pixcl_show_params;

/* Describes a file of weights: for a checkpoint its networks, where the run stands and its options; for any other which
 * network of the reference it seems to hold. `path` may be a run's folder, which stands for its latest.safetensors;
 * `params` may be NULL. pixcl_free() the text, which ends with a newline. NULL on failure: PIXCL_ERROR_IO,
 * PIXCL_ERROR_FORMAT (neither safetensors nor .pth, or damaged), PIXCL_ERROR_MEMORY.
 *
 * JSON: {"file","bytes","format","pixcl": version or null,"networks":[{"name","network","generator","parameters",
 * "tensors",...}],"tensors": count,"run": {"step","epoch","iter","pictures","options":{..},"changed":[..],
 * "best":{"metric","value","epoch"} when there was a validation before} or null,"list":[{"name","dtype","shape","mean",
 * "std","min","max","not_finite"}] with `tensors`}. Figures are over the finite values and null when there is none. */
PIXCL_API char *pixcl_show(pixcl_context *context, const char *path, const pixcl_show_params *params, pixcl_error *err);

/* Zero-initialise for the defaults. */
typedef struct pixcl_convert_params {
    const char *format; /* "pth", "safetensors" or "onnx"; NULL: what the name of `to` ends with; "pth" for a checkpoint
                         * and "the other one" for any other file when `to` is a folder */
    /* For ONNX only */
    const char *direction; /* "AtoB" or "BtoA": which generator of a CycleGAN; NULL: as trained */
    const char *network;   /* as the option network */
    bool eval;             /* batch norm by its running statistics; false: by those of each picture */
    bool half;             /* weights as float16 */
    void *user;
    /* After each file. May be NULL. */
    void (*written)(void *user, const char *path, size_t tensors);
} pixcl_convert_params;

/* Converts a file of weights.
 *
 * To ONNX: the generator of a checkpoint, or of another program's file, becomes one model of opset 13, for batches of
 * any number and pictures whose sides are multiples of what its metadata says. Input "input" and output "output" are
 * float32 (N,C,H,W) in [-1,1]. Dropout is left out. `to` is a file, or a folder that gets a file of the generator's
 * name.
 *
 * To the others:
 *
 * A checkpoint of pixcl: `to` is a folder (made when it is not there), which gets latest_net_G.pth and latest_net_D.pth
 * (or .safetensors) with the reference's state_dict keys, in the reference's order: what PyTorch's load_state_dict()
 * and `pixcl train --init_from` read. num_batches_tracked of batch normalisation is the number of the network's forward
 * passes in the run. Moments and options stay behind.
 *
 * Any other file: the same tensors, bit for bit, in the other form; `to` is a file, or a folder that gets a file of the
 * same stem.
 *
 * `path` as in pixcl_show(). `params` may be NULL. Files are written whole or not at all. PIXCL_ERROR_ARGUMENT for an
 * unknown format or a `to` that does not fit, else the errors of pixcl_show(). */
PIXCL_API pixcl_status pixcl_convert(pixcl_context *context, const char *path, const char *to,
                                     const pixcl_convert_params *params, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
