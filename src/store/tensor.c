#include "store/tensor.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "checkpoints are read and written as little-endian memory"
#endif

static const struct {
    const char *name;
    size_t size;
} dtypes[PX_DTYPE_COUNT] = {
    [PX_DTYPE_F64] = {"F64", 8},   [PX_DTYPE_F32] = {"F32", 4},   [PX_DTYPE_F16] = {"F16", 2},
    [PX_DTYPE_BF16] = {"BF16", 2}, [PX_DTYPE_I64] = {"I64", 8},   [PX_DTYPE_I32] = {"I32", 4},
    [PX_DTYPE_U8] = {"U8", 1},     [PX_DTYPE_BOOL] = {"BOOL", 1},
};

size_t px_dtype_size(px_dtype dtype)
{
    return dtypes[dtype].size;
}

const char *px_dtype_name(px_dtype dtype)
{
    return dtypes[dtype].name;
}

px_dtype px_dtype_find(const char *name)
{
    int dtype = 0;

    while (dtype < PX_DTYPE_COUNT && strcmp(dtypes[dtype].name, name) != 0)
        dtype++;
    return (px_dtype)dtype;
}

bool px_tensor_count(px_dtype dtype, int rank, const int64_t *shape, size_t *count)
{
    size_t product = 1, bytes;
    bool empty = false;

    for (int i = 0; i < rank; i++) {
        if (shape[i] < 0)
            return false;
        empty = empty || shape[i] == 0;
    }
    for (int i = 0; i < rank && !empty; i++)
        if (__builtin_mul_overflow(product, (size_t)shape[i], &product))
            return false;
    *count = empty ? 0 : product;
    return !__builtin_mul_overflow(*count, dtypes[dtype].size, &bytes) && bytes <= PTRDIFF_MAX;
}

size_t px_tensor_bytes(const px_tensor *tensor)
{
    return tensor->count * dtypes[tensor->dtype].size;
}

uint64_t px_tensor_hash(const px_tensor *tensor, const void *data)
{
    return XXH3_64bits(data, px_tensor_bytes(tensor));
}

const char *px_dims_text(int rank, const int64_t *dims, char text[PX_DIMS_TEXT])
{
    size_t length = 1;

    text[0] = '(';
    for (int i = 0; i < rank && i < PX_MAX_RANK; i++) /* 8 x (20 digits and a comma) always fit */
        length += (size_t)sprintf(text + length, "%s%lld", i ? "," : "", (long long)dims[i]);
    strcpy(text + length, ")");
    return text;
}

const char *px_printable(const char *bytes, size_t length, char *text, size_t capacity)
{
    size_t i;

    for (i = 0; i < length && i + 1 < capacity; i++)
        text[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '?';
    text[i] = '\0';
    return text;
}

static float float_of_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static float float_of_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;

    if (exponent == 0x1f) /* infinity or NaN */
        return float_of_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent == 0) { /* zero or subnormal: fraction * 2^-24, exact in float */
        float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

bool px_dtype_to_f32(px_dtype dtype, const void *from, size_t count, float *to)
{
    const uint8_t *bytes = from;
    uint16_t half;
    double wide;

    switch (dtype) {
    case PX_DTYPE_F32:
        if (count)
            memcpy(to, from, count * sizeof *to);
        return true;
    case PX_DTYPE_F64:
        for (size_t i = 0; i < count; i++) {
            memcpy(&wide, bytes + i * sizeof wide, sizeof wide);
            to[i] = (float)wide;
        }
        return true;
    case PX_DTYPE_F16:
        for (size_t i = 0; i < count; i++) {
            memcpy(&half, bytes + i * sizeof half, sizeof half);
            to[i] = float_of_half(half);
        }
        return true;
    case PX_DTYPE_BF16: /* the upper half of a float */
        for (size_t i = 0; i < count; i++) {
            memcpy(&half, bytes + i * sizeof half, sizeof half);
            to[i] = float_of_bits((uint32_t)half << 16);
        }
        return true;
    case PX_DTYPE_I64:
    case PX_DTYPE_I32:
    case PX_DTYPE_U8:
    case PX_DTYPE_BOOL:
    case PX_DTYPE_COUNT:
        break;
    }
    return false;
}
