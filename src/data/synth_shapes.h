/* Scenes of simple shapes in two looks, for sets without pairs: what one look shows, the other can show exactly. */
#ifndef PX_DATA_SYNTH_SHAPES_H
#define PX_DATA_SYNTH_SHAPES_H

#include <stdbool.h>

#include "data/synth_canvas.h"

typedef enum px_shape_kind { PX_SHAPE_DISC = 0, PX_SHAPE_SQUARE, PX_SHAPE_TRIANGLE } px_shape_kind;
enum { PX_SHAPE_KINDS = PX_SHAPE_TRIANGLE + 1 };

typedef struct px_shape {
    px_shape_kind kind;
    float x, y, radius; /* shares of the picture's side */
} px_shape;

#define PX_SCENE_MAX_SHAPES 7

typedef struct px_scene {
    px_shape shapes[PX_SCENE_MAX_SHAPES];
    int count;
    float horizon; /* where the ground begins, share of the height */
} px_scene;

void px_scene_design(px_scene *scene, px_rng *rng);

/* The scene by day or by night; NULL on failure. `rng` gives the grain alone. */
pixcl_image *px_scene_draw(const px_scene *scene, bool night, int size, px_rng *rng, pixcl_error *err);

#endif
