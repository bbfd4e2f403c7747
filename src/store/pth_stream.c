/* The older form of .pth (torch.save before 1.6, or with _use_new_zipfile_serialization=False): pickles of a magic
 * number, the protocol, facts about the machine, the object, and the list of storage keys; then for each key the
 * number of elements (8 bytes) and the elements, always little-endian. */
#include <string.h>

#include "base/memory.h"
#include "store/pth.h"
#include "store/pth_state.h"

#define PROTOCOL 1001

static const uint8_t magic[10] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

typedef struct stream {
    px_tensor_file *file;
    size_t at;
    pixcl_error *err;
} stream;

static pixcl_status next_pickle(stream *s, px_pickle *pickle)
{
    size_t used;
    pixcl_status status = px_pickle_parse(s->file->bytes + s->at, s->file->size - s->at, px_pth_globals,
                                          s->file->source, pickle, &used, s->err);

    s->at += used;
    return status;
}

/* The three pickles before the object. */
static pixcl_status read_preamble(stream *s)
{
    px_pickle pickle;
    const px_pickle_value *root;
    pixcl_status status = next_pickle(s, &pickle);
    bool right;

    if (status != PIXCL_OK)
        return status;
    root = &pickle.values[pickle.root];
    right = root->kind == PX_PICKLE_LONG && root->text.length == sizeof magic &&
            memcmp(root->text.bytes, magic, sizeof magic) == 0;
    px_pickle_free(&pickle);
    if (!right)
        return px_fail(s->err, PIXCL_ERROR_FORMAT, "%s: a pickle, but not one of PyTorch: its magic number is missing",
                       s->file->source);

    status = next_pickle(s, &pickle);
    if (status != PIXCL_OK)
        return status;
    root = &pickle.values[pickle.root];
    right = root->kind == PX_PICKLE_INTEGER && root->integer == PROTOCOL;
    px_pickle_free(&pickle);
    if (!right)
        return px_fail(s->err, PIXCL_ERROR_FORMAT, "%s: unknown protocol of PyTorch's stream form; expected %d",
                       s->file->source, PROTOCOL);

    status = next_pickle(s, &pickle);
    px_pickle_free(&pickle);
    return status;
}

static px_pth_storage *find_storage(px_pth_state *state, const px_pickle_value *key)
{
    for (size_t i = 0; i < state->storage_count && key->kind == PX_PICKLE_TEXT; i++)
        if (state->storages[i].key_length == key->text.length &&
            memcmp(state->storages[i].key, key->text.bytes, key->text.length) == 0)
            return &state->storages[i];
    return NULL;
}

/* One storage behind the pickles: used where it lies. */
static pixcl_status read_storage(stream *s, px_pth_storage *storage)
{
    size_t left = s->file->size - s->at, bytes = storage->count * px_dtype_size(storage->dtype);
    uint64_t count = storage->count;

    if (left >= sizeof count)
        memcpy(&count, s->file->bytes + s->at, sizeof count);
    if (left < sizeof count || left - sizeof count < bytes)
        return px_fail(
            s->err, PIXCL_ERROR_FORMAT,
            "%s: storage %.*s should have %zu bytes, but the file ends before; it is truncated: get or write it again",
            s->file->source, (int)storage->key_length, storage->key, bytes);
    if (count != storage->count)
        return px_fail(s->err, PIXCL_ERROR_FORMAT,
                       "%s: storage %.*s has %llu elements, but its tensors say %zu; the file is damaged",
                       s->file->source, (int)storage->key_length, storage->key, (unsigned long long)count,
                       storage->count);
    storage->data = s->file->bytes + s->at + sizeof count;
    s->at += sizeof count + bytes;
    return PIXCL_OK;
}

static pixcl_status read_storages(stream *s, const px_pickle *keys, px_pth_state *state)
{
    pixcl_status status = PIXCL_OK;

    if (keys->values[keys->root].kind != PX_PICKLE_LIST)
        return px_fail(s->err, PIXCL_ERROR_FORMAT, "%s: the list of storages is missing; the file is damaged",
                       s->file->source);
    for (int i = keys->values[keys->root].first; i >= 0 && status == PIXCL_OK; i = keys->items[i].next) {
        px_pth_storage *storage = find_storage(state, &keys->values[keys->items[i].value]);

        if (!storage || storage->data)
            return px_fail(s->err, PIXCL_ERROR_FORMAT, "%s: a storage belongs to no tensor or comes twice",
                           s->file->source);
        status = read_storage(s, storage);
    }
    for (size_t i = 0; i < state->storage_count && status == PIXCL_OK; i++)
        if (!state->storages[i].data)
            status = px_fail(s->err, PIXCL_ERROR_FORMAT, "%s: storage %.*s is missing; the file is damaged",
                             s->file->source, (int)state->storages[i].key_length, state->storages[i].key);
    return status;
}

pixcl_status px_pth_read_stream(px_tensor_file *file, pixcl_error *err)
{
    stream s = {.file = file, .err = err};
    px_pickle object = {0}, keys = {0};
    px_pth_state state = {0};
    pixcl_status status;

    file->format = "PyTorch (older stream)";
    status = read_preamble(&s);
    if (status == PIXCL_OK)
        status = next_pickle(&s, &object);
    if (status == PIXCL_OK)
        status = next_pickle(&s, &keys);
    if (status == PIXCL_OK)
        status = px_pth_collect(&object, file->source, &state, err);
    if (status == PIXCL_OK)
        status = read_storages(&s, &keys, &state);
    if (status == PIXCL_OK)
        status = px_pth_place(file, &state, err);
    px_pth_state_free(&state);
    px_pickle_free(&object);
    px_pickle_free(&keys);
    return status;
}
