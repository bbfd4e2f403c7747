/* Layout conversion on the host, mapping, copying and staging. */
#include "exec/opencl/transfer.h"

#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

/* A weight on its way: one side of the copy is in PyTorch's order, `to_device` says which. */
typedef struct weight_move {
    const float *from;
    float *to;
    px_shape shape;
    size_t tap_step;
    size_t *at0, *at1; /* places of (i,0) and (0,i) at the first tap: an element's place is their sum (plan.h) */
    bool to_device;
} weight_move;

static void move_rows(void *context, size_t begin, size_t end)
{
    const weight_move *m = context;
    const size_t columns = (size_t)m->shape.c, taps = (size_t)m->shape.h * (size_t)m->shape.w;
    size_t plain = begin * columns * taps;
    for (size_t d0 = begin; d0 < end; d0++)
        for (size_t d1 = 0; d1 < columns; d1++) {
            size_t there = m->at0[d0] + m->at1[d1];
            for (size_t tap = 0; tap < taps; tap++, plain++, there += m->tap_step)
                if (m->to_device)
                    m->to[there] = m->from[plain];
                else
                    m->to[plain] = m->from[there];
        }
}

static pixcl_status move_weights(const px_plan *plan, px_node node, const float *from, float *to, bool to_device,
                                 pixcl_error *err)
{
    const px_shape shape = plan->nodes[node].shape;
    const px_weight_layout layout = plan->values[node].layout;
    const int block = plan->target.block;
    const size_t rows = (size_t)shape.n, columns = (size_t)shape.c;
    enum { GRAIN = 1 << 16 }; /* elements that are worth a thread */
    size_t *places = px_calloc(rows + columns, sizeof *places, err);
    if (!places)
        return PIXCL_ERROR_MEMORY;
    weight_move m = {from, to, shape, 0, places, places + rows, to_device};
    for (int i = 0; i < shape.n; i++)
        m.at0[i] = px_weight_index(shape, layout, block, i, 0, 0, 0);
    for (int i = 0; i < shape.c; i++)
        m.at1[i] = px_weight_index(shape, layout, block, 0, i, 0, 0);
    if (shape.w > 1)
        m.tap_step = px_weight_index(shape, layout, block, 0, 0, 0, 1);
    const size_t row = px_shape_count(shape) / rows;
    px_parallel(rows, (GRAIN + row - 1) / row, move_rows, &m);
    px_free(places);
    return PIXCL_OK;
}

static void move_activation(const px_plan *plan, px_node node, const float *from, float *to, bool to_device)
{
    px_shape shape = plan->nodes[node].shape;
    int block = plan->values[node].block, pixels = shape.h * shape.w;
    size_t plain = 0;
    for (int n = 0; n < shape.n; n++)
        for (int c = 0; c < shape.c; c++) {
            size_t base =
                (((size_t)n * (size_t)(shape.c / block) + (size_t)(c / block)) * (size_t)pixels) * (size_t)block +
                (size_t)(c % block);
            for (int i = 0; i < pixels; i++, plain++) {
                size_t there = base + (size_t)i * (size_t)block;
                if (to_device)
                    to[there] = from[plain];
                else
                    to[plain] = from[there];
            }
        }
}

void px_rows_to_device_order(const px_plan *plan, px_node input, px_exec_rows rows, void *context, float *to)
{
    const px_shape shape = plan->nodes[input].shape;
    const px_value *value = &plan->values[input];
    for (int n = 0; n < shape.n; n++)
        for (int c = 0; c < shape.c; c++)
            for (int y = 0; y < shape.h; y++)
                rows(context, n, c, y, to + px_activation_index(shape, value, n, c, y, 0), (size_t)value->block);
}

static bool same_order(const px_plan *plan, px_node node)
{
    const px_value *value = &plan->values[node];
    switch (plan->nodes[node].kind) {
    case PX_WEIGHT:
        return value->layout == PX_WEIGHT_PLAIN;
    case PX_ACTIVATION:
        return value->block <= 1;
    case PX_PLAIN:
        break;
    }
    return true;
}

