/* store: safetensors files come back as they were written, and damaged ones are refused with a reason. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/tensor_file.h"
#include "store/tensor_writer.h"
#include "temp_folder.h"

static const char *path;

static int make_path(void **state)
{
    if (temp_folder_make(state) != 0)
        return -1;
    path = in_temp("weights");
    return 0;
}

static const int64_t vector3[] = {3}, matrix[] = {2, 3}, empty[] = {4, 0, 2};
static const float weights[6] = {1, -2, 0.5f, 1e-30f, 3e38f, -0.0f};
static const uint8_t bytes3[3] = {1, 2, 255};
static const int64_t steps = INT64_MIN;

/* Mixed dtypes in an order that would leave wide elements unaligned if it were kept. */
static px_tensor_writer *write_sample(pixcl_error *err)
{
    px_tensor_writer *writer = px_tensor_writer_create(path, PX_SAFETENSORS, err);

    assert_non_null(writer);
    assert_int_equal(px_tensor_writer_metadata(writer, "options", "line\n\"quoted\" \xe2\x82\xac", err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_declare(writer, "pool", PX_DTYPE_U8, 1, vector3, bytes3, err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_declare(writer, "G.weight", PX_DTYPE_F32, 2, matrix, NULL, err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_declare(writer, "nothing", PX_DTYPE_F32, 3, empty, NULL, err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_declare(writer, "G.steps", PX_DTYPE_I64, 0, NULL, &steps, err), PIXCL_OK);
    return writer;
}

static const void *fetch_weights(void *user, const px_tensor *tensor, pixcl_error *err)
{
    (void)err;
    assert_string_equal(tensor->name, "G.weight"); /* never asked for an empty tensor or one that came with data */
    ++*(int *)user;
    return weights;
}

static void what_is_written_is_read(void **state)
{
    pixcl_error err = {0};
    px_tensor_writer *writer = write_sample(&err);
    px_tensor_file *file;
    const px_tensor *tensor;
    const char *key;
    float floats[6];
    int64_t number = 0;
    uint8_t bytes[3];
    int fetched = 0;

    (void)state;
    assert_int_equal(px_tensor_writer_commit(&writer, fetch_weights, &fetched, &err), PIXCL_OK);
    assert_null(writer);
    assert_int_equal(fetched, 1);

    file = px_tensor_file_open(path, &err);
    assert_non_null(file);
    assert_string_equal(px_tensor_file_format(file), "safetensors");
    assert_int_equal(px_tensor_file_count(file), 4);
    assert_string_equal(px_tensor_file_at(file, 0)->name, "pool");
    assert_string_equal(px_tensor_file_at(file, 3)->name, "G.steps");
    for (size_t i = 0; i < 4; i++) {
        tensor = px_tensor_file_at(file, i);
        assert_int_equal((uintptr_t)tensor->data % px_dtype_size(tensor->dtype), 0); /* mapped at a page: aligned */
    }
    assert_int_equal(px_tensor_file_get_f32(file, "G.weight", 2, matrix, floats, &err), PIXCL_OK);
    assert_memory_equal(floats, weights, sizeof weights);
    assert_int_equal(px_tensor_file_get(file, "G.steps", PX_DTYPE_I64, 0, NULL, &number, &err), PIXCL_OK);
    assert_true(number == steps);
    assert_int_equal(px_tensor_file_get(file, "pool", PX_DTYPE_U8, 1, vector3, bytes, &err), PIXCL_OK);
    assert_memory_equal(bytes, bytes3, 3);
    assert_int_equal(px_tensor_file_get_f32(file, "nothing", 3, empty, NULL, &err), PIXCL_OK);
    assert_null(px_tensor_file_find(file, "G.weigh"));
    assert_null(px_tensor_file_find(file, "G.weights"));

    assert_int_equal(px_tensor_file_metadata_count(file), 1);
    assert_string_equal(px_tensor_file_metadata_at(file, 0, &key), "line\n\"quoted\" \xe2\x82\xac");
    assert_string_equal(key, "options");
    assert_ptr_equal(px_tensor_file_metadata(file, "options"), px_tensor_file_metadata_at(file, 0, &key));
    assert_null(px_tensor_file_metadata(file, "other"));
    px_tensor_file_close(&file);
    assert_null(file);
    px_tensor_file_close(&file);
}

static void the_bytes_are_the_same_every_time(void **state)
{
    /* The format spelt out: length, header padded to a multiple of 8, int64 before float before bytes. */
    static const char header[] = "{\"__metadata__\":{\"options\":\"line\\n\\\"quoted\\\" \xe2\x82\xac\","
                                 "\"xxh3 pool\":\"3f1eb3664d127906\",\"xxh3 G.weight\":\"22b1a632c751956c\","
                                 "\"xxh3 G.steps\":\"828f2476789a0e5f\"},"
                                 "\"pool\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[32,35]},"
                                 "\"G.weight\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]},"
                                 "\"nothing\":{\"dtype\":\"F32\",\"shape\":[4,0,2],\"data_offsets\":[32,32]},"
                                 "\"G.steps\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}";
    pixcl_error err = {0};
    uint64_t length;
    uint8_t *bytes;
    size_t size;

    (void)state;
    for (int round = 0; round < 2; round++) {
        px_tensor_writer *writer = write_sample(&err);
        int fetched = 0;

        assert_int_equal(px_tensor_writer_commit(&writer, fetch_weights, &fetched, &err), PIXCL_OK);
        assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
        memcpy(&length, bytes, 8);
        assert_int_equal(length % 8, 0);
        assert_in_range(length, sizeof header - 1, sizeof header - 1 + 7);
        assert_memory_equal(bytes + 8, header, sizeof header - 1);
        assert_int_equal(size, 8 + length + 35);
        assert_memory_equal(bytes + 8 + length, &steps, 8);
        assert_memory_equal(bytes + 8 + length + 8, weights, 24);
        assert_memory_equal(bytes + 8 + length + 32, bytes3, 3);
        px_free(bytes);
    }
}

static const void *fetch_nothing(void *user, const px_tensor *tensor, pixcl_error *err)
{
    px_fail(err, PIXCL_ERROR_DEVICE, "cannot read %s back", tensor->name);
    return user;
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    pixcl_error err = {0};
    px_tensor_writer *writer;
    uint8_t *bytes;
    size_t size;

    (void)state;
    assert_int_equal(px_file_write(path, "old", 3, &err), PIXCL_OK);
    writer = write_sample(&err);
    assert_int_equal(px_tensor_writer_commit(&writer, fetch_nothing, NULL, &err), PIXCL_ERROR_DEVICE);
    assert_string_equal(err.message, "cannot read G.weight back");
    assert_null(writer);
    writer = write_sample(&err);
    assert_int_equal(px_tensor_writer_commit(&writer, fetch_nothing, NULL, NULL), PIXCL_ERROR_DEVICE);
    writer = write_sample(&err);
    assert_int_equal(px_tensor_writer_declare(writer, "pool", PX_DTYPE_F32, 2, matrix, weights, &err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_commit(&writer, fetch_nothing, NULL, &err), PIXCL_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "\"pool\" is there twice"));
    writer = write_sample(&err);
    assert_int_equal(px_tensor_writer_declare(writer, "a\nb", PX_DTYPE_F32, 2, matrix, weights, &err),
                     PIXCL_ERROR_FORMAT);
    px_tensor_writer_abandon(&writer);
    px_tensor_writer_abandon(&writer);
    assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
    assert_memory_equal(bytes, "old", 4);
    px_free(bytes);
}

static void every_failed_allocation_is_survived(void **state)
{
    bool done = false;

    (void)state;
    for (long n = 1; !done; n++) {
        pixcl_error err = {0};
        px_tensor_writer *writer;
        px_tensor_file *file = NULL;

        px_fail_allocation(n);
        writer = px_tensor_writer_create(path, PX_SAFETENSORS, &err);
        done = writer && px_tensor_writer_metadata(writer, "key", "value", &err) == PIXCL_OK &&
               px_tensor_writer_declare(writer, "name", PX_DTYPE_F32, 2, matrix, weights, &err) == PIXCL_OK &&
               px_tensor_writer_commit(&writer, NULL, NULL, &err) == PIXCL_OK &&
               (file = px_tensor_file_open(path, &err)) != NULL;
        px_tensor_writer_abandon(&writer);
        px_tensor_file_close(&file);
        if (!done)
            assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    }
    px_fail_allocation(0);
}

/* A file of this header and so many bytes of data, from 1 upwards. */
static uint8_t *build(const char *header, size_t data_size, size_t *size)
{
    uint64_t length = strlen(header);
    uint8_t *bytes = malloc(8 + length + data_size);

    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    for (size_t i = 0; i < data_size; i++)
        bytes[8 + length + i] = (uint8_t)(i + 1);
    *size = 8 + length + data_size;
    return bytes;
}

static void floating_point_dtypes_become_float(void **state)
{
    /* F16: 1, -2, 65504 (greatest), 2^-24 (least), 2^-14 (least normal), inf, -0; the same words read as BF16
     * alongside. */
    static const uint16_t half[] = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0x8000, 0x3ff0};
    static const float as_half[] = {1, -2, 65504, 0x1p-24f, 0x1p-14f, INFINITY, -0.0f, 1.984375f};
    static const double wide[] = {0.1, -1e300};
    static const int64_t eight[] = {8}, two[] = {2};
    pixcl_error err = {0};
    uint8_t *bytes;
    size_t size;
    px_tensor_file *file;
    float out[8];

    (void)state;
    bytes = build("{\"h\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[0,16]},"
                  "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[16,20]},"
                  "\"i\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[20,28]},"
                  "\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[28,44]}}",
                  44, &size);
    memcpy(bytes + size - 44, half, 16);
    memcpy(bytes + size - 28, (uint16_t[]){0x3f80, 0xc049}, 4);
    memcpy(bytes + size - 16, wide, 16);
    file = px_tensor_file_parse(bytes, size, "test", &err);
    assert_non_null(file);
    assert_int_equal(px_tensor_file_get_f32(file, "h", 1, eight, out, &err), PIXCL_OK);
    assert_memory_equal(out, as_half, sizeof as_half);
    assert_int_equal(px_tensor_file_get_f32(file, "b", 1, two, out, &err), PIXCL_OK);
    assert_true(out[0] == 1.0f && out[1] == -3.140625f);
    assert_int_equal(px_tensor_file_get_f32(file, "d", 1, two, out, &err), PIXCL_OK);
    assert_true(out[0] == 0.1f && out[1] == -INFINITY);
    assert_int_equal(px_tensor_file_get_f32(file, "i", 1, two, out, &err), PIXCL_ERROR_FORMAT);
    assert_string_equal(err.message,
                        "test: tensor \"i\" holds I32 values, expected floating point (F32, F16, BF16, F64)");
    assert_int_equal(px_tensor_file_get(file, "i", PX_DTYPE_I64, 1, two, out, &err), PIXCL_ERROR_FORMAT);
    assert_string_equal(err.message, "test: tensor \"i\" holds I32 values, expected I64");
    assert_int_equal(px_tensor_file_get_f32(file, "h", 1, two, out, &err), PIXCL_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "\"h\" has shape (8), expected (2)"));
    assert_int_equal(px_tensor_file_get_f32(file, "x", 1, two, out, &err), PIXCL_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "\"x\" is missing: the file holds 4, the first is \"h\""));
    px_tensor_file_close(&file);
    free(bytes);
}

static void a_prefix_that_all_names_have_is_dropped(void **state)
{
    pixcl_error err = {0};
    size_t size;
    uint8_t *bytes = build("{\"module.b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                           "\"module._orig_mod.a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
                           2, &size);
    px_tensor_file *file = px_tensor_file_parse(bytes, size, "test", &err);

    (void)state;
    assert_non_null(file);
    assert_non_null(px_tensor_file_find(file, "b"));
    assert_non_null(px_tensor_file_find(file, "_orig_mod.a"));
    px_tensor_file_close(&file);
    free(bytes);
}

#define T(name, dtype, shape, begin, end)                                                                              \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

/* Lengths 0x280 and 0x4b50 are stored as 80 02 and "PK": how the formats of .pth begin. */
static void a_header_of_any_length_is_no_other_format(void **state)
{
    static const size_t lengths[] = {0x280, 0x4b50};
    char header[0x4b50 + 1];
    pixcl_error err = {0};
    size_t size;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        snprintf(header, sizeof header, "%-*s", (int)lengths[i],
                 "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}");
        uint8_t *bytes = build(header, 3, &size);
        px_tensor_file *file = px_tensor_file_parse(bytes, size, "test", &err);

        if (!file)
            fail_msg("%s", err.message);
        px_tensor_file_close(&file);
        free(bytes);
    }
}

