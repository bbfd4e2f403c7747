#include "data/synth_shapes.h"

#include <math.h>
#include <stddef.h>

/* By day shapes are evenly coloured and darker below; by night they are outlined and glow. */
static const px_colour by_day[PX_SHAPE_KINDS] = {{214, 62, 54}, {52, 98, 196}, {238, 190, 46}};
static const px_colour by_night[PX_SHAPE_KINDS] = {{70, 226, 214}, {250, 140, 50}, {190, 96, 236}};

static float between(px_rng *rng, float low, float high)
{
    return low + (high - low) * px_rng_float(rng);
}

/* Where the middle of a shape is. Each kind has a place of its own: a disc by night must become a disc by day, since
 * nothing else floats in the sky. Were the places alike, exchanging two kinds would be as good a translation, and
 * training without pairs could not tell which of them is the truth. */
static float height_of(px_rng *rng, const px_scene *scene, const px_shape *shape)
{
    switch (shape->kind) {
    case PX_SHAPE_DISC: /* in the sky */
        return between(rng, shape->radius, scene->horizon - 1.3f * shape->radius);
    case PX_SHAPE_SQUARE: /* on the meadow */
        return between(rng, scene->horizon + shape->radius, 1.0f);
    case PX_SHAPE_TRIANGLE: /* on the horizon, its foot in the meadow */
        break;
    }
    return scene->horizon + between(rng, -0.55f, -0.3f) * shape->radius;
}

void px_scene_design(px_scene *scene, px_rng *rng)
{
    scene->horizon = between(rng, 0.5f, 0.7f);
    scene->count = 3 + (int)px_rng_below(rng, PX_SCENE_MAX_SHAPES - 3 + 1);
    for (int i = 0; i < scene->count; i++) {
        px_shape *shape = &scene->shapes[i];
        shape->kind = (px_shape_kind)px_rng_below(rng, PX_SHAPE_KINDS);
        shape->x = between(rng, 0.1f, 0.9f);
        shape->radius = between(rng, 0.07f, 0.17f);
        shape->y = height_of(rng, scene, shape);
    }
}

/* 0 in the middle of a shape, 1 at its edge, more outside. */
static float away(const px_shape *shape, float x, float y)
{
    float dx = (x - shape->x) / shape->radius, dy = (y - shape->y) / shape->radius;
    switch (shape->kind) {
    case PX_SHAPE_DISC:
        return sqrtf(dx * dx + dy * dy);
    case PX_SHAPE_SQUARE:
        return fmaxf(fabsf(dx), fabsf(dy)) / 0.85f;
    case PX_SHAPE_TRIANGLE: /* point upwards; three edges at the same distance from the middle */
        break;
    }
    return fmaxf(dy, 0.866f * fabsf(dx) - 0.5f * dy) / 0.6f;
}

static px_colour background(const px_scene *scene, bool night, float y)
{
    if (y < scene->horizon) {
        float t = y / scene->horizon;
        return night ? px_colour_mix((px_colour){12, 14, 40}, (px_colour){58, 40, 92}, t)
                     : px_colour_mix((px_colour){132, 186, 232}, (px_colour){226, 238, 244}, t);
    }
    float t = (y - scene->horizon) / (1.0f - scene->horizon);
    return night ? px_colour_mix((px_colour){28, 44, 56}, (px_colour){10, 18, 26}, t)
                 : px_colour_mix((px_colour){156, 196, 112}, (px_colour){92, 146, 74}, t);
}

static px_colour at(const px_scene *scene, bool night, float x, float y)
{
    px_colour colour = background(scene, night, y);
    for (int i = 0; i < scene->count; i++) {
        const px_shape *shape = &scene->shapes[i];
        float d = away(shape, x, y);
        if (night && d >= 1.0f && d < 1.6f) /* a halo on what is behind */
            colour = px_colour_mix(colour, by_night[shape->kind], 0.35f * (1.6f - d) / 0.6f);
        if (d >= 1.0f)
            continue;
        if (night)
            colour = px_colour_scale(by_night[shape->kind], d > 0.8f ? 1.05f : 0.45f);
        else
            colour = px_colour_scale(by_day[shape->kind],
                                     1.1f - 0.3f * (y - shape->y + shape->radius) / (2.0f * shape->radius));
    }
    return colour;
}

pixcl_image *px_scene_draw(const px_scene *scene, bool night, int size, px_rng *rng, pixcl_error *err)
{
    px_canvas canvas;
    if (px_canvas_create(&canvas, size, err) != PIXCL_OK)
        return NULL;
    for (int y = 0; y < canvas.size; y++)
        for (int x = 0; x < canvas.size; x++)
            canvas.pixels[(size_t)y * canvas.size + x] =
                at(scene, night, ((float)x + 0.5f) / (float)canvas.size, ((float)y + 0.5f) / (float)canvas.size);
    pixcl_image *image = px_canvas_image(&canvas, 2.0f, rng, err);
    px_canvas_free(&canvas);
    return image;
}
