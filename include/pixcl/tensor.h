/* Batches of pictures in the caller's own memory, in any order of their dimensions. */
#ifndef PIXCL_TENSOR_H
#define PIXCL_TENSOR_H

#include <stddef.h>
#include <stdint.h>

#include "pixcl/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pixcl_dtype {
    PIXCL_UINT8 = 0, /* colours from 0 to 255 */
    PIXCL_FLOAT32    /* what networks see: -1 to 1 */
} pixcl_dtype;

/* A view of n x channels x height x width values. The element (i,c,y,x) is at data + i * strides[0] + c * strides[1] +
 * y * strides[2] + x * strides[3], strides in bytes and of any sign. The library reads what goes in and writes what
 * goes out, during the call only; elements that overlap give undefined colours. Floats must be aligned to 4 bytes. */
typedef struct pixcl_tensor {
    void *data;
    pixcl_dtype dtype;
    int n, channels, height, width; /* each at least 1 */
    ptrdiff_t strides[4];
} pixcl_tensor;

/* Views of memory without gaps: pictures as cameras and PIL have them (N,H,W,C), and as PyTorch has them (N,C,H,W). */
static inline pixcl_tensor pixcl_tensor_nhwc(void *data, pixcl_dtype dtype, int n, int height, int width, int channels)
{
    const ptrdiff_t size = dtype == PIXCL_UINT8 ? 1 : 4, row = (ptrdiff_t)width * channels * size;
    const pixcl_tensor tensor = {data, dtype, n, channels, height, width, {height * row, size, row, channels * size}};
    return tensor;
}

static inline pixcl_tensor pixcl_tensor_nchw(void *data, pixcl_dtype dtype, int n, int channels, int height, int width)
{
    const ptrdiff_t size = dtype == PIXCL_UINT8 ? 1 : 4, plane = (ptrdiff_t)height * width * size;
    const pixcl_tensor tensor = {
        data, dtype, n, channels, height, width, {channels * plane, plane, width * size, size}};
    return tensor;
}

/* A named value of a network, as a state_dict has it. */
typedef struct pixcl_weight {
    char name[256]; /* the reference's key: "model.model.0.weight" */
    int rank;
    int64_t shape[4]; /* (O,I,k,k), for a transposed convolution (I,O,k,k), or (C); 1 beyond the rank */
    size_t count;     /* elements */
} pixcl_weight;

#ifdef __cplusplus
}
#endif
#endif
