/* Inside store: a zip archive in memory for libzip, which says where in it was read: what an archive holds without
 * compression can then be used where it is. */
#ifndef PX_STORE_ZIP_BYTES_H
#define PX_STORE_ZIP_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <zip.h>

typedef struct px_zip_bytes {
    const uint8_t *bytes;
    zip_uint64_t size;
    zip_uint64_t last; /* offset at which the last read began */
    zip_uint64_t next; /* the next one will */
    zip_error_t error;
} px_zip_bytes;

/* Opens the archive of b->bytes and b->size for reading; NULL, with *error set, when it is none. The bytes and *b must
 * outlive it. For zip_discard(). */
zip_t *px_zip_bytes_open(px_zip_bytes *b, zip_error_t *error);

#endif
