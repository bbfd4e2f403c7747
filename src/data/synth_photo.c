/* A facade as a photo might show it. Colours follow from the class, from the place inside the part and from soft light,
 * so that a network can learn them from the labels; only texture and grain are random. */
#include "data/synth_facade.h"

#include <math.h>

#include "base/memory.h"

/* Drawing state. `unit` is 1/256 of the side in canvas pixels. */
typedef struct brush {
    px_canvas canvas;
    const px_facade *facade;
    const px_noise *noise;
    float unit;
} brush;

static const px_colour stone = {219, 209, 190}, glass_top = {139, 165, 192}, glass_bottom = {42, 52, 66},
                       frame = {236, 232, 224}, wood = {112, 66, 40}, iron = {34, 36, 40}, shutter = {62, 104, 84};

/* A length in units, at least one canvas pixel. */
static int length(const brush *b, float units)
{
    int pixels = (int)(units * b->unit + 0.5f);
    return pixels < 1 ? 1 : pixels;
}

static px_box shrink(px_box box, int by)
{
    return (px_box){box.x0 + by, box.y0 + by, box.x1 - by, box.y1 - by};
}

/* Part of a box, by shares of its width and height. */
static px_box share(px_box box, float x0, float y0, float x1, float y1)
{
    float w = (float)(box.x1 - box.x0), h = (float)(box.y1 - box.y0);
    return (px_box){box.x0 + (int)(w * x0 + 0.5f), box.y0 + (int)(h * y0 + 0.5f), box.x0 + (int)(w * x1 + 0.5f),
                    box.y0 + (int)(h * y1 + 0.5f)};
}

static void fill(brush *b, px_box box, px_colour colour)
{
    px_canvas_fill(&b->canvas, box, colour, 1.0f);
}

/* The shadow that a part standing out of the wall throws down. */
static void drop_shadow(brush *b, px_box box, float units)
{
    px_canvas_shade(&b->canvas, (px_box){box.x0, box.y1, box.x1, box.y1 + length(b, units)}, 0.62f, 0.96f);
}

/* A band of stone: light above, dark below. */
static void draw_band(brush *b, px_box box)
{
    px_canvas_gradient(&b->canvas, box, px_colour_scale(stone, 1.08f), px_colour_scale(stone, 0.84f), 1.0f);
    fill(b, (px_box){box.x0, box.y1 - length(b, 0.5f), box.x1, box.y1}, px_colour_scale(stone, 0.62f));
}

static void draw_background(brush *b)
{
    int size = b->canvas.size;
    px_box all = {0, 0, size, size};
    px_canvas_gradient(&b->canvas, share(all, 0, 0, 1, 0.75f), (px_colour){112, 160, 214}, (px_colour){216, 229, 240},
                       1.0f);
    int trees = (int)(0.5f * (float)size), street = (int)(0.905f * (float)size);
    for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
            px_colour *pixel = &b->canvas.pixels[(size_t)y * size + x];
            float u = (float)x / b->unit, v = (float)y / b->unit;
            if (y < street) {
                float cloud = px_noise_at(b->noise, u / 38.0f, v / 20.0f) +
                              0.5f * px_noise_at(b->noise, u / 13.0f + 9.0f, v / 8.0f);
                if (cloud > 0.2f)
                    *pixel = px_colour_mix(*pixel, (px_colour){250, 250, 250}, fminf(0.55f, (cloud - 0.2f) * 0.8f));
                float crown = px_noise_at(b->noise, u / 17.0f + 31.0f, v / 40.0f + 7.0f) * 12.0f * b->unit;
                if ((float)y > (float)trees + crown) {
                    float leaf = px_noise_at(b->noise, u / 3.0f, v / 3.0f) * 13.0f;
                    float light = 1.1f - 0.5f * (float)(y - trees) / (float)(street - trees);
                    *pixel = px_colour_scale((px_colour){84 + leaf, 116 + leaf, 64 + leaf}, light);
                }
            } else {
                float spot = px_noise_at(b->noise, u / 2.0f, v / 2.0f) * 5.0f;
                bool kerb = y > (int)(0.965f * (float)size);
                *pixel = kerb ? (px_colour){92 + spot, 92 + spot, 96 + spot}
                              : (px_colour){168 + spot, 163 + spot, 154 + spot};
            }
        }
    }
    fill(b, (px_box){0, (int)(0.957f * (float)size), size, (int)(0.967f * (float)size)}, (px_colour){196, 192, 184});
}

