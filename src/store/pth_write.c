/* Writing the zip form of .pth: what torch.save(OrderedDict of tensors) writes, in the opcodes of pickle protocol 2. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "base/memory.h"
#include "base/os.h"
#include "store/pth.h"

/* The name of the folder in the archive is free; torch.load finds it. */
#define FOLDER "archive/"

static const char *const storage_names[PX_DTYPE_COUNT] = {
    [PX_DTYPE_F64] = "DoubleStorage",    [PX_DTYPE_F32] = "FloatStorage", [PX_DTYPE_F16] = "HalfStorage",
    [PX_DTYPE_BF16] = "BFloat16Storage", [PX_DTYPE_I64] = "LongStorage",  [PX_DTYPE_I32] = "IntStorage",
    [PX_DTYPE_U8] = "ByteStorage",       [PX_DTYPE_BOOL] = "BoolStorage",
};

static void add_bytes(px_text *pickle, const char *bytes, size_t count)
{
    px_text_add_bytes(pickle, bytes, count);
}

static void add_text(px_text *pickle, const char *text)
{
    uint32_t length = (uint32_t)strlen(text);

    add_bytes(pickle, "X", 1);
    add_bytes(pickle, (const char *)&length, sizeof length);
    add_bytes(pickle, text, length);
}

static void add_integer(px_text *pickle, int64_t number)
{
    int32_t small = (int32_t)number;

    if (small == number) {
        add_bytes(pickle, "J", 1);
        add_bytes(pickle, (const char *)&small, sizeof small);
    } else {
        add_bytes(pickle, "\x8a\x08", 2);
        add_bytes(pickle, (const char *)&number, sizeof number);
    }
}

static void add_empty_dict(px_text *pickle)
{
    px_text_add(pickle, "ccollections\nOrderedDict\n)R");
}

static void add_tensor(px_text *pickle, const px_tensor *tensor, size_t key)
{
    int64_t stride[PX_MAX_RANK], step = 1;
    char number[24];

    for (int i = tensor->rank; i-- > 0; step *= tensor->shape[i] > 0 ? tensor->shape[i] : 1)
        stride[i] = step;
    add_text(pickle, tensor->name);
    px_text_add(pickle, "ctorch._utils\n_rebuild_tensor_v2\n((");
    add_text(pickle, "storage");
    px_text_add(pickle, "ctorch\n%s\n", storage_names[tensor->dtype]);
    snprintf(number, sizeof number, "%zu", key);
    add_text(pickle, number);
    add_text(pickle, "cpu");
    add_integer(pickle, (int64_t)tensor->count);
    px_text_add(pickle, "tQ");
    add_integer(pickle, 0); /* offset */
    px_text_add(pickle, "(");
    for (int i = 0; i < tensor->rank; i++)
        add_integer(pickle, tensor->shape[i]);
    px_text_add(pickle, "t(");
    for (int i = 0; i < tensor->rank; i++)
        add_integer(pickle, stride[i]);
    px_text_add(pickle, "t\x89"); /* requires_grad = False, and no hooks */
    add_empty_dict(pickle);
    px_text_add(pickle, "tR");
}

static char *print_pickle(const px_tensor_list *list, size_t *length, pixcl_error *err)
{
    px_text pickle = {0};

    add_bytes(&pickle, "\x80\x02", 2);
    add_empty_dict(&pickle);
    px_text_add(&pickle, "(");
    for (size_t i = 0; i < list->count; i++)
        add_tensor(&pickle, &list->tensors[i], i);
    px_text_add(&pickle, "u.");
    *length = pickle.length;
    return px_text_take(&pickle, err);
}

typedef struct writing {
    px_tensor_fetch fetch;
    void *user;
    pixcl_error *err;
    pixcl_status status; /* why a tensor's bytes could not be had */
} writing;

/* One tensor's bytes, as libzip reads them when the archive is closed. */
typedef struct source_state {
    writing *work;
    const px_tensor *tensor;
    const uint8_t *data; /* between open and close */
    size_t done;
} source_state;

static const void *fetch_data(source_state *s)
{
    writing *w = s->work;
    const void *data = s->tensor->data;

    if (data || s->tensor->count == 0)
        return data ? data : "";
    if (!w->fetch)
        px_fail(w->err, PIXCL_ERROR_INTERNAL, "tensor \"%s\" was declared without data and nothing fetches it",
                s->tensor->name);
    else
        data = w->fetch(w->user, s->tensor, w->err);
    if (!data)
        w->status = w->err->status;
    return data;
}

static zip_int64_t serve(void *user, void *out, zip_uint64_t length, zip_source_cmd_t command)
{
    source_state *s = user;
    const size_t size = px_tensor_bytes(s->tensor);
    size_t part;

    switch ((int)command) { /* of an enumeration that grows with libzip */
    case ZIP_SOURCE_OPEN:
        s->done = 0;
        s->data = fetch_data(s);
        return s->data ? 0 : -1;
    case ZIP_SOURCE_READ:
        part = length < size - s->done ? (size_t)length : size - s->done;
        if (part)
            memcpy(out, s->data + s->done, part);
        s->done += part;
        return (zip_int64_t)part;
    case ZIP_SOURCE_STAT: {
        zip_stat_t info;

        zip_stat_init(&info);
        info.size = size;
        info.valid = ZIP_STAT_SIZE;
        memcpy(out, &info, sizeof info);
        return sizeof info;
    }
    case ZIP_SOURCE_ERROR: {
        const int error[2] = {ZIP_ER_READ, 0}; /* the reason is in work->err */

        memcpy(out, error, sizeof error);
        return sizeof error;
    }
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_READABLE;
    default:
        return -1;
    }
}

