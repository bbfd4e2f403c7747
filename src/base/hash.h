/* A hash of bytes, to tell texts and files apart. */
#ifndef PX_BASE_HASH_H
#define PX_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a over bytes, continued from `hash` (PX_HASH_START for a first piece). */
#define PX_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t px_hash(uint64_t hash, const void *bytes, size_t count);

#endif