static void damaged_headers_are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *header;
        size_t data;
        const char *expected;
    } cases[] = {
        {"{" T("w", "F32", "[2]", "0", "8") "}", 7, "truncated"},
        {"{" T("w", "F32", "[2]", "0", "8") "}", 9, "1 bytes follow"},
        {"{" T("w", "F32", "[3]", "0", "8") "}", 8, "F32 of shape (3), needs 12 bytes but has 8"},
        {"{" T("w", "F32", "[2]", "8", "0") "}", 8, "bytes 8 to 0"},
        {"{" T("w", "F8", "[2]", "0", "8") "}", 8, "\"F8\" is not supported"},
        {"{" T("w", "F32", "[-2]", "0", "8") "}", 8, "size 1 of its shape"},
        {"{" T("w", "F32", "[1.5]", "0", "8") "}", 8, "size 1 of its shape"},
        {"{" T("w", "F32", "[1e99]", "0", "8") "}", 8, "size 1 of its shape"},
        {"{" T("w", "F32", "[\"2\"]", "0", "8") "}", 8, "size 1 of its shape"},
        {"{" T("w", "U8", "[4294967296,4294967296,1]", "0", "0") "}", 0, "too many to count"},
        {"{" T("w", "U8", "[4294967296,2147483648]", "0", "0") "}", 0, "too many to count"},
        {"{" T("w", "U8", "[1,1,1,1,1,1,1,1,1]", "0", "1") "}", 1, "more than 8 dimensions"},
        {"{" T("w", "U8", "[4]", "-4", "0") "}", 4, "not two whole numbers"},
        {"{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, "not two whole numbers"},
        {"{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"shape\":[1]}}", 1, "expected exactly"},
        {"{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"more\":1}}", 1, "expected exactly"},
        {"{\"w\":7}", 0, "expected exactly"},
        {"{\"w\":null}", 0, "expected exactly"},
        {"{" T("a", "U8", "[4]", "0", "4") "," T("b", "U8", "[4]", "2", "6") "}", 6, "\"b\" overlaps \"a\" by 2 bytes"},
        {"{" T("a", "U8", "[4]", "0", "4") "," T("b", "U8", "[4]", "5", "9") "}", 9,
         "\"b\" leaves a gap after \"a\" by 1"},
        {"{" T("a", "U8", "[4]", "0", "4") "," T("a", "U8", "[4]", "4", "8") "}", 8, "\"a\" is there twice"},
        {"{" T("", "U8", "[4]", "0", "4") "}", 4, "1 to 1000 bytes"},
        {"{" T("a\\nb", "U8", "[4]", "0", "4") "}", 4, "named \"a?b\""},
        {"{\"__metadata__\":[]}", 0, "not a map of texts"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "not a text for \"a\""},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "is there twice"},
        {"{" T("w", "F32", "[2]", "0", "8"), 8, "not valid JSON"},
        {"{}{}", 0, "not valid JSON"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pixcl_error err = {0};
        size_t size;
        uint8_t *bytes = build(cases[i].header, cases[i].data, &size);

        assert_null(px_tensor_file_parse(bytes, size, "bad.safetensors", &err));
        assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
        if (!strstr(err.message, cases[i].expected))
            fail_msg("%s\nlacks: %s\nin:    %s", cases[i].header, cases[i].expected, err.message);
        assert_memory_equal(err.message, "bad.safetensors: ", 17);
        free(bytes);
    }
}

