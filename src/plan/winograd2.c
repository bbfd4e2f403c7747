/* Tiles of the algorithm "winograd2", and the transforms of its maps. */
#include "plan/winograd2.h"

enum { LANES = 16 };

int px_winograd2_inner(int stride, px_shape map)
{
    enum { SMALL_MAP = 16 };
    return stride == 1 || (map.h <= SMALL_MAP && map.w <= SMALL_MAP) ? 2 : 3;
}

px_winograd2 px_winograd2_tiles(int kernel, int stride, int m, int pictures, int h, int w)
{
    px_winograd2 t = {.kernel = kernel, .stride = stride, .m = m};
    t.points = stride == 1 ? 3 * (m + 1) : m + 1;
    t.out = stride == 1 ? 2 * m : m;
    t.tile_rows = (h + t.out - 1) / t.out;
    t.tile_columns = (w + t.out - 1) / t.out;
    t.rows = pictures * t.tile_rows;
    return t;
}

double px_winograd2_products(const px_winograd2 *t)
{
    /* Along a side an even phase has all points, an odd one of three taps one less. */
    const double sides = t->stride == 1 ? t->points : t->points + t->points - (t->kernel == 3);
    return sides * sides;
}

int px_winograd2_blocks(int channels, bool phases)
{
    return channels / LANES * (phases ? 4 : 1);
}

static size_t elements_of(const px_winograd2 *t, int tiles, int blocks)
{
    const size_t groups = (size_t)((tiles + t->group_tiles - 1) / t->group_tiles);
    const size_t runs = (size_t)(t->group_tiles / t->run_tiles);
    const size_t point = (size_t)blocks * runs * (size_t)t->padded_run * LANES + LANES; /* POINT_STRIDE */
    return groups * (size_t)(t->points * t->points) * point;
}

int px_winograd2_rows_at_once(const px_planner *p, const px_winograd2 *t, int blocks)
{
    const double of_row = (double)t->points * t->points * t->tile_columns * blocks * LANES;
    const double most = (double)p->target->map_slice, slices = most > 0 ? of_row * t->rows / most : 1;
    const int count = slices >= t->rows ? t->rows : (int)slices + (slices > (int)slices);
    return (t->rows + count - 1) / count;
}

int px_winograd2_buffer(px_planner *p, const px_winograd2 *t, int rows, int blocks)
{
    return px_new_buffer(p, elements_of(t, rows * t->tile_columns, blocks), PX_NONE);
}

char *px_winograd2_defines(const px_planner *p, const px_winograd2 *t)
{
    return px_format(
        p->err,
        "#define KERNEL %d\n#define STRIDE %d\n#define M %d\n#define GROUP_TILES %d\n#define RUN_TILES %d\n"
        "#define PADDED_RUN %d\n",
        t->kernel, t->stride, t->m, t->group_tiles, t->run_tiles, t->padded_run);
}

static px_launch *emit_transform(px_planner *p, px_node node, const char *kernel, const px_winograd2 *t, bool phases,
                                 int rows, px_shape shape)
{
    const int blocks = px_winograd2_blocks(shape.c, phases);
    char *form = px_winograd2_defines(p, t);
    char *preamble = form ? px_format(p->err, "%s#define PHASES_IN %d\n", form, phases) : NULL;
    px_launch *launch = preamble ? px_emit_kernel(p, node, kernel,
                                                  (const char *[]){"vector", "winograd2_rows", "winograd2_input", NULL},
                                                  preamble, (const size_t[3]){(size_t)rows, (size_t)blocks, 1})
                                 : NULL;
    px_free(form);
    px_free(preamble);
    if (launch)
        launch->bytes = 4.0 * ((double)px_shape_count(shape) * rows / t->rows +
                               (double)elements_of(t, rows * t->tile_columns, blocks));
    return launch;
}

static void add_sizes(px_planner *p, const px_winograd2 *t, px_shape shape, int first_row, const px_value *from)
{
    const int64_t sizes[] = {shape.h, shape.w, t->tile_rows, t->tile_columns, first_row, (int64_t)from->stride_n};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        px_arg_int(p, sizes[i]);
}

pixcl_status px_winograd2_input(px_planner *p, px_node node, const px_winograd2 *t, const px_value *from,
                                px_shape shape, bool phases, int pad, int first_row, int rows, int buffer)
{
    if (!emit_transform(p, node, "winograd2_input", t, phases, rows, shape))
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, from->buffer, from->offset);
    px_arg_buffer(p, PX_ARG_WRITE, buffer, 0);
    add_sizes(p, t, shape, first_row, from);
    px_arg_int(p, pad);
    return PIXCL_OK;
}

pixcl_status px_winograd2_gradient(px_planner *p, px_node node, const px_winograd2 *t, const px_value *from,
                                   px_shape shape, int first_row, int rows, int buffer)
{
    if (!emit_transform(p, node, "winograd2_gradient", t, false, rows, shape))
        return PIXCL_ERROR_MEMORY;
    px_arg_buffer(p, PX_ARG_READ, from->buffer, from->offset);
    px_arg_buffer(p, PX_ARG_WRITE, buffer, 0);
    add_sizes(p, t, shape, first_row, from);
    return PIXCL_OK;
}
