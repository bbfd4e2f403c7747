/* From the values of a pickle to storages and tensors (pth_state.h). */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/pth_state.h"

/* Networks have some 1000 tensors. The limits bound what a short pickle can ask for by naming one value again and
 * again. */
enum { MAX_TENSORS = 10000, MAX_STORAGES = 20000, MAX_DICT_DEPTH = 8, MAX_ENTRIES = 200000, MAX_KEY = 64 };

enum {
    ORDERED_DICT,
    REBUILD_TENSOR_V2,
    REBUILD_TENSOR,
    REBUILD_PARAMETER,
    REBUILD_PARAMETER_WITH_STATE,
    SIZE,
    FIRST_STORAGE, /* + px_dtype */
    GLOBAL_COUNT = FIRST_STORAGE + PX_DTYPE_COUNT
};

const char *const px_pth_globals[GLOBAL_COUNT + 1] = {
    [ORDERED_DICT] = "collections.OrderedDict",
    [REBUILD_TENSOR_V2] = "torch._utils._rebuild_tensor_v2",
    [REBUILD_TENSOR] = "torch._utils._rebuild_tensor",
    [REBUILD_PARAMETER] = "torch._utils._rebuild_parameter",
    [REBUILD_PARAMETER_WITH_STATE] = "torch._utils._rebuild_parameter_with_state",
    [SIZE] = "torch.Size",
    [FIRST_STORAGE + PX_DTYPE_F64] = "torch.DoubleStorage",
    [FIRST_STORAGE + PX_DTYPE_F32] = "torch.FloatStorage",
    [FIRST_STORAGE + PX_DTYPE_F16] = "torch.HalfStorage",
    [FIRST_STORAGE + PX_DTYPE_BF16] = "torch.BFloat16Storage",
    [FIRST_STORAGE + PX_DTYPE_I64] = "torch.LongStorage",
    [FIRST_STORAGE + PX_DTYPE_I32] = "torch.IntStorage",
    [FIRST_STORAGE + PX_DTYPE_U8] = "torch.ByteStorage",
    [FIRST_STORAGE + PX_DTYPE_BOOL] = "torch.BoolStorage",
    [GLOBAL_COUNT] = NULL,
};

typedef struct collector {
    const px_pickle *pickle;
    const char *source;
    px_pth_state *state;
    pixcl_error *err;
    char name[PX_MAX_TENSOR_NAME + 1]; /* of the entry at hand */
    size_t entries;
} collector;

static pixcl_status fail(const collector *c, const char *what)
{
    char shown[64];

    return px_fail(c->err, PIXCL_ERROR_FORMAT, "%s: tensor \"%s\": %s; the file is damaged or not a state_dict",
                   c->source, px_printable(c->name, strlen(c->name), shown, sizeof shown), what);
}

static const px_pickle_value *at(const collector *c, int value)
{
    return &c->pickle->values[value];
}

static bool is_call(const collector *c, int value, int global)
{
    return at(c, value)->kind == PX_PICKLE_CALL && at(c, value)->global == global;
}

static bool is_dict(const collector *c, int value)
{
    return at(c, value)->kind == PX_PICKLE_DICT || is_call(c, value, ORDERED_DICT);
}

static bool is_parameter(const collector *c, int value)
{
    return is_call(c, value, REBUILD_PARAMETER) || is_call(c, value, REBUILD_PARAMETER_WITH_STATE);
}

static bool is_tensor(const collector *c, int value)
{
    return is_parameter(c, value) || is_call(c, value, REBUILD_TENSOR_V2) || is_call(c, value, REBUILD_TENSOR);
}

/* The n-th argument of a call, -1 when there are fewer. */
static int argument(const collector *c, int call, int n)
{
    return px_pickle_item_at(c->pickle, at(c, call)->arguments, n);
}

/* A whole number >= 0. */
static bool natural(const collector *c, int value, int64_t *number)
{
    if (value < 0 || at(c, value)->kind != PX_PICKLE_INTEGER || at(c, value)->integer < 0)
        return false;
    *number = at(c, value)->integer;
    return true;
}

static bool read_dims(const collector *c, int value, int *rank, int64_t dims[PX_MAX_RANK])
{
    if (value >= 0 && is_call(c, value, SIZE))
        value = argument(c, value, 0);
    if (value < 0 || at(c, value)->kind != PX_PICKLE_TUPLE || at(c, value)->count > PX_MAX_RANK)
        return false;
    *rank = at(c, value)->count;
    for (int i = 0; i < *rank; i++)
        if (!natural(c, px_pickle_item_at(c->pickle, value, i), &dims[i]))
            return false;
    return true;
}

static bool is_key(const px_pickle_value *value)
{
    if (value->kind != PX_PICKLE_TEXT || value->text.length < 1 || value->text.length > MAX_KEY)
        return false;
    for (size_t i = 0; i < value->text.length; i++)
        if (value->text.bytes[i] <= ' ' || value->text.bytes[i] > '~')
            return false;
    return true;
}