static pixcl_status move(const px_plan *plan, px_node node, const float *from, float *to, bool to_device,
                         pixcl_error *err)
{
    if (plan->nodes[node].kind == PX_WEIGHT && !same_order(plan, node))
        return move_weights(plan, node, from, to, to_device, err);
    if (same_order(plan, node))
        memcpy(to, from, px_shape_count(plan->nodes[node].shape) * sizeof *to);
    else
        move_activation(plan, node, from, to, to_device);
    return PIXCL_OK;
}

pixcl_status px_to_device_order(const px_plan *plan, px_node node, const float *from, float *to, pixcl_error *err)
{
    return move(plan, node, from, to, true, err);
}

static pixcl_status map(const px_place *place, cl_map_flags how, size_t bytes, float **mapped, pixcl_error *err)
{
    cl_int code;
    *mapped = clEnqueueMapBuffer(place->queue, place->buffer, CL_TRUE, how, place->offset, bytes, 0, NULL, NULL, &code);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueMapBuffer", "%zu bytes", bytes);
}

static pixcl_status unmap(const px_place *place, float *mapped, pixcl_error *err)
{
    cl_int code = clEnqueueUnmapMemObject(place->queue, place->buffer, mapped, 0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueUnmapMemObject", "%s", "");
}

static pixcl_status write_mapped(const px_plan *plan, px_node node, const float *values, const px_place *to,
                                 pixcl_error *err)
{
    float *mapped;
    pixcl_status status =
        map(to, CL_MAP_WRITE_INVALIDATE_REGION, px_shape_count(plan->nodes[node].shape) * sizeof *values, &mapped, err);
    if (status != PIXCL_OK)
        return status;
    status = move(plan, node, values, mapped, true, err);
    const pixcl_status unmapped = unmap(to, mapped, err);
    return status == PIXCL_OK ? unmapped : status;
}

static pixcl_status read_mapped(const px_plan *plan, px_node node, const px_place *from, float *values,
                                pixcl_error *err)
{
    float *mapped;
    pixcl_status status =
        map(from, CL_MAP_READ, px_shape_count(plan->nodes[node].shape) * sizeof *values, &mapped, err);
    if (status != PIXCL_OK)
        return status;
    status = move(plan, node, mapped, values, false, err);
    const pixcl_status unmapped = unmap(from, mapped, err);
    return status == PIXCL_OK ? unmapped : status;
}

/* Blocking: the values are the caller's, and a converted copy is freed at once. */
static pixcl_status copy_to(const px_place *to, const float *values, size_t bytes, pixcl_error *err)
{
    cl_int code = clEnqueueWriteBuffer(to->queue, to->buffer, CL_TRUE, to->offset, bytes, values, 0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueWriteBuffer", "%zu bytes", bytes);
}

static pixcl_status copy_from(const px_place *from, float *values, size_t bytes, pixcl_error *err)
{
    cl_int code = clEnqueueReadBuffer(from->queue, from->buffer, CL_TRUE, from->offset, bytes, values, 0, NULL, NULL);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueReadBuffer", "%zu bytes", bytes);
}

pixcl_status px_write_value(const px_plan *plan, px_node node, const float *values, const px_place *to,
                            pixcl_error *err)
{
    const size_t count = px_shape_count(plan->nodes[node].shape);
    if (to->mapped)
        return write_mapped(plan, node, values, to, err);
    if (same_order(plan, node))
        return copy_to(to, values, count * sizeof *values, err);
    float *converted = px_calloc(count, sizeof *converted, err);
    if (!converted)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = move(plan, node, values, converted, true, err);
    if (status == PIXCL_OK)
        status = copy_to(to, converted, count * sizeof *values, err);
    px_free(converted);
    return status;
}

pixcl_status px_read_value(const px_plan *plan, px_node node, const px_place *from, float *values, pixcl_error *err)
{
    const size_t count = px_shape_count(plan->nodes[node].shape);
    if (from->mapped)
        return read_mapped(plan, node, from, values, err);
    if (same_order(plan, node))
        return copy_from(from, values, count * sizeof *values, err);
    float *converted = px_calloc(count, sizeof *converted, err);
    if (!converted)
        return PIXCL_ERROR_MEMORY;
    pixcl_status status = copy_from(from, converted, count * sizeof *values, err);
    if (status == PIXCL_OK)
        status = move(plan, node, converted, values, false, err);
    px_free(converted);
    return status;
}

/* Waits for an event, if there is one, and forgets it. */
static cl_int wait_for(cl_event *event)
{
    if (!*event)
        return CL_SUCCESS;
    cl_int code = clWaitForEvents(1, event);
    clReleaseEvent(*event);
    *event = NULL;
    return code;
}

float *px_staging_acquire(px_staging *staging, size_t count, pixcl_error *err)
{
    cl_int code = wait_for(&staging->events[staging->next]);
    if (code != CL_SUCCESS) {
        px_cl_fail(err, code, "clWaitForEvents", "upload of an earlier step");
        return NULL;
    }
    if (!staging->slots[staging->next])
        staging->slots[staging->next] = px_calloc(count, sizeof(float), err);
    return staging->slots[staging->next];
}

/* To a buffer ahead once it is empty, and from there to its place. */
static pixcl_status upload_ahead(px_staging *staging, int slot, cl_command_queue uploads, const px_place *to,
                                 size_t bytes, pixcl_error *err)
{
    const int ahead = staging->next_ahead;
    cl_event *emptied = &staging->emptied[ahead];
    staging->next_ahead = (ahead + 1) % PX_UPLOADS_AHEAD;
    cl_int code = clEnqueueWriteBuffer(uploads, staging->ahead[ahead], CL_FALSE, 0, bytes, staging->slots[slot],
                                       *emptied ? 1 : 0, *emptied ? emptied : NULL, &staging->events[slot]);
    if (code == CL_SUCCESS)
        code = clFlush(uploads); /* what the other queue waits for must be on its way */
    if (code != CL_SUCCESS)
        return px_cl_fail(err, code, "clEnqueueWriteBuffer", "%zu bytes", bytes);
    if (*emptied)
        clReleaseEvent(*emptied);
    *emptied = NULL;
    code = clEnqueueCopyBuffer(to->queue, staging->ahead[ahead], to->buffer, 0, to->offset, bytes, 1,
                               &staging->events[slot], emptied);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueCopyBuffer", "%zu bytes", bytes);
}

pixcl_status px_staging_upload(px_staging *staging, cl_command_queue uploads, const px_place *to, size_t bytes,
                               pixcl_error *err)
{
    int slot = staging->next;
    staging->next = (slot + 1) % PX_STAGING_SLOTS;
    if (staging->ahead[0])
        return upload_ahead(staging, slot, uploads, to, bytes, err);
    cl_int code = clEnqueueWriteBuffer(to->queue, to->buffer, CL_FALSE, to->offset, bytes, staging->slots[slot], 0,
                                       NULL, &staging->events[slot]);
    return code == CL_SUCCESS ? PIXCL_OK : px_cl_fail(err, code, "clEnqueueWriteBuffer", "%zu bytes", bytes);
}

cl_event px_staging_last(const px_staging *staging)
{
    return staging->events[(staging->next + PX_STAGING_SLOTS - 1) % PX_STAGING_SLOTS];
}

void px_staging_free(px_staging *staging)
{
    for (int i = 0; i < PX_STAGING_SLOTS; i++) {
        wait_for(&staging->events[i]);
        px_free(staging->slots[i]);
    }
    for (int i = 0; i < PX_UPLOADS_AHEAD; i++) {
        wait_for(&staging->emptied[i]);
        if (staging->ahead[i])
            clReleaseMemObject(staging->ahead[i]);
    }
    *staging = (px_staging){0};
}
