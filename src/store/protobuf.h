/* Writing protocol buffers: the few encodings that models need (protobuf.dev/programming-guides/encoding). A message is
 * a growing text of bytes; messages within messages are made first and added then. */
#ifndef PX_STORE_PROTOBUF_H
#define PX_STORE_PROTOBUF_H

#include <stdint.h>

#include "base/memory.h"

void px_proto_varint(px_text *message, int field, uint64_t value);
/* A float as fixed 32 bits. */
void px_proto_float(px_text *message, int field, float value);
void px_proto_bytes(px_text *message, int field, const void *bytes, size_t size);
void px_proto_text(px_text *message, int field, const char *text);
/* Adds `inner` and empties it. */
void px_proto_message(px_text *message, int field, px_text *inner);
/* Only what comes before the content: for `size` bytes that are written after it. */
void px_proto_begin(px_text *message, int field, uint64_t size);

#endif