/* An archive that grows. */
typedef struct growing {
    zip_t *zip;
    zip_uint64_t size; /* bytes so far: where the next entry begins */
} growing;

/* Fills an entry's header up, as PyTorch does, so that its data begin at a multiple of 64 bytes: in a mapped file they
 * can be used where they are. */
static bool align_entry(growing *g, zip_uint64_t index, const char *name, zip_uint64_t size)
{
    enum { HEADER = 30, FIELD = 4, ALIGNMENT = 64, PADDING = 'F' | 'B' << 8 };
    const zip_uint64_t end = g->size + HEADER + strlen(name) + FIELD;
    const zip_uint16_t padding = (zip_uint16_t)((ALIGNMENT - end % ALIGNMENT) % ALIGNMENT);
    uint8_t fill[ALIGNMENT];

    memset(fill, 'Z', sizeof fill);
    g->size = end + padding + size;
    return zip_file_extra_field_set(g->zip, index, PADDING, ZIP_EXTRA_FIELD_NEW, fill, padding, ZIP_FL_LOCAL) == 0;
}

/* Adds an entry of `size` bytes, stored as it is and dated as PyTorch dates it, so that the same input gives the same
 * bytes. Takes the source. */
static bool add_entry(growing *g, const char *name, zip_source_t *source, size_t size)
{
    const zip_uint16_t first_of_1980 = 1 << 5 | 1;
    zip_int64_t index = source ? zip_file_add(g->zip, name, source, ZIP_FL_ENC_UTF_8) : -1;

    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_set_file_compression(g->zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(g->zip, (zip_uint64_t)index, 0, first_of_1980, 0) == 0 &&
           align_entry(g, (zip_uint64_t)index, name, size);
}

static bool add_plain(growing *g, const char *name, const char *bytes, size_t size)
{
    return add_entry(g, name, zip_source_buffer(g->zip, bytes, size, 0), size);
}

static bool add_entries(zip_t *zip, const px_tensor_list *list, const char *pickle, size_t pickle_length,
                        source_state *sources)
{
    growing g = {.zip = zip};
    bool added =
        add_plain(&g, FOLDER "data.pkl", pickle, pickle_length) && add_plain(&g, FOLDER "byteorder", "little", 6);
    char name[64];

    for (size_t i = 0; i < list->count && added; i++) {
        snprintf(name, sizeof name, FOLDER "data/%zu", i);
        added = add_entry(&g, name, zip_source_function(zip, serve, &sources[i]), px_tensor_bytes(&list->tensors[i]));
    }
    return added && add_plain(&g, FOLDER "version", "3\n", 2);
}

static pixcl_status fail_zip(pixcl_error *err, const char *path, zip_error_t *error)
{
    if (zip_error_system_type(error) == ZIP_ET_SYS) {
        errno = zip_error_code_system(error);
        return px_fail_errno(err, "cannot write", path);
    }
    return px_fail(err, PIXCL_ERROR_IO, "cannot write %s: %s", path, zip_error_strerror(error));
}

static pixcl_status write_archive(const char *temporary, const char *path, const px_tensor_list *list,
                                  const char *pickle, size_t pickle_length, source_state *sources, writing *work)
{
    int code = 0;
    zip_t *zip = zip_open(temporary, ZIP_CREATE | ZIP_TRUNCATE, &code);
    zip_error_t error;
    pixcl_status status;

    if (!zip) {
        zip_error_init_with_code(&error, code);
        status = fail_zip(work->err, path, &error);
        zip_error_fini(&error);
        return status;
    }
    if (add_entries(zip, list, pickle, pickle_length, sources) && zip_close(zip) == 0)
        return PIXCL_OK;
    status = work->status != PIXCL_OK ? work->status : fail_zip(work->err, path, zip_get_error(zip));
    zip_discard(zip);
    return status;
}

pixcl_status px_pth_write(const char *path, const px_tensor_list *list, px_tensor_fetch fetch, void *user,
                          pixcl_error *err)
{
    pixcl_error own;
    writing work = {.fetch = fetch, .user = user, .err = err ? err : &own};
    pixcl_status status = PIXCL_ERROR_MEMORY;
    source_state *sources = px_calloc(list->count, sizeof *sources, work.err);
    char *temporary = NULL, *pickle = NULL;
    size_t pickle_length = 0;

    if (!sources)
        goto cleanup;
    for (size_t i = 0; i < list->count; i++)
        sources[i] = (source_state){.work = &work, .tensor = &list->tensors[i]};
    pickle = print_pickle(list, &pickle_length, work.err);
    temporary = pickle ? px_file_temporary(path, work.err) : NULL;
    if (!temporary) {
        status = work.err->status;
        goto cleanup;
    }
    status = write_archive(temporary, path, list, pickle, pickle_length, sources, &work);
    if (status == PIXCL_OK)
        status = px_file_publish(temporary, path, work.err);
    else
        px_os_remove(temporary);

cleanup:
    px_free(temporary);
    px_free(pickle);
    px_free(sources);
    return status;
}