static void every_truncation_and_flip_is_survived(void **state)
{
    pixcl_error err = {0};
    px_tensor_writer *writer = write_sample(&err);
    px_tensor_file *file;
    uint8_t *bytes;
    size_t size;
    int fetched = 0;

    (void)state;
    assert_int_equal(px_tensor_writer_commit(&writer, fetch_weights, &fetched, &err), PIXCL_OK);
    assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
    for (size_t length = 0; length < size; length++) {
        uint8_t *part = malloc(length ? length : 1); /* its own block: a byte too far is seen by the sanitizer */

        memcpy(part, bytes, length);
        err = (pixcl_error){0};
        assert_null(px_tensor_file_parse(part, length, "cut.safetensors", &err));
        assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
        assert_true(strlen(err.message) > 20);
        free(part);
    }
    for (size_t i = 0; i < size - 35; i++) { /* the header; of the data below */
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1 << bit);
            file = px_tensor_file_parse(bytes, size, "flip.safetensors", &err);
            px_tensor_file_close(&file);
            bytes[i] ^= (uint8_t)(1 << bit);
        }
    }
    file = px_tensor_file_parse(bytes, size, "whole.safetensors", &err);
    assert_non_null(file);
    px_tensor_file_close(&file);
    px_free(bytes);
}

