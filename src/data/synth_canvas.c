#include "data/synth_canvas.h"

#include <math.h>

#include "base/memory.h"

pixcl_status px_canvas_create(px_canvas *canvas, int picture_size, pixcl_error *err)
{
    canvas->size = picture_size * PX_CANVAS_SCALE;
    canvas->pixels = px_calloc((size_t)canvas->size * canvas->size, sizeof(*canvas->pixels), err);
    return canvas->pixels ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

void px_canvas_free(px_canvas *canvas)
{
    px_free(canvas->pixels);
    canvas->pixels = NULL;
}

px_colour px_colour_mix(px_colour a, px_colour b, float share)
{
    return (px_colour){a.r + (b.r - a.r) * share, a.g + (b.g - a.g) * share, a.b + (b.b - a.b) * share};
}

px_colour px_colour_scale(px_colour a, float factor)
{
    return (px_colour){a.r * factor, a.g * factor, a.b * factor};
}

static px_box inside(const px_canvas *canvas, px_box box)
{
    return (px_box){box.x0 < 0 ? 0 : box.x0, box.y0 < 0 ? 0 : box.y0, box.x1 > canvas->size ? canvas->size : box.x1,
                    box.y1 > canvas->size ? canvas->size : box.y1};
}

void px_canvas_fill(px_canvas *canvas, px_box box, px_colour colour, float opacity)
{
    px_canvas_gradient(canvas, box, colour, colour, opacity);
}

/* How far row y lies on the way from the first to the last row. */
static float way(px_box box, int y)
{
    return box.y1 - box.y0 > 1 ? (float)(y - box.y0) / (float)(box.y1 - box.y0 - 1) : 0.0f;
}

void px_canvas_gradient(px_canvas *canvas, px_box box, px_colour top, px_colour bottom, float opacity)
{
    px_box part = inside(canvas, box);
    for (int y = part.y0; y < part.y1; y++) {
        px_colour colour = px_colour_mix(top, bottom, way(box, y));
        px_colour *row = canvas->pixels + (size_t)y * canvas->size;
        for (int x = part.x0; x < part.x1; x++)
            row[x] = px_colour_mix(row[x], colour, opacity);
    }
}

void px_canvas_shade(px_canvas *canvas, px_box box, float top, float bottom)
{
    px_box part = inside(canvas, box);
    for (int y = part.y0; y < part.y1; y++) {
        float factor = top + (bottom - top) * way(box, y);
        px_colour *row = canvas->pixels + (size_t)y * canvas->size;
        for (int x = part.x0; x < part.x1; x++)
            row[x] = px_colour_scale(row[x], factor);
    }
}

void px_noise_make(px_noise *noise, px_rng *rng)
{
    for (int y = 0; y < PX_NOISE_GRID; y++)
        for (int x = 0; x < PX_NOISE_GRID; x++)
            noise->value[y][x] = 2.0f * px_rng_float(rng) - 1.0f;
}

float px_noise_at(const px_noise *noise, float x, float y)
{
    float fx = floorf(x), fy = floorf(y);
    int x0 = (int)fx & (PX_NOISE_GRID - 1), y0 = (int)fy & (PX_NOISE_GRID - 1);
    int x1 = (x0 + 1) & (PX_NOISE_GRID - 1), y1 = (y0 + 1) & (PX_NOISE_GRID - 1);
    float u = x - fx, v = y - fy;
    u = u * u * (3.0f - 2.0f * u); /* flat at the grid points, so that no cell edges show */
    v = v * v * (3.0f - 2.0f * v);
    float upper = noise->value[y0][x0] + (noise->value[y0][x1] - noise->value[y0][x0]) * u;
    float lower = noise->value[y1][x0] + (noise->value[y1][x1] - noise->value[y1][x0]) * u;
    return upper + (lower - upper) * v;
}

static uint8_t to_byte(float value)
{
    return (uint8_t)(value <= 0.0f ? 0 : value >= 255.0f ? 255 : (int)(value + 0.5f));
}

pixcl_image *px_canvas_image(const px_canvas *canvas, float grain, px_rng *rng, pixcl_error *err)
{
    const int scale = PX_CANVAS_SCALE;
    int size = canvas->size / scale;
    pixcl_image *image = pixcl_image_create(size, size, 3, err);
    if (!image)
        return NULL;
    uint8_t *out = image->pixels;
    for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++, out += 3) {
            px_colour sum = {0, 0, 0};
            for (int k = 0; k < scale * scale; k++) {
                px_colour p = canvas->pixels[(size_t)(y * scale + k / scale) * canvas->size + x * scale + k % scale];
                sum = (px_colour){sum.r + p.r, sum.g + p.g, sum.b + p.b};
            }
            px_colour mean = px_colour_scale(sum, 1.0f / (scale * scale));
            float speck = grain * (2.0f * px_rng_float(rng) - 1.0f);
            out[0] = to_byte(mean.r + speck);
            out[1] = to_byte(mean.g + speck);
            out[2] = to_byte(mean.b + speck);
        }
    }
    return image;
}
