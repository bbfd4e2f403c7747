/* What stands where in a random facade. Lengths are in units of 1/256 of the picture's side until a part is added. */
#include "data/synth_facade.h"

#include <math.h>
#include <string.h>

static const uint8_t label_colours[PX_FACADE_CLASSES][3] = {
    [PX_FACADE_BACKGROUND] = {0, 0, 170}, [PX_FACADE_WALL] = {0, 0, 255},       [PX_FACADE_MOLDING] = {255, 85, 0},
    [PX_FACADE_PILLAR] = {255, 0, 0},     [PX_FACADE_DECO] = {255, 170, 0},     [PX_FACADE_WINDOW] = {0, 85, 255},
    [PX_FACADE_DOOR] = {0, 170, 255},     [PX_FACADE_SHOP] = {170, 0, 0},       [PX_FACADE_BLIND] = {255, 255, 0},
    [PX_FACADE_SILL] = {85, 255, 170},    [PX_FACADE_BALCONY] = {170, 255, 85}, [PX_FACADE_CORNICE] = {0, 255, 255},
};

static float between(px_rng *rng, float low, float high)
{
    return low + (high - low) * px_rng_float(rng);
}

static bool chance(px_rng *rng, float probability)
{
    return px_rng_float(rng) < probability;
}

static int whole_between(float value, int low, int high)
{
    int rounded = (int)(value + 0.5f);
    return rounded < low ? low : rounded > high ? high : rounded;
}

static void add(px_facade *facade, px_facade_class class, float x0, float y0, float x1, float y1)
{
    float scale = (float)facade->size / 256.0f;
    px_box box = {(int)floorf(x0 * scale + 0.5f), (int)floorf(y0 * scale + 0.5f), (int)floorf(x1 * scale + 0.5f),
                  (int)floorf(y1 * scale + 0.5f)};
    if (box.x0 < 0)
        box.x0 = 0;
    if (box.x1 > facade->size)
        box.x1 = facade->size;
    /* Nothing gets lost in a small picture: it is at least one pixel wide and high. */
    if (box.x1 <= box.x0)
        box.x1 = box.x0 + 1;
    if (box.y1 <= box.y0)
        box.y1 = box.y0 + 1;
    if (facade->count < PX_FACADE_MAX_PARTS)
        facade->parts[facade->count++] = (px_facade_part){class, box};
}

/* What the houses differ in. */
typedef struct design {
    float left, right, top, ground; /* edges of the wall */
    float street;                   /* upper edge of the ground floor */
    int bays, floors;               /* columns of windows, upper floors */
    float bay, floor;               /* their width and height */
    float window_width, window_height;
    bool shutters, lintels, pillars, moldings, shop, ornaments;
    int balcony_floor; /* -1: none */
    int balcony_step;  /* a balcony at every bay, or at every second one */
} design;

static design draw_design(px_rng *rng)
{
    design d = {.left = 0.0f, .right = 256.0f};
    if (chance(rng, 0.45f))
        d.left = between(rng, 10.0f, 36.0f);
    if (chance(rng, 0.45f))
        d.right = 256.0f - between(rng, 10.0f, 36.0f);
    d.top = between(rng, 18.0f, 50.0f);
    d.ground = between(rng, 232.0f, 242.0f);
    d.street = d.ground - between(rng, 48.0f, 60.0f);
    d.bays = whole_between((d.right - d.left) / between(rng, 38.0f, 56.0f), 3, 6);
    d.bay = (d.right - d.left) / (float)d.bays;
    d.floors = whole_between((d.street - d.top - 10.0f) / between(rng, 36.0f, 52.0f), 2, 4);
    d.floor = (d.street - d.top - 10.0f) / (float)d.floors;
    d.shutters = chance(rng, 0.45f);
    d.lintels = chance(rng, 0.65f);
    d.pillars = chance(rng, 0.4f);
    d.moldings = chance(rng, 0.6f);
    d.shop = chance(rng, 0.5f);
    d.ornaments = chance(rng, 0.6f) && !d.pillars; /* both stand between the windows */
    d.balcony_floor = chance(rng, 0.65f) ? (int)px_rng_below(rng, (uint32_t)d.floors) : -1;
    d.balcony_step = chance(rng, 0.5f) ? 1 : 2;
    d.window_width = d.bay * (d.shutters ? between(rng, 0.32f, 0.38f) : between(rng, 0.38f, 0.52f));
    d.window_height = d.floor * between(rng, 0.52f, 0.62f);
    return d;
}