/* The tensors of the sample that can be read. */
static int count_readable(const uint8_t *bytes, size_t size, pixcl_error *err)
{
    px_tensor_file *file = px_tensor_file_parse(bytes, size, "weights.safetensors", err);
    float floats[6];
    int64_t number;
    uint8_t three[3];

    assert_non_null(file);
    const int count = (px_tensor_file_get_f32(file, "G.weight", 2, matrix, floats, err) == PIXCL_OK) +
                      (px_tensor_file_get(file, "G.steps", PX_DTYPE_I64, 0, NULL, &number, err) == PIXCL_OK) +
                      (px_tensor_file_get(file, "pool", PX_DTYPE_U8, 1, vector3, three, err) == PIXCL_OK);
    px_tensor_file_close(&file);
    return count;
}

static void every_flip_in_the_data_is_noticed(void **state)
{
    enum { DATA = 35 };
    pixcl_error err = {0};
    px_tensor_writer *writer = write_sample(&err);
    uint8_t *bytes;
    char *hash;
    size_t size;
    int fetched = 0;

    (void)state;
    assert_int_equal(px_tensor_writer_commit(&writer, fetch_weights, &fetched, &err), PIXCL_OK);
    assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
    assert_int_equal(count_readable(bytes, size, &err), 3);
    for (size_t i = size - DATA; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1 << bit);
            assert_int_equal(count_readable(bytes, size, &err), 2);
            assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
            assert_non_null(strstr(err.message, "is damaged: its data are not those that were written"));
            bytes[i] ^= (uint8_t)(1 << bit);
        }
    /* Files without hashes are read as they are, and one that is none is no file of ours. */
    hash = strstr((char *)bytes + 8, "xxh3 pool");
    memcpy(hash, "note pool", 9);
    bytes[size - 1] ^= 1;
    assert_int_equal(count_readable(bytes, size, &err), 3);
    memcpy(hash, "xxh3 pool", 9);
    hash[12] = 'G';
    assert_null(px_tensor_file_parse(bytes, size, "weights.safetensors", &err));
    assert_non_null(strstr(err.message, "the hash of tensor \"pool\" is not 16 hexadecimal digits"));
    px_free(bytes);
}