/* The storage of this key, added when new. */
static pixcl_status find_storage(collector *c, px_pth_storage wanted, size_t *index)
{
    px_pth_state *state = c->state;
    pixcl_status status;
    size_t i;

    for (i = 0; i < state->storage_count; i++) {
        const px_pth_storage *known = &state->storages[i];

        if (known->key_length != wanted.key_length || memcmp(known->key, wanted.key, wanted.key_length) != 0)
            continue;
        *index = i;
        return known->dtype == wanted.dtype && known->count == wanted.count
                   ? PIXCL_OK
                   : fail(c, "it says another type or size of its storage than a tensor before");
    }
    status = px_grow(&state->storages, &state->storage_capacity, i + 1, sizeof *state->storages, c->err);
    if (status != PIXCL_OK)
        return status;
    state->storages[i] = wanted;
    state->storage_count = i + 1;
    *index = i;
    return PIXCL_OK;
}

/* ("storage", torch.FloatStorage, key, device, elements[, view]); the stream form's view is (key, offset, elements)
 * or None. */
static pixcl_status read_storage(collector *c, int value, size_t *index, int64_t *view_offset)
{
    px_pth_storage storage = {0};
    int id, type, key, view;
    int64_t elements;

    if (value < 0 || at(c, value)->kind != PX_PICKLE_PERSISTENT ||
        at(c, at(c, value)->arguments)->kind != PX_PICKLE_TUPLE)
        return fail(c, "it has no storage");
    id = at(c, value)->arguments;
    type = px_pickle_item_at(c->pickle, id, 1);
    key = px_pickle_item_at(c->pickle, id, 2);
    view = px_pickle_item_at(c->pickle, id, 5);
    if (type < 0 || key < 0 || at(c, type)->kind != PX_PICKLE_GLOBAL || at(c, type)->global < FIRST_STORAGE ||
        !px_pickle_is_text(c->pickle, px_pickle_item_at(c->pickle, id, 0), "storage"))
        return fail(c, "its storage has no known type");
    if (!is_key(at(c, key)))
        return fail(c, "its storage has no usable key");
    storage.dtype = (px_dtype)(at(c, type)->global - FIRST_STORAGE);
    storage.key = at(c, key)->text.bytes;
    storage.key_length = at(c, key)->text.length;
    if (!natural(c, px_pickle_item_at(c->pickle, id, 4), &elements) ||
        !px_tensor_count(storage.dtype, 1, &elements, &storage.count))
        return fail(c, "its storage has an impossible size");
    if (view >= 0 && at(c, view)->kind == PX_PICKLE_TUPLE &&
        !natural(c, px_pickle_item_at(c->pickle, view, 1), view_offset))
        return fail(c, "its storage is a view without an offset");
    return find_storage(c, storage, index);
}

/* _rebuild_tensor_v2(storage, offset, size, stride, ...), perhaps within _rebuild_parameter(tensor, ...). */
static pixcl_status add_tensor(collector *c, int value)
{
    px_pth_state *state = c->state;
    px_pth_view view = {0};
    int64_t view_offset = 0;
    int stride_rank;
    pixcl_status status;

    if (is_parameter(c, value))
        value = argument(c, value, 0);
    if (value < 0 || is_parameter(c, value) || !is_tensor(c, value))
        return fail(c, "it is a parameter without a tensor");
    if (state->view_count == MAX_TENSORS)
        return px_fail(c->err, PIXCL_ERROR_FORMAT, "%s: more than %d tensors; not a state_dict of a network", c->source,
                       MAX_TENSORS);
    status = read_storage(c, argument(c, value, 0), &view.storage, &view_offset);
    if (status != PIXCL_OK)
        return status;
    if (!natural(c, argument(c, value, 1), &view.offset) ||
        __builtin_add_overflow(view.offset, view_offset, &view.offset))
        return fail(c, "its offset is no whole number");
    if (!read_dims(c, argument(c, value, 2), &view.rank, view.shape) ||
        !read_dims(c, argument(c, value, 3), &stride_rank, view.stride) || stride_rank != view.rank)
        return fail(c, "its size and stride are not as many whole numbers each, at most 8");

    state->storages[view.storage].wanted = true;
    status = px_grow(&state->views, &state->view_capacity, state->view_count + 1, sizeof *state->views, c->err);
    if (status != PIXCL_OK)
        return status;
    view.name = px_strdup(c->name, c->err);
    if (!view.name)
        return PIXCL_ERROR_MEMORY;
    state->views[state->view_count++] = view;
    return PIXCL_OK;
}

