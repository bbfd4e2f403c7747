/* Protocol buffers, by the bytes of the encoding's own documentation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "store/protobuf.h"

static void expect(px_text *message, const void *bytes, size_t size)
{
    assert_false(message->failed);
    assert_int_equal(message->length, size);
    assert_memory_equal(message->data, bytes, size);
    px_text_free(message);
}

static void varints_take_seven_bits_a_byte(void **state)
{
    px_text message = {0};

    (void)state;
    px_proto_varint(&message, 1, 150);
    expect(&message, "\x08\x96\x01", 3);
    px_proto_varint(&message, 1, 0);
    expect(&message, "\x08\x00", 2);
    px_proto_varint(&message, 20, (uint64_t)-2); /* a negative number has ten bytes, and field 20 a tag of two */
    expect(&message, "\xa0\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12);
}

static void texts_floats_and_messages_nest(void **state)
{
    px_text message = {0}, inner = {0};

    (void)state;
    px_proto_text(&message, 2, "testing");
    expect(&message, "\x12\x07testing", 9);
    px_proto_float(&message, 2, 1);
    expect(&message, "\x15\x00\x00\x80\x3f", 5);
    px_proto_varint(&inner, 1, 150);
    px_proto_message(&message, 3, &inner);
    assert_null(inner.data);
    expect(&message, "\x1a\x03\x08\x96\x01", 5);
    px_proto_message(&message, 3, &inner); /* an empty one */
    expect(&message, "\x1a\x00", 2);
    px_proto_begin(&message, 7, 300);
    expect(&message, "\x3a\xac\x02", 3);
}

static void a_failed_addition_fails_the_whole(void **state)
{
    px_text message = {0}, inner = {0};

    (void)state;
    px_fail_allocation(1);
    px_proto_varint(&inner, 1, 1);
    px_fail_allocation(0);
    px_proto_message(&message, 3, &inner);
    assert_true(message.failed);
    px_text_free(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_take_seven_bits_a_byte),
        cmocka_unit_test(texts_floats_and_messages_nest),
        cmocka_unit_test(a_failed_addition_fails_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