/* One byte more than there is, up to as many as the file has in all. */
static void a_header_that_ends_behind_the_file_is_refused(void **state)
{
    (void)state;
    for (uint8_t length = 2; length <= 11; length++) {
        const uint8_t content[] = {length, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
        pixcl_error err = {0};
        px_tensor_file *file = px_tensor_file_parse(content, sizeof content, "made", &err);

        assert_int_equal(file != NULL, length == 2);
        if (!file)
            assert_non_null(strstr(err.message, "but the file has 10 in all"));
        px_tensor_file_close(&file);
    }
}

static void other_files_are_told_apart(void **state)
{
    static const struct {
        const char *content, *expected;
    } cases[] = {
        {"", "empty"},
        {"<!DOCTYPE html><html>", "web page"},
        {"version https://git-lfs.github.com/spec/v1", "Git LFS"},
        {"GIF89a......", "neither"},
    };
    pixcl_error err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(px_file_write(path, cases[i].content, strlen(cases[i].content), &err), PIXCL_OK);
        assert_null(px_tensor_file_open(path, &err));
        assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
        assert_non_null(strstr(err.message, path));
        assert_non_null(strstr(err.message, cases[i].expected));
    }
    assert_null(px_tensor_file_open("/nowhere/at/all", &err));
    assert_int_equal(err.status, PIXCL_ERROR_IO);
    assert_null(px_tensor_file_open(".", &err));
    assert_string_equal(err.message, "cannot read .: it is a folder, expected a regular file");
}