/* Writes a key behind the first `length` bytes of the name, after a '.' if there are any. */
static bool set_name(collector *c, size_t length, int key)
{
    const px_pickle_value *k = at(c, key);
    char number[24];
    const char *text = number;
    size_t text_length;

    if (k->kind == PX_PICKLE_TEXT) {
        text = k->text.bytes;
        text_length = k->text.length;
    } else if (k->kind == PX_PICKLE_INTEGER) {
        text_length = (size_t)snprintf(number, sizeof number, "%lld", (long long)k->integer);
    } else {
        return false;
    }
    const size_t used = length + (length > 0); /* one more than there is room for when the name is full */
    if (used > PX_MAX_TENSOR_NAME || text_length > PX_MAX_TENSOR_NAME - used || memchr(text, '\0', text_length))
        return false;
    if (length > 0)
        c->name[length++] = '.';
    memcpy(c->name + length, text, text_length);
    c->name[length + text_length] = '\0';
    return true;
}

static pixcl_status walk_dict(collector *c, int dict, size_t name_length, int depth);

static pixcl_status walk_entry(collector *c, int key, int value, size_t name_length, int depth)
{
    if (++c->entries > MAX_ENTRIES)
        return px_fail(c->err, PIXCL_ERROR_FORMAT, "%s: more than %d entries; not a state_dict of a network", c->source,
                       MAX_ENTRIES);
    if (!is_tensor(c, value) && !is_dict(c, value))
        return PIXCL_OK; /* a number, a text, an optimiser's list: no tensor to take */
    c->name[name_length] = '\0';
    if (!set_name(c, name_length, key))
        return fail(c, "the name of an entry in it is too long or not a text");
    return is_tensor(c, value) ? add_tensor(c, value) : walk_dict(c, value, strlen(c->name), depth + 1);
}

/* The entries of a dict, and of an OrderedDict made of pairs: OrderedDict([[key, value], ...]). */
static pixcl_status walk_dict(collector *c, int dict, size_t name_length, int depth)
{
    pixcl_status status = PIXCL_OK;

    if (depth > MAX_DICT_DEPTH)
        return fail(c, "dicts are nested too deeply");
    for (int i = at(c, dict)->first; i >= 0 && status == PIXCL_OK; i = c->pickle->items[i].next)
        status = walk_entry(c, c->pickle->items[i].key, c->pickle->items[i].value, name_length, depth);
    if (at(c, dict)->kind == PX_PICKLE_CALL && argument(c, dict, 0) >= 0) {
        int pairs = argument(c, dict, 0);

        for (int i = at(c, pairs)->first; i >= 0 && status == PIXCL_OK; i = c->pickle->items[i].next) {
            int pair = c->pickle->items[i].value;

            if (at(c, pair)->count != 2)
                return fail(c, "an entry of a dict is not a pair");
            status = walk_entry(c, px_pickle_item_at(c->pickle, pair, 0), px_pickle_item_at(c->pickle, pair, 1),
                                name_length, depth);
        }
    }
    return status;
}

/* What to walk: the root, or its state_dict when the root is a training script's dict. */
static int choose_dict(const collector *c)
{
    int root = c->pickle->root;

    for (int i = at(c, root)->first; i >= 0; i = c->pickle->items[i].next) {
        int key = c->pickle->items[i].key, value = c->pickle->items[i].value;

        if (key >= 0 && is_dict(c, value) &&
            (px_pickle_is_text(c->pickle, key, "state_dict") || px_pickle_is_text(c->pickle, key, "model_state_dict")))
            return value;
    }
    return root;
}

/* The storages of tensors that were passed over, an optimiser's for one. */
static pixcl_status list_other_storages(collector *c)
{
    pixcl_status status = PIXCL_OK;
    int64_t view_offset;
    size_t count = 0, index;

    strcpy(c->name, "(not taken)");
    for (size_t i = 0; i < c->pickle->value_count && status == PIXCL_OK; i++) {
        if (c->pickle->values[i].kind != PX_PICKLE_PERSISTENT)
            continue;
        if (++count > MAX_STORAGES)
            return px_fail(c->err, PIXCL_ERROR_FORMAT, "%s: more than %d storages; not a state_dict of a network",
                           c->source, MAX_STORAGES);
        status = read_storage(c, (int)i, &index, &view_offset);
    }
    return status;
}

pixcl_status px_pth_collect(const px_pickle *pickle, const char *source, px_pth_state *state, pixcl_error *err)
{
    collector c = {.pickle = pickle, .source = source, .state = state, .err = err};
    pixcl_status status;

    *state = (px_pth_state){0};
    if (!is_dict(&c, pickle->root))
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "%s: it holds something else than a dict of tensors; save model.state_dict()", source);
    status = walk_dict(&c, choose_dict(&c), 0, 0);
    if (status == PIXCL_OK)
        status = list_other_storages(&c);
    if (status == PIXCL_OK && state->view_count == 0)
        status = px_fail(err, PIXCL_ERROR_FORMAT, "%s: it holds no tensors; save model.state_dict()", source);
    if (status != PIXCL_OK)
        px_pth_state_free(state);
    return status;
}

void px_pth_state_free(px_pth_state *state)
{
    for (size_t i = 0; i < state->view_count; i++)
        px_free(state->views[i].name);
    px_free(state->views);
    px_free(state->storages);
    *state = (px_pth_state){0};
}
