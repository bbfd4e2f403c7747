#include "store/zip_bytes.h"

#include <string.h>

static zip_int64_t read_bytes(px_zip_bytes *b, void *to, zip_uint64_t count)
{
    const zip_uint64_t left = b->size - b->next;

    count = count < left ? count : left;
    memcpy(to, b->bytes + b->next, count);
    b->last = b->next;
    b->next += count;
    return (zip_int64_t)count;
}

/* What libzip asks of a source (zip_source_function(3)). */
static zip_int64_t answer(void *context, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    px_zip_bytes *b = context;
    zip_int64_t place;

    switch ((int)command) { /* of the many that write, none is asked */
    case ZIP_SOURCE_OPEN:
        b->next = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_bytes(b, data, length);
    case ZIP_SOURCE_SEEK:
        place = zip_source_seek_compute_offset(b->next, b->size, data, length, &b->error);
        if (place < 0)
            return -1;
        b->next = (zip_uint64_t)place;
        return 0;
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)b->next;
    case ZIP_SOURCE_STAT:
        zip_stat_init(data);
        ((zip_stat_t *)data)->valid = ZIP_STAT_SIZE;
        ((zip_stat_t *)data)->size = b->size;
        return sizeof(zip_stat_t);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&b->error, data, length);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
                                              ZIP_SOURCE_SUPPORTS, -1);
    default:
        zip_error_set(&b->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

zip_t *px_zip_bytes_open(px_zip_bytes *b, zip_error_t *error)
{
    zip_error_init(&b->error);
    zip_source_t *source = zip_source_function_create(answer, b, error);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, error) : NULL;

    if (source && !zip)
        zip_source_free(source);
    return zip;
}