/* Not by renaming, as px_file_write() does. */
static void change_in_place(size_t size, const char *bytes)
{
    FILE *file = fopen(path, "r+b");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* An application keeps a checkpoint open for long. Replaced by renaming, the old file lives on; in place it does
 * not. */
static void a_change_in_place_is_noticed(void **state)
{
    static const char content[] = "\x02\0\0\0\0\0\0\0{}";
    pixcl_error err = {0};

    (void)state;
    assert_int_equal(px_file_write(path, content, sizeof content - 1, &err), PIXCL_OK);
    px_tensor_file *file = px_tensor_file_open(path, &err);
    assert_non_null(file);
    assert_int_equal(px_tensor_file_check(file, &err), PIXCL_OK);
    assert_int_equal(px_file_write(path, "x", 1, &err), PIXCL_OK); /* renames */
    assert_int_equal(px_tensor_file_check(file, &err), PIXCL_OK);
    px_tensor_file_close(&file);

    assert_int_equal(px_file_write(path, content, sizeof content - 1, &err), PIXCL_OK);
    file = px_tensor_file_open(path, &err);
    assert_non_null(file);
    change_in_place(sizeof content, content); /* its 0, too */
    assert_int_equal(px_tensor_file_check(file, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "was written to since it was opened"));
    px_tensor_file_close(&file);

    /* Another content of the same size, within the same second: which begins anew when it is over meanwhile. */
    px_os_info before, after;
    do {
        px_tensor_file_close(&file);
        assert_int_equal(px_file_write(path, content, sizeof content - 1, &err), PIXCL_OK);
        assert_int_equal(px_os_look(path, &before), 0);
        file = px_tensor_file_open(path, &err);
        assert_non_null(file);
        do { /* until the file system's clock has moved on */
            change_in_place(sizeof content - 1, content);
            assert_int_equal(px_os_look(path, &after), 0);
        } while (after.written == before.written && after.nanoseconds == before.nanoseconds);
    } while (after.written != before.written);
    assert_int_equal(px_tensor_file_check(file, &err), PIXCL_ERROR_IO);
    px_tensor_file_close(&file);
    file = px_tensor_file_parse(content, sizeof content - 1, "made", &err);
    assert_non_null(file);
    assert_int_equal(px_tensor_file_check(file, &err), PIXCL_OK);
    px_tensor_file_close(&file);
}

#define FILE_TEST(test) cmocka_unit_test_setup_teardown(test, make_path, temp_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(what_is_written_is_read),
        FILE_TEST(the_bytes_are_the_same_every_time),
        FILE_TEST(a_failed_write_leaves_the_old_file),
        FILE_TEST(every_failed_allocation_is_survived),
        FILE_TEST(every_flip_in_the_data_is_noticed),
        cmocka_unit_test(floating_point_dtypes_become_float),
        cmocka_unit_test(a_prefix_that_all_names_have_is_dropped),
        cmocka_unit_test(a_header_of_any_length_is_no_other_format),
        cmocka_unit_test(damaged_headers_are_refused_with_a_reason),
        FILE_TEST(every_truncation_and_flip_is_survived),
        cmocka_unit_test(a_header_that_ends_behind_the_file_is_refused),
        FILE_TEST(other_files_are_told_apart),
        FILE_TEST(a_change_in_place_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
