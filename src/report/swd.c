/* The sliced Wasserstein distance between two sets of pictures.
 *
 * Places of patches and directions are numbers by counter. Patch k of a set's picture i at a level is number
 * g = i * MOST_A_PICTURE + k there, and its place depends on seed, level and g alone. A set keeps the numbers that are
 * multiples of its step, which doubles whenever MOST_PATCHES would be passed: so any number of pictures fits, all
 * count alike, and sets with as many pictures are looked at in the same places. */
#include "pixcl/distance.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "image/planes.h"
#include "image/pyramid.h"

enum {
    SIDE = 7,      /* of a patch */
    SMALLEST = 16, /* shorter side of the coarsest level */
    AREA = SIDE * SIDE,
    MOST_VALUES = 3 * AREA,
    MOST_A_PICTURE = 1024,
    MOST_PATCHES = 16 * MOST_A_PICTURE, /* a set and level: 9.6 MB of colour */
    DIRECTIONS = 128,
    BLOCK = 32, /* directions at a time: the sums fit in registers */
};

/* Streams of random numbers: the directions, and then one a level. */
enum { STREAM_DIRECTIONS = 0, STREAM_PLACES = 1 };

/* What one set has at one level. */
typedef struct sample {
    float *patches; /* [count][channels][SIDE][SIDE] */
    size_t count, capacity;
    uint64_t next; /* number of the next picture's first patch */
    uint64_t step;
} sample;

struct pixcl_swd {
    int levels, channels; /* 0 until the first picture says it */
    uint64_t seed;
    sample samples[2][PIXCL_SWD_MOST_LEVELS];
};

pixcl_swd *pixcl_swd_create(int levels, uint64_t seed, pixcl_error *err)
{
    if (levels < 0 || levels > PIXCL_SWD_MOST_LEVELS) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "%d levels: expected 1 to %d, or 0 for as many as the pictures have.",
                levels, PIXCL_SWD_MOST_LEVELS);
        return NULL;
    }
    pixcl_swd *swd = px_calloc(1, sizeof *swd, err);
    if (!swd)
        return NULL;
    swd->levels = levels;
    swd->seed = seed;
    for (int i = 0; i < 2 * PIXCL_SWD_MOST_LEVELS; i++)
        swd->samples[i % 2][i / 2].step = 1;
    return swd;
}

void pixcl_swd_destroy(pixcl_swd **swd)
{
    if (!swd || !*swd)
        return;
    for (int i = 0; i < 2 * PIXCL_SWD_MOST_LEVELS; i++)
        px_free((*swd)->samples[i % 2][i / 2].patches);
    px_free(*swd);
    *swd = NULL;
}

/* A picture at one level of its pyramid. */
typedef struct plane_set {
    float *values; /* [channels][height][width] */
    int channels, height, width;
} plane_set;

/* Doubles the step: every second patch goes. */
static void thin(sample *s, size_t values)
{
    for (size_t i = 1; 2 * i < s->count; i++)
        memcpy(s->patches + i * values, s->patches + 2 * i * values, values * sizeof *s->patches);
    s->count = (s->count + 1) / 2;
    s->step *= 2;
}

static void copy_patch(const plane_set *level, int x, int y, float *patch)
{
    for (int c = 0; c < level->channels; c++)
        for (int row = 0; row < SIDE; row++, patch += SIDE)
            memcpy(patch, level->values + ((size_t)c * level->height + y + row) * level->width + x,
                   SIDE * sizeof *patch);
}

static pixcl_status take_patches(sample *s, const plane_set *level, px_rng places, pixcl_error *err)
{
    const size_t values = (size_t)level->channels * AREA;
    for (uint64_t end = s->next + MOST_A_PICTURE; s->next < end; s->next++) {
        if (s->next % s->step == 0 && s->count == MOST_PATCHES)
            thin(s, values);
        if (s->next % s->step != 0)
            continue;
        pixcl_status status = px_grow(&s->patches, &s->capacity, s->count + 1, values * sizeof *s->patches, err);
        if (status != PIXCL_OK)
            return status;
        places.position = 2 * s->next;
        int x = (int)px_rng_below(&places, (uint32_t)(level->width - SIDE + 1));
        int y = (int)px_rng_below(&places, (uint32_t)(level->height - SIDE + 1));
        copy_patch(level, x, y, s->patches + s->count++ * values);
    }
    return PIXCL_OK;
}

static int shorter_side(int height, int width)
{
    return height < width ? height : width;
}