static void draw_wall(brush *b, px_box box)
{
    const px_colour brick = {172, 104, 80}, mortar = {190, 152, 132}, plaster = {226, 206, 166};
    float course = 4.0f * b->unit, width = 10.0f * b->unit; /* of one brick */
    for (int y = box.y0; y < box.y1; y++) {
        for (int x = box.x0; x < box.x1; x++) {
            float u = (float)x / b->unit, v = (float)y / b->unit;
            float stain = px_noise_at(b->noise, u / 24.0f, v / 30.0f + 3.0f) * 5.0f;
            px_colour colour = plaster;
            if (!b->facade->plaster) {
                int row = (int)((float)y / course);
                float along = (float)x + (row % 2 ? 0.5f * width : 0.0f);
                int column = (int)(along / width);
                bool joint = (float)y - (float)row * course < b->unit || along - (float)column * width < b->unit;
                stain += 1.6f * stain + 7.0f * b->noise->value[row & (PX_NOISE_GRID - 1)][column & (PX_NOISE_GRID - 1)];
                colour = joint ? mortar : brick;
            }
            b->canvas.pixels[(size_t)y * b->canvas.size + x] =
                (px_colour){colour.r + stain, colour.g + stain, colour.b + stain};
        }
    }
    /* Rain-darkened foot of the wall. */
    px_canvas_shade(&b->canvas, (px_box){box.x0, box.y1 - length(b, 10.0f), box.x1, box.y1}, 1.0f, 0.8f);
}

/* Glass in its frame, lit from the left above, with the sky in it and curtains behind. */
static void draw_window(brush *b, px_box box)
{
    int border = length(b, 1.6f), bar = length(b, 1.1f);
    fill(b, box, frame);
    px_box glass = shrink(box, border);
    px_canvas_gradient(&b->canvas, glass, glass_top, glass_bottom, 1.0f);
    px_colour curtain = {238, 232, 216};
    px_canvas_gradient(&b->canvas, share(glass, 0, 0, 0.2f, 1), curtain, px_colour_scale(curtain, 0.8f), 0.5f);
    px_canvas_gradient(&b->canvas, share(glass, 0.8f, 0, 1, 1), curtain, px_colour_scale(curtain, 0.8f), 0.5f);
    /* The reflection of a cloud, slanted. */
    float w = (float)(glass.x1 - glass.x0), h = (float)(glass.y1 - glass.y0);
    for (int y = glass.y0; y < glass.y1; y++) {
        float shift = (float)(y - glass.y0) / h;
        int x0 = glass.x0 + (int)(w * (0.62f - 0.4f * shift)), x1 = x0 + (int)(w * 0.2f);
        px_canvas_fill(&b->canvas, (px_box){x0, y, x1 < glass.x1 ? x1 : glass.x1, y + 1}, (px_colour){214, 226, 236},
                       0.3f);
    }
    int middle = (box.x0 + box.x1) / 2, third = box.y0 + (box.y1 - box.y0) / 3;
    fill(b, (px_box){middle - bar / 2, box.y0, middle - bar / 2 + bar, box.y1}, frame);
    fill(b, (px_box){box.x0, third, box.x1, third + bar}, frame);
    px_canvas_shade(&b->canvas, (px_box){box.x0, box.y0, box.x1, box.y0 + length(b, 3.0f)}, 0.5f, 0.95f);
    px_canvas_shade(&b->canvas, (px_box){box.x0, box.y0, box.x0 + length(b, 1.2f), box.y1}, 0.72f, 0.72f);
}

