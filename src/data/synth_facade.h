/* Random facades: as rectangles of classes, as a label map, and as a drawing like a photo. */
#ifndef PX_DATA_SYNTH_FACADE_H
#define PX_DATA_SYNTH_FACADE_H

#include <stdbool.h>

#include "data/synth_canvas.h"

/* The twelve classes of the CMP facade set, in the order in which they are painted over one another. */
typedef enum px_facade_class {
    PX_FACADE_BACKGROUND = 0,
    PX_FACADE_WALL,
    PX_FACADE_MOLDING,
    PX_FACADE_PILLAR,
    PX_FACADE_DECO,
    PX_FACADE_WINDOW,
    PX_FACADE_DOOR,
    PX_FACADE_SHOP,
    PX_FACADE_BLIND, /* shutters */
    PX_FACADE_SILL,
    PX_FACADE_BALCONY,
    PX_FACADE_CORNICE,
    PX_FACADE_CLASSES
} px_facade_class;

typedef struct px_facade_part {
    px_facade_class class;
    px_box box; /* picture pixels */
} px_facade_part;

#define PX_FACADE_MAX_PARTS 512

typedef struct px_facade {
    int size;     /* picture pixels, width and height */
    bool plaster; /* light plaster, or else brick; houses with shutters are of plaster, so that labels tell which */
    px_facade_part
        parts[PX_FACADE_MAX_PARTS]; /* by class; the first is the wall, in front of everything that is background */
    int count;
} px_facade;

void px_facade_design(px_facade *facade, int size, px_rng *rng);

/* NULL on failure. */
pixcl_image *px_facade_labels(const px_facade *facade, pixcl_error *err);
pixcl_image *px_facade_photo(const px_facade *facade, px_rng *rng, pixcl_error *err);

#endif
