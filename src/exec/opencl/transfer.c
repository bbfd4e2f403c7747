/* Layout conversion on the host, mapping, copying and staging. */
#include "exec/opencl/transfer.h"

#include <string.h>

#include "base/memory.h"

/* One side of the copy is in PyTorch's order; `to_device` says which. */
static void move_weights(const px_plan *plan, px_node node, const float *from, float *to, bool to_device)
{
    px_shape shape = plan->nodes[node].shape;
    px_weight_layout layout = plan->values[node].layout;
    int taps = shape.h * shape.w, block = plan->target.block;
    size_t plain = 0;
    for (int d0 = 0; d0 < shape.n; d0++)
        for (int d1 = 0; d1 < shape.c; d1++) {
            size_t base = px_weight_index(shape, layout, block, d0, d1, 0, 0);
            size_t step = taps > 1 ? px_weight_index(shape, layout, block, d0, d1, 0, 1) - base : 0;
            for (int tap = 0; tap < taps; tap++, plain++) {
                size_t there = base + (size_t)tap * step;
                if (to_device)
                    to[there] = from[plain];
                else
                    to[plain] = from[there];
            }
        }
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

static void move(const px_plan *plan, px_node node, const float *from, float *to, bool to_device)
{
    if (same_order(plan, node))
        memcpy(to, from, px_shape_count(plan->nodes[node].shape) * sizeof *to);
    else if (plan->nodes[node].kind == PX_WEIGHT)
        move_weights(plan, node, from, to, to_device);
    else
        move_activation(plan, node, from, to, to_device);
}

void px_to_device_order(const px_plan *plan, px_node node, const float *from, float *to)
{
    move(plan, node, from, to, true);
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
    move(plan, node, values, mapped, true);
    return unmap(to, mapped, err);
}

static pixcl_status read_mapped(const px_plan *plan, px_node node, const px_place *from, float *values,
                                pixcl_error *err)
{
    float *mapped;
    pixcl_status status =
        map(from, CL_MAP_READ, px_shape_count(plan->nodes[node].shape) * sizeof *values, &mapped, err);
    if (status != PIXCL_OK)
        return status;
    move(plan, node, mapped, values, false);
    return unmap(from, mapped, err);
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
    move(plan, node, values, converted, true);
    pixcl_status status = copy_to(to, converted, count * sizeof *values, err);
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
        move(plan, node, converted, values, false);
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
