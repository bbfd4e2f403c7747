/* A canvas to draw synthetic pictures on: floats, at twice the size of the picture, so that edges come out smooth. */
#ifndef PX_DATA_SYNTH_CANVAS_H
#define PX_DATA_SYNTH_CANVAS_H

#include "base/rng.h"
#include "pixcl/image.h"

#define PX_CANVAS_SCALE 2 /* canvas pixels a picture pixel */

typedef struct px_colour {
    float r, g, b; /* 0..255; more or less is cut off at the end */
} px_colour;

typedef struct px_canvas {
    int size;          /* width and height, in canvas pixels */
    px_colour *pixels; /* [size][size] */
} px_canvas;

/* Half-open: x0 <= x < x1. May reach beyond the canvas; drawing stops at its edge. */
typedef struct px_box {
    int x0, y0, x1, y1;
} px_box;

/* Smooth random field: values in [-1, 1] on a grid, interpolated and repeated. */
#define PX_NOISE_GRID 64
typedef struct px_noise {
    float value[PX_NOISE_GRID][PX_NOISE_GRID];
} px_noise;

pixcl_status px_canvas_create(px_canvas *canvas, int picture_size, pixcl_error *err);
void px_canvas_free(px_canvas *canvas);

px_colour px_colour_mix(px_colour a, px_colour b, float share_of_b);
px_colour px_colour_scale(px_colour a, float factor);

/* Paints with opacity 0..1. */
void px_canvas_fill(px_canvas *canvas, px_box box, px_colour colour, float opacity);
/* From `top` to `bottom`, row by row. */
void px_canvas_gradient(px_canvas *canvas, px_box box, px_colour top, px_colour bottom, float opacity);
/* Multiplies what is there: by `top` in the first row, changing evenly to `bottom` in the last. */
void px_canvas_shade(px_canvas *canvas, px_box box, float top, float bottom);

void px_noise_make(px_noise *noise, px_rng *rng);
/* At a point given in grid cells. */
float px_noise_at(const px_noise *noise, float x, float y);

/* The picture: canvas pixels averaged, with evenly spread grain of +-`grain` (the same for the three channels) added.
 */
pixcl_image *px_canvas_image(const px_canvas *canvas, float grain, px_rng *rng, pixcl_error *err);

#endif