static void draw_door(brush *b, px_box box)
{
    fill(b, box, stone);
    px_box leaf = {box.x0 + length(b, 2.0f), box.y0 + length(b, 2.0f), box.x1 - length(b, 2.0f), box.y1};
    px_canvas_gradient(&b->canvas, leaf, px_colour_scale(wood, 1.1f), px_colour_scale(wood, 0.8f), 1.0f);
    px_canvas_gradient(&b->canvas, shrink(share(leaf, 0, 0, 1, 0.2f), length(b, 1.0f)), glass_top, glass_bottom, 1.0f);
    for (int i = 0; i < 4; i++) { /* two panels in each of two wings */
        float x = i % 2 ? 0.56f : 0.1f, y = i < 2 ? 0.27f : 0.64f;
        px_box panel = share(leaf, x, y, x + 0.34f, y + 0.3f);
        fill(b, panel, px_colour_scale(wood, 0.66f));
        px_canvas_gradient(&b->canvas, shrink(panel, length(b, 0.8f)), px_colour_scale(wood, 1.32f), wood, 1.0f);
    }
    fill(b, share(leaf, 0.49f, 0.22f, 0.52f, 1), px_colour_scale(wood, 0.4f));
    fill(b, share(leaf, 0.4f, 0.58f, 0.46f, 0.62f), (px_colour){214, 178, 92});
    px_canvas_shade(&b->canvas, share(leaf, 0, 0, 1, 0.12f), 0.5f, 0.95f);
}

/* A lit shop window under a striped awning. */
static void draw_shop(brush *b, px_box box)
{
    fill(b, box, (px_colour){58, 52, 48});
    px_box glass = shrink(box, length(b, 2.0f));
    px_canvas_gradient(&b->canvas, glass, (px_colour){246, 214, 150}, (px_colour){96, 80, 66}, 1.0f);
    px_canvas_gradient(&b->canvas, share(glass, 0.06f, 0.66f, 0.94f, 0.96f), (px_colour){150, 122, 96},
                       (px_colour){70, 58, 50}, 0.8f);
    for (int i = 1; i < 3; i++) {
        px_box bar = share(glass, (float)i / 3.0f - 0.012f, 0, (float)i / 3.0f + 0.012f, 1);
        fill(b, bar, (px_colour){58, 52, 48});
    }
    px_box awning = share(box, 0, 0, 1, 0.3f);
    int stripes = 8;
    for (int i = 0; i < stripes; i++) {
        px_colour cloth = i % 2 ? (px_colour){236, 230, 220} : (px_colour){178, 46, 44};
        px_canvas_gradient(&b->canvas, share(awning, (float)i / (float)stripes, 0, (float)(i + 1) / (float)stripes, 1),
                           px_colour_scale(cloth, 1.04f), px_colour_scale(cloth, 0.8f), 1.0f);
    }
    px_canvas_shade(&b->canvas, share(box, 0, 0.3f, 1, 0.5f), 0.55f, 0.95f);
}

static void draw_blind(brush *b, px_box box)
{
    fill(b, box, px_colour_scale(shutter, 0.72f));
    px_box inner = shrink(box, length(b, 1.0f));
    int slat = length(b, 2.6f);
    for (int y = inner.y0; y < inner.y1; y += slat) {
        px_box one = {inner.x0, y, inner.x1, y + slat < inner.y1 ? y + slat : inner.y1};
        px_canvas_gradient(&b->canvas, one, px_colour_scale(shutter, 1.25f), px_colour_scale(shutter, 0.8f), 1.0f);
    }
}

static void draw_pillar(brush *b, px_box box)
{
    float w = (float)(box.x1 - box.x0);
    for (int x = box.x0; x < box.x1; x++) {
        float round = 1.0f - 0.3f * fabsf(((float)(x - box.x0) + 0.5f) / w - 0.38f) * 2.0f; /* lit from the left */
        fill(b, (px_box){x, box.y0, x + 1, box.y1}, px_colour_scale(stone, 1.06f * round));
    }
    int cap = length(b, 4.0f);
    draw_band(b, (px_box){box.x0, box.y0, box.x1, box.y0 + cap});
    draw_band(b, (px_box){box.x0, box.y1 - cap, box.x1, box.y1});
}

/* A rhombus in relief. */
static void draw_deco(brush *b, px_box box)
{
    float cx = 0.5f * (float)(box.x0 + box.x1 - 1), cy = 0.5f * (float)(box.y0 + box.y1 - 1);
    float rx = 0.5f * (float)(box.x1 - box.x0), ry = 0.5f * (float)(box.y1 - box.y0);
    fill(b, box, px_colour_scale(stone, 0.88f));
    for (int y = box.y0; y < box.y1; y++) {
        for (int x = box.x0; x < box.x1; x++) {
            float away = fabsf((float)x - cx) / rx + fabsf((float)y - cy) / ry;
            if (away < 0.9f)
                fill(b, (px_box){x, y, x + 1, y + 1}, px_colour_scale(stone, (float)y < cy ? 1.12f : 0.74f));
        }
    }
}

