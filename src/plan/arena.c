/* A place for every buffer in chunks no larger than the device's largest allocation.
 *
 * Largest first, each at the lowest place where nothing lies that lives at the same time (greedy by size, which on
 * these graphs comes within a few percent of the peak of live bytes). Persistent buffers come before all others, in the
 * order of their creation, so that the weights and moments of one network are contiguous. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plan/planner.h"

typedef struct item {
    bool persistent;
    size_t elements, begin; /* begin: in one line of addresses through all chunks */
    int buffer;
} item;

static size_t align_up(size_t elements, size_t alignment)
{
    return (elements + alignment - 1) / alignment * alignment;
}

/* Elements that divide the place of every buffer: 256 bytes, a whole number of cache lines and of the widest vectors;
 * more where the device asks for more of a sub-buffer. */
static size_t alignment_of(const px_target *target)
{
    enum { USUAL = 64 };
    return target->alignment / 4 > USUAL ? target->alignment / 4 : USUAL;
}

static int compare_need(const void *a, const void *b)
{
    const item *x = a, *y = b;
    if (x->persistent != y->persistent)
        return x->persistent ? -1 : 1;
    if (!x->persistent && x->elements != y->elements)
        return x->elements > y->elements ? -1 : 1;
    return x->buffer - y->buffer;
}

/* The first address from `begin` on where `elements` stay inside one chunk. */
static size_t inside_chunk(size_t begin, size_t elements, size_t chunk)
{
    return begin / chunk == (begin + elements - 1) / chunk ? begin : (begin / chunk + 1) * chunk;
}

/* The lowest free address for items[index]; placed[] are the earlier ones, sorted by address. */
static size_t find_gap(const px_plan *plan, const item *wanted, const item *placed, size_t count, size_t chunk)
{
    const px_buffer *mine = &plan->buffers[wanted->buffer];
    size_t address = 0;
    for (size_t i = 0; i < count; i++) {
        const px_buffer *other = &plan->buffers[placed[i].buffer];
        if (other->last < mine->first || mine->last < other->first)
            continue;
        size_t fit = inside_chunk(address, wanted->elements, chunk);
        if (fit + wanted->elements <= placed[i].begin)
            return fit;
        if (placed[i].begin + placed[i].elements > address)
            address = placed[i].begin + placed[i].elements;
    }
    return inside_chunk(address, wanted->elements, chunk);
}

static void insert_sorted(item *placed, size_t count, const item *one)
{
    size_t i = count;
    for (; i > 0 && placed[i - 1].begin > one->begin; i--)
        placed[i] = placed[i - 1];
    placed[i] = *one;
}

bool px_uploads_ahead(const px_plan *plan, px_node node)
{
    return plan->target.uploads_ahead && plan->nodes[node].op == PX_OP_INPUT && plan->values[node].buffer >= 0;
}

static pixcl_status size_chunks(px_planner *p, const item *placed, size_t count, size_t chunk)
{
    px_plan *plan = p->plan;
    for (size_t i = 0; i < count; i++) {
        px_buffer *buffer = &plan->buffers[placed[i].buffer];
        size_t index = placed[i].begin / chunk;
        buffer->chunk = (int)index;
        buffer->place = placed[i].begin % chunk;
        if (px_grow(&plan->chunks, &plan->chunk_capacity, index + 1, sizeof *plan->chunks, p->err) != PIXCL_OK)
            return PIXCL_ERROR_MEMORY;
        if (plan->chunk_count < index + 1)
            plan->chunk_count = index + 1;
        if (plan->chunks[index] < buffer->place + placed[i].elements)
            plan->chunks[index] = buffer->place + placed[i].elements;
    }
    plan->bytes = PX_STEP_WORDS * 4 + plan->gemm_scratch;
    for (size_t i = 0; i < plan->chunk_count; i++)
        plan->bytes += plan->chunks[i] * 4;
    for (px_node i = 0; i < plan->node_count; i++)
        if (px_uploads_ahead(plan, i))
            plan->bytes += PX_UPLOADS_AHEAD * 4 * px_shape_count(plan->nodes[i].shape);
    return PIXCL_OK;
}

static pixcl_status too_large(const px_planner *p)
{
    return px_fail(p->err, PIXCL_ERROR_MEMORY,
                   "the plan needs %.1f MB of device memory and %.1f MB may be used; make --batch_size, --crop_size, "
                   "--ngf or --ndf smaller (when translating, the picture; memory falls with the square of its side), "
                   "or choose another --device",
                   (double)p->plan->bytes / 1e6, (double)p->target->memory / 1e6);
}

static pixcl_status too_long(const px_planner *p, const char *what, size_t elements, size_t most)
{
    return px_fail(p->err, PIXCL_ERROR_MEMORY,
                   "%s of the plan takes %.2f MB and the largest allocation is %.2f MB; make --batch_size, "
                   "--crop_size, --ngf or --ndf smaller (when translating, the picture), or choose another --device",
                   what, 4e-6 * (double)elements, 4e-6 * (double)most);
}

/* A chunk, and CLBlast's scratch memory, has fewer than 2^31 elements, whatever the device allows: CLBlast counts them
 * in int. */
pixcl_status px_pass_arena(px_planner *p)
{
    px_plan *plan = p->plan;
    const size_t most = p->target->max_allocation / 4 < INT32_MAX ? p->target->max_allocation / 4 : INT32_MAX;
    const size_t alignment = alignment_of(p->target), chunk = most / alignment * alignment;
    size_t count = 0;
    item *items = px_calloc(plan->buffer_count, sizeof *items, p->err);
    item *placed = px_calloc(plan->buffer_count, sizeof *placed, p->err);
    pixcl_status status = items && placed ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    for (size_t b = 0; status == PIXCL_OK && b < plan->buffer_count; b++) {
        const px_buffer *buffer = &plan->buffers[b];
        if (buffer->first < 0)
            continue;
        items[count++] = (item){buffer->persistent, align_up(buffer->elements, alignment), 0, (int)b};
        if (align_up(buffer->elements, alignment) > chunk)
            status = too_long(p, "one value", buffer->elements, most);
    }
    if (status == PIXCL_OK && plan->gemm_scratch > 4 * most)
        status = too_long(p, "the scratch memory of a matrix product", plan->gemm_scratch / 4, most);
    if (status == PIXCL_OK) {
        qsort(items, count, sizeof *items, compare_need);
        for (size_t i = 0; i < count; i++) {
            items[i].begin = find_gap(plan, &items[i], placed, i, chunk);
            insert_sorted(placed, i, &items[i]);
        }
        status = size_chunks(p, placed, count, chunk);
    }
    if (status == PIXCL_OK && plan->bytes > p->target->memory)
        status = too_large(p);
    px_free(items);
    px_free(placed);
    return status;
}
