/* The Laplacian pyramid, row by row: the vertical pass fills one row, the horizontal pass reads it. */
#include "image/pyramid.h"

#include <stddef.h>

int px_pyramid_half(int side)
{
    return (side + 1) / 2;
}

/* An index up to 2 outside of 0..count-1, mirrored about the first or the last. */
static int mirrored(int index, int count)
{
    return index < 0 ? -index : index >= count ? 2 * (count - 1) - index : index;
}

static float blurred(const float *row, int x, int width)
{
    return (row[mirrored(x - 2, width)] + row[mirrored(x + 2, width)] +
            4 * (row[mirrored(x - 1, width)] + row[mirrored(x + 1, width)]) + 6 * row[x]) /
           16;
}

void px_pyramid_down(const float *fine, int height, int width, float *coarse, float *row)
{
    for (int y = 0; y < height; y += 2, coarse += px_pyramid_half(width)) {
        const float *rows[5];
        for (int i = 0; i < 5; i++)
            rows[i] = fine + (size_t)mirrored(y + i - 2, height) * width;
        for (int x = 0; x < width; x++)
            row[x] = (rows[0][x] + rows[4][x] + 4 * (rows[1][x] + rows[3][x]) + 6 * rows[2][x]) / 16;
        for (int x = 0; x < width; x += 2)
            coarse[x / 2] = blurred(row, x, width);
    }
}

/* The coarse samples are every second fine one, with zeros between, and the window is doubled to make up for those. So
 * a fine place sees three coarse ones, weighted 1 6 1, or two alike: the taps of one axis, as coarse indices. */
typedef struct taps {
    int before, at, after;
    float side, centre; /* weights of before and after, and of at */
} taps;

static taps taps_of(int fine, int count)
{
    if (fine % 2 == 0)
        return (taps){mirrored(fine - 2, count) / 2, fine / 2, mirrored(fine + 2, count) / 2, 0.125f, 0.75f};
    return (taps){fine / 2, 0, mirrored(fine + 1, count) / 2, 0.5f, 0};
}

void px_pyramid_subtract(float *fine, int height, int width, const float *coarse, float *row)
{
    const int coarse_width = px_pyramid_half(width);
    for (int y = 0; y < height; y++, fine += width) {
        const taps v = taps_of(y, height);
        const float *before = coarse + (size_t)v.before * coarse_width, *at = coarse + (size_t)v.at * coarse_width,
                    *after = coarse + (size_t)v.after * coarse_width;
        for (int x = 0; x < coarse_width; x++)
            row[x] = v.side * (before[x] + after[x]) + v.centre * at[x];
        for (int x = 0; x < width; x++) {
            const taps h = taps_of(x, width);
            fine[x] -= h.side * (row[h.before] + row[h.after]) + h.centre * row[h.at];
        }
    }
}