/* Splits `level` into its detail, which stays there, and *coarse, which the caller frees. */
static pixcl_status split(plane_set *level, plane_set *coarse, pixcl_error *err)
{
    *coarse = (plane_set){NULL, level->channels, px_pyramid_half(level->height), px_pyramid_half(level->width)};
    size_t fine_area = (size_t)level->height * level->width, coarse_area = (size_t)coarse->height * coarse->width;
    float *row = px_calloc((size_t)level->width, sizeof *row, err);
    coarse->values = px_calloc((size_t)level->channels * coarse_area, sizeof *coarse->values, err);
    for (int c = 0; row && coarse->values && c < level->channels; c++) {
        float *fine = level->values + (size_t)c * fine_area, *half = coarse->values + (size_t)c * coarse_area;
        px_pyramid_down(fine, level->height, level->width, half, row);
        px_pyramid_subtract(fine, level->height, level->width, half, row);
    }
    px_free(row);
    return row && coarse->values ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

static pixcl_status add_levels(pixcl_swd *swd, int set, plane_set *level, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    for (int l = 0; status == PIXCL_OK && l < swd->levels; l++) {
        plane_set coarse = {0};
        if (shorter_side(level->height, level->width) < SMALLEST)
            break;
        if (l + 1 < swd->levels)
            status = split(level, &coarse, err);
        px_rng places = {.seed = swd->seed, .stream = STREAM_PLACES + (uint64_t)l};
        if (status == PIXCL_OK)
            status = take_patches(&swd->samples[set][l], level, places, err);
        px_free(level->values);
        *level = coarse;
    }
    return status;
}

pixcl_status pixcl_swd_add(pixcl_swd *swd, int set, const pixcl_image *image, pixcl_error *err)
{
    if (px_image_check(image, err) != PIXCL_OK)
        return PIXCL_ERROR_ARGUMENT;
    int side = shorter_side(image->height, image->width);
    if (set != 0 && set != 1)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "Set %d: there are two, 0 and 1.", set);
    if (swd->channels && swd->channels != image->channels)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "A picture with %d channels among pictures with %d: the sets must be alike.", image->channels,
                       swd->channels);
    if (side < SMALLEST)
        return PIXCL_OK;
    swd->channels = image->channels;
    for (int s = side / SMALLEST, levels = 1; !swd->levels; s /= 2, levels++)
        if (s == 1)
            swd->levels = levels;
    size_t area = (size_t)image->height * image->width;
    plane_set level = {px_calloc((size_t)image->channels * area, sizeof *level.values, err), image->channels,
                       image->height, image->width};
    if (!level.values)
        return PIXCL_ERROR_MEMORY;
    for (size_t i = 0; i < area; i++)
        for (int c = 0; c < image->channels; c++)
            level.values[(size_t)c * area + i] = image->pixels[i * image->channels + c];
    pixcl_status status = add_levels(swd, set, &level, err);
    px_free(level.values);
    return status;
}

/* Unit vectors, uniform on the sphere; [value][DIRECTIONS]. */
static void draw_directions(uint64_t seed, int values, float *directions)
{
    px_rng rng = {.seed = seed, .stream = STREAM_DIRECTIONS};
    for (int d = 0; d < DIRECTIONS; d++) {
        double squares = 0;
        for (int k = 0; k < values; k++) {
            double value = directions[k * DIRECTIONS + d] = px_rng_normal(&rng);
            squares += value * value;
        }
        for (int k = 0; k < values; k++)
            directions[k * DIRECTIONS + d] = (float)(directions[k * DIRECTIONS + d] / sqrt(squares));
    }
}

/* Per channel, (value - mean) * scale has mean 0 and deviation 1 over both sets, each of which counts half. A channel
 * that is flat in both is 0: less than FLAT is rounding, of 255 * 2^-24 a value. */
#define FLAT 1e-8

typedef struct norm {
    float mean[3], scale[3];
} norm;

/* Mean, and mean square about `centre`, of one channel. */
static double moment(const sample *s, int channels, int channel, bool second, double centre)
{
    double sum = 0;
    for (size_t i = 0; i < s->count; i++) {
        const float *patch = s->patches + (i * (size_t)channels + (size_t)channel) * AREA;
        for (int k = 0; k < AREA; k++)
            sum += second ? (patch[k] - centre) * (patch[k] - centre) : patch[k];
    }
    return sum / ((double)s->count * AREA);
}

static norm norm_of(const sample *a, const sample *b, int channels)
{
    norm n;
    for (int c = 0; c < channels; c++) {
        double mean = (moment(a, channels, c, false, 0) + moment(b, channels, c, false, 0)) / 2;
        double variance = (moment(a, channels, c, true, mean) + moment(b, channels, c, true, mean)) / 2;
        n.mean[c] = (float)mean;
        n.scale[c] = variance > FLAT ? (float)(1 / sqrt(variance)) : 0;
    }
    return n;
}