/* Iron railing on a slab; what is behind shows between the bars. */
static void draw_balcony(brush *b, px_box box)
{
    int slab = length(b, 4.0f), rail = length(b, 1.4f), step = length(b, 4.0f), bar = length(b, 1.2f);
    px_box railing = {box.x0, box.y0, box.x1, box.y1 - slab};
    px_canvas_shade(&b->canvas, railing, 0.8f, 0.66f);
    for (int x = box.x0; x < box.x1; x += step)
        px_canvas_fill(&b->canvas, (px_box){x, box.y0, x + bar < box.x1 ? x + bar : box.x1, railing.y1}, iron, 0.9f);
    fill(b, (px_box){box.x0, box.y0, box.x1, box.y0 + rail}, iron);
    draw_band(b, (px_box){box.x0, railing.y1, box.x1, box.y1});
}

static void draw_part(brush *b, px_facade_class class, px_box box)
{
    switch (class) {
    case PX_FACADE_WALL:
        draw_wall(b, box);
        break;
    case PX_FACADE_WINDOW:
        draw_window(b, box);
        break;
    case PX_FACADE_DOOR:
        draw_door(b, box);
        break;
    case PX_FACADE_SHOP:
        draw_shop(b, box);
        break;
    case PX_FACADE_BLIND:
        draw_blind(b, box);
        break;
    case PX_FACADE_PILLAR:
        draw_pillar(b, box);
        break;
    case PX_FACADE_DECO:
        draw_deco(b, box);
        break;
    case PX_FACADE_BALCONY:
        draw_balcony(b, box);
        drop_shadow(b, box, 6.0f);
        break;
    case PX_FACADE_CORNICE:
        draw_band(b, box);
        drop_shadow(b, box, 4.0f);
        break;
    case PX_FACADE_MOLDING:
    case PX_FACADE_SILL:
        draw_band(b, box);
        drop_shadow(b, box, 2.5f);
        break;
    case PX_FACADE_BACKGROUND:
    case PX_FACADE_CLASSES:
        break; /* drawn first; not a part */
    }
}

/* Afternoon sun from the left above. */
static void light(brush *b, px_box wall)
{
    float w = (float)(wall.x1 - wall.x0), h = (float)(wall.y1 - wall.y0);
    for (int y = wall.y0; y < wall.y1; y++) {
        for (int x = wall.x0; x < wall.x1; x++) {
            px_colour *pixel = &b->canvas.pixels[(size_t)y * b->canvas.size + x];
            float bright = 1.1f - 0.08f * (float)(x - wall.x0) / w - 0.14f * (float)(y - wall.y0) / h;
            *pixel = (px_colour){pixel->r * bright, pixel->g * (bright - 0.005f), pixel->b * (bright - 0.02f)};
        }
    }
}

pixcl_image *px_facade_photo(const px_facade *facade, px_rng *rng, pixcl_error *err)
{
    pixcl_image *image = NULL;
    px_noise *noise = px_calloc(1, sizeof(*noise), err);
    brush b = {.facade = facade, .noise = noise, .unit = (float)(facade->size * PX_CANVAS_SCALE) / 256.0f};
    if (!noise || px_canvas_create(&b.canvas, facade->size, err) != PIXCL_OK)
        goto cleanup;
    px_noise_make(noise, rng);
    draw_background(&b);
    for (int i = 0; i < facade->count; i++) {
        px_box box = facade->parts[i].box;
        box = (px_box){box.x0 * PX_CANVAS_SCALE, box.y0 * PX_CANVAS_SCALE, box.x1 * PX_CANVAS_SCALE,
                       box.y1 * PX_CANVAS_SCALE};
        if (box.x1 > b.canvas.size || box.y1 > b.canvas.size)
            continue; /* a part that had to be widened over the edge of a very small picture */
        draw_part(&b, facade->parts[i].class, box);
    }
    px_box wall = facade->parts[0].box;
    light(&b, (px_box){wall.x0 * PX_CANVAS_SCALE, wall.y0 * PX_CANVAS_SCALE, wall.x1 * PX_CANVAS_SCALE,
                       wall.y1 * PX_CANVAS_SCALE});
    image = px_canvas_image(&b.canvas, 2.5f, rng, err);

cleanup:
    px_canvas_free(&b.canvas);
    px_free(noise);
    return image;
}
