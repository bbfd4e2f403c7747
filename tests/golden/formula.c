#include "golden/formula.h"

#include <stdio.h>
#include <string.h>

static uint64_t fnv1a(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return h;
}

static uint64_t splitmix64(uint64_t z)
{
    z ^= z >> 30;
    z *= 0xbf58476d1ce4e5b9u;
    z ^= z >> 27;
    z *= 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Number i of a stream in [0, 1), of 24 bits. */
static float unit(uint64_t stream, size_t i)
{
    return (float)(splitmix64(stream + i * 0x9e3779b97f4a7c15u) >> 40) * 0x1p-24f;
}

/* Each operation rounds to float. */
static float centred(uint64_t stream, size_t i)
{
    return (unit(stream, i) - 0.5f) * 0.0692820323f;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

void formula_variable(const px_node_info *variable, float *values)
{
    const size_t count = px_shape_count(variable->shape);
    const bool drawn = ends_with(variable->name, ".weight");
    const float base = ends_with(variable->name, ".running_var") || (drawn && variable->kind == PX_PLAIN) ? 1 : 0;
    char name[PX_NAME_SIZE];
    snprintf(name, sizeof name, "%s", variable->name);
    char *dot = strchr(name, '.');
    if (dot)
        *dot = ':'; /* the stream is "G:model..." */
    const uint64_t stream = fnv1a(name);
    for (size_t e = 0; e < count; e++)
        values[e] = drawn ? (base == 0 ? centred(stream, e) : base + centred(stream, e)) : base;
}

static int triangle(int t)
{
    t &= 511;
    return t < 256 ? t : 511 - t;
}

/* One byte of A (side 0) or B: waves under grain, B the negative of A with its channels turned round. */
static int pixel(int index, int side, int size, int y, int x, int c)
{
    const int from = side == 0 ? c : (c + 1) % 3, step = 256 / size;
    const int wave =
        (triangle(x * step * (from + 1) + 37 * index) + triangle(y * step * (3 - from) + 91 * index + 64 * from)) >> 1;
    char stream[32];
    snprintf(stream, sizeof stream, "picture:%d", index);
    const int grain = (int)(unit(fnv1a(stream), ((size_t)y * size + x) * 3 + from) * 256);
    const int a = (wave + 3 * grain) >> 2;
    return side == 0 ? a : 255 - a;
}

void formula_picture(int index, int side, int size, int channels, float *values)
{
    for (int c = 0; c < channels; c++)
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++)
                *values++ = ((float)pixel(index, side, size, y, x, c) / 255.0f - 0.5f) / 0.5f;
}

uint64_t formula_checksum(const float *values, size_t count)
{
    uint64_t sum = 0;
    for (size_t e = 0; e < count; e++) {
        uint32_t bits;
        memcpy(&bits, &values[e], sizeof bits);
        sum += bits * (2 * (uint64_t)e + 1);
    }
    return sum;
}

uint64_t formula_picture_checksum(int index, int size)
{
    uint64_t sum = 0, e = 0;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < 2 * size; x++)
            for (int c = 0; c < 3; c++, e++)
                sum += (uint64_t)pixel(index, x / size, size, y, x % size, c) * (2 * e + 1);
    return sum;
}