/* Bits of a float as an integer of the same order. */
static uint32_t key_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static float value_of(uint32_t key)
{
    uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Projects the normalised patches on directions `first` to first + BLOCK - 1: keys[BLOCK][count]. */
static void project(const sample *s, int channels, const norm *n, const float *directions, int first, uint32_t *keys)
{
    for (size_t i = 0; i < s->count; i++) {
        const float *patch = s->patches + i * (size_t)channels * AREA;
        float sums[BLOCK] = {0};
        for (int k = 0; k < channels * AREA; k++) {
            const float *direction = directions + (size_t)k * DIRECTIONS + first;
            float value = (patch[k] - n->mean[k / AREA]) * n->scale[k / AREA];
            for (int d = 0; d < BLOCK; d++)
                sums[d] += value * direction[d];
        }
        for (int d = 0; d < BLOCK; d++)
            keys[(size_t)d * s->count + i] = key_of(sums[d]);
    }
}

/* Radix sort, 11 bits at a time; the sorted keys end up in `scratch`. */
static void sort(uint32_t *keys, size_t count, uint32_t *scratch)
{
    enum { BITS = 11, DIGITS = 1 << BITS };
    for (int shift = 0; shift < 32; shift += BITS) {
        size_t begin[DIGITS + 1] = {0};
        for (size_t i = 0; i < count; i++)
            begin[(keys[i] >> shift) % DIGITS + 1]++;
        for (int d = 0; d < DIGITS; d++)
            begin[d + 1] += begin[d];
        for (size_t i = 0; i < count; i++)
            scratch[begin[(keys[i] >> shift) % DIGITS]++] = keys[i];
        uint32_t *swap = keys;
        keys = scratch;
        scratch = swap;
    }
}

/* Integral of the difference between two quantile functions, which step at i/count_a and j/count_b. */
static double quantile_distance(const uint32_t *a, size_t count_a, const uint32_t *b, size_t count_b)
{
    double sum = 0;
    uint64_t at = 0; /* in steps of 1 / (count_a * count_b) */
    for (size_t i = 0, j = 0; i < count_a && j < count_b;) {
        uint64_t end_a = (uint64_t)(i + 1) * count_b, end_b = (uint64_t)(j + 1) * count_a;
        uint64_t end = end_a < end_b ? end_a : end_b;
        sum += fabs((double)value_of(a[i]) - (double)value_of(b[j])) * (double)(end - at);
        at = end;
        i += end == end_a;
        j += end == end_b;
    }
    return sum / ((double)count_a * (double)count_b);
}

static pixcl_status level_distance(const pixcl_swd *swd, int l, const float *directions, double *distance,
                                   pixcl_error *err)
{
    const sample *sets[2] = {&swd->samples[0][l], &swd->samples[1][l]};
    *distance = NAN;
    if (sets[0]->count == 0 || sets[1]->count == 0)
        return PIXCL_OK;
    size_t most = sets[0]->count > sets[1]->count ? sets[0]->count : sets[1]->count;
    uint32_t *keys[2] = {px_calloc(sets[0]->count * BLOCK, sizeof **keys, err),
                         px_calloc(sets[1]->count * BLOCK, sizeof **keys, err)};
    uint32_t *sorted[2] = {px_calloc(most, sizeof **sorted, err), px_calloc(most, sizeof **sorted, err)};
    bool enough = keys[0] && keys[1] && sorted[0] && sorted[1];
    const norm n = norm_of(sets[0], sets[1], swd->channels);
    double sum = 0;
    for (int first = 0; enough && first < DIRECTIONS; first += BLOCK) {
        for (int s = 0; s < 2; s++)
            project(sets[s], swd->channels, &n, directions, first, keys[s]);
        for (int d = 0; d < BLOCK; d++) {
            for (int s = 0; s < 2; s++)
                sort(keys[s] + (size_t)d * sets[s]->count, sets[s]->count, sorted[s]);
            sum += quantile_distance(sorted[0], sets[0]->count, sorted[1], sets[1]->count);
        }
    }
    for (int s = 0; s < 2; s++) {
        px_free(keys[s]);
        px_free(sorted[s]);
    }
    *distance = 1000 * sum / DIRECTIONS;
    return enough ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

pixcl_status pixcl_swd_result(const pixcl_swd *swd, pixcl_swd_distance *distance, pixcl_error *err)
{
    *distance = (pixcl_swd_distance){.levels = swd->levels, .mean = NAN};
    float *directions = px_calloc(MOST_VALUES * DIRECTIONS, sizeof *directions, err);
    if (!directions)
        return PIXCL_ERROR_MEMORY;
    draw_directions(swd->seed, swd->channels * AREA, directions);
    pixcl_status status = PIXCL_OK;
    double sum = 0;
    int count = 0;
    for (int l = 0; status == PIXCL_OK && l < swd->levels; l++) {
        status = level_distance(swd, l, directions, &distance->level[l], err);
        if (isnan(distance->level[l]))
            continue;
        sum += distance->level[l];
        count++;
    }
    if (count > 0)
        distance->mean = sum / count;
    px_free(directions);
    return status;
}