static void add_window(px_facade *facade, const design *d, int floor, int bay)
{
    float middle = d->left + ((float)bay + 0.5f) * d->bay, half = d->window_width / 2.0f;
    float top = d->top + 10.0f + ((float)floor + 0.22f) * d->floor, bottom = top + d->window_height;
    bool balcony = floor == d->balcony_floor && (bay + d->bays / 2) % d->balcony_step == 0;
    add(facade, PX_FACADE_WINDOW, middle - half, top, middle + half, bottom);
    if (d->lintels)
        add(facade, PX_FACADE_CORNICE, middle - half - 3.0f, top - 5.0f, middle + half + 3.0f, top - 1.0f);
    if (d->shutters) {
        float width = d->window_width * 0.45f;
        add(facade, PX_FACADE_BLIND, middle - half - width, top, middle - half, bottom);
        add(facade, PX_FACADE_BLIND, middle + half, top, middle + half + width, bottom);
    }
    if (balcony)
        add(facade, PX_FACADE_BALCONY, middle - half - 6.0f, bottom - d->window_height * 0.38f, middle + half + 6.0f,
            bottom + 4.0f);
    else
        add(facade, PX_FACADE_SILL, middle - half - 2.0f, bottom, middle + half + 2.0f, bottom + 3.0f);
}

static void add_ground_floor(px_facade *facade, const design *d, px_rng *rng)
{
    int door = (int)px_rng_below(rng, (uint32_t)d->bays);
    float height = d->ground - d->street;
    for (int bay = 0; bay < d->bays; bay++) {
        float middle = d->left + ((float)bay + 0.5f) * d->bay, half = d->window_width / 2.0f;
        if (bay == door) {
            float width = d->bay < 50.0f ? d->bay * 0.27f : 13.5f;
            add(facade, PX_FACADE_DOOR, middle - width, d->ground - height * 0.76f, middle + width, d->ground);
            add(facade, PX_FACADE_CORNICE, middle - width - 4.0f, d->ground - height * 0.76f - 6.0f,
                middle + width + 4.0f, d->ground - height * 0.76f);
        } else if (d->shop) {
            add(facade, PX_FACADE_SHOP, middle - d->bay * 0.43f, d->ground - height * 0.78f, middle + d->bay * 0.43f,
                d->ground - height * 0.08f);
        } else {
            float top = d->ground - height * 0.72f, bottom = d->ground - height * 0.28f;
            add(facade, PX_FACADE_WINDOW, middle - half, top, middle + half, bottom);
            add(facade, PX_FACADE_SILL, middle - half - 2.0f, bottom, middle + half + 2.0f, bottom + 3.0f);
        }
    }
}

static void sort_by_class(px_facade *facade)
{
    /* Insertion keeps the order within a class. A few hundred parts. */
    for (int i = 1; i < facade->count; i++) {
        px_facade_part part = facade->parts[i];
        int k = i;
        for (; k > 0 && facade->parts[k - 1].class > part.class; k--)
            facade->parts[k] = facade->parts[k - 1];
        facade->parts[k] = part;
    }
}

void px_facade_design(px_facade *facade, int size, px_rng *rng)
{
    design d = draw_design(rng);
    *facade = (px_facade){.size = size, .plaster = d.shutters};
    add(facade, PX_FACADE_WALL, d.left, d.top, d.right, d.ground);
    add(facade, PX_FACADE_CORNICE, d.left - 4.0f, d.top - 2.0f, d.right + 4.0f, d.top + 8.0f);
    add(facade, PX_FACADE_MOLDING, d.left, d.street - 5.0f, d.right, d.street);
    for (int floor = 0; floor < d.floors; floor++) {
        float top = d.top + 10.0f + (float)floor * d.floor;
        if (d.moldings && floor > 0)
            add(facade, PX_FACADE_MOLDING, d.left, top - 1.5f, d.right, top + 1.5f);
        for (int bay = 0; bay < d.bays; bay++)
            add_window(facade, &d, floor, bay);
    }
    for (int edge = 0; edge <= d.bays && d.pillars; edge++) {
        float x = d.left + (float)edge * d.bay;
        add(facade, PX_FACADE_PILLAR, edge == 0 ? x : x - 3.5f, d.top + 8.0f, edge == d.bays ? x : x + 3.5f,
            d.street - 5.0f);
    }
    for (int edge = 1; edge < d.bays && d.ornaments; edge++) {
        float x = d.left + (float)edge * d.bay, y = d.top + 10.0f + 0.5f * d.floor;
        add(facade, PX_FACADE_DECO, x - 5.0f, y - 6.0f, x + 5.0f, y + 6.0f);
    }
    add_ground_floor(facade, &d, rng);
    sort_by_class(facade);
}

pixcl_image *px_facade_labels(const px_facade *facade, pixcl_error *err)
{
    int size = facade->size;
    pixcl_image *image = pixcl_image_create(size, size, 3, err);
    if (!image)
        return NULL;
    for (int i = 0; i < size * size; i++)
        memcpy(image->pixels + 3 * i, label_colours[PX_FACADE_BACKGROUND], 3);
    for (int i = 0; i < facade->count; i++) {
        const px_facade_part *part = &facade->parts[i];
        for (int y = part->box.y0; y < part->box.y1 && y < size; y++)
            for (int x = part->box.x0; x < part->box.x1 && x < size; x++)
                memcpy(image->pixels + 3 * (y * size + x), label_colours[part->class], 3);
    }
    return image;
}
