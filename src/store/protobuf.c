/* Tag, then value: the tag holds the field's number and the wire type. */
#include "store/protobuf.h"

#include <string.h>

enum { WIRE_VARINT = 0, WIRE_LENGTH = 2, WIRE_FIXED32 = 5 };

static void add_varint(px_text *message, uint64_t value)
{
    char bytes[10];
    size_t size = 0;

    do {
        bytes[size++] = (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value);
    px_text_add_bytes(message, bytes, size);
}

static void add_tag(px_text *message, int field, int wire)
{
    add_varint(message, (uint64_t)field << 3 | (unsigned)wire);
}

void px_proto_varint(px_text *message, int field, uint64_t value)
{
    add_tag(message, field, WIRE_VARINT);
    add_varint(message, value);
}

void px_proto_float(px_text *message, int field, float value)
{
    uint32_t bits;
    char bytes[4];

    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 4; i++)
        bytes[i] = (char)(bits >> 8 * i & 0xff);
    add_tag(message, field, WIRE_FIXED32);
    px_text_add_bytes(message, bytes, sizeof bytes);
}

void px_proto_begin(px_text *message, int field, uint64_t size)
{
    add_tag(message, field, WIRE_LENGTH);
    add_varint(message, size);
}

void px_proto_bytes(px_text *message, int field, const void *bytes, size_t size)
{
    px_proto_begin(message, field, size);
    px_text_add_bytes(message, bytes, size);
}

void px_proto_text(px_text *message, int field, const char *text)
{
    px_proto_bytes(message, field, text, strlen(text));
}

void px_proto_message(px_text *message, int field, px_text *inner)
{
    px_proto_bytes(message, field, inner->data ? inner->data : "", inner->length);
    message->failed = message->failed || inner->failed;
    px_text_free(inner);
}
