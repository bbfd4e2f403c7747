/* store: .pth files in the form of a zip archive, as other writers make them; hostile ones are refused with reasons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <zip.h>

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
    path = in_temp("weights.pth");
    return 0;
}

/* Replaces an entry of the zip archive at `path` and deflates the first storage. */
static void change_archive(const char *entry, const void *bytes, size_t size)
{
    int code = 0;
    zip_t *zip = zip_open(path, 0, &code);
    zip_source_t *source;

    assert_non_null(zip);
    source = zip_source_buffer(zip, bytes, size, 0);
    assert_true(zip_file_add(zip, entry, source, ZIP_FL_OVERWRITE) >= 0);
    assert_int_equal(
        zip_set_file_compression(zip, (zip_uint64_t)zip_name_locate(zip, "archive/data/0", 0), ZIP_CM_DEFLATE, 9), 0);
    assert_int_equal(zip_close(zip), 0);
}

static void assert_refused(const char *expected)
{
    pixcl_error err = {0};

    assert_null(px_tensor_file_open(path, &err));
    assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
    if (!strstr(err.message, expected))
        fail_msg("lacks: %s\nin: %s", expected, err.message);
}

/* One tensor "w" of so many bytes. */
static void write_one(px_dtype dtype, int64_t count, const void *data)
{
    pixcl_error err = {0};
    px_tensor_writer *writer = px_tensor_writer_create(path, PX_PTH, &err);

    assert_int_equal(px_tensor_writer_declare(writer, "w", dtype, 1, &count, data, &err), PIXCL_OK);
    assert_int_equal(px_tensor_writer_commit(&writer, NULL, NULL, &err), PIXCL_OK);
}

static void archives_of_other_writers_are_read(void **state)
{
    static const int64_t four[] = {4};
    static const float swapped[4] = {1, -2, 0.5f, 3};
    pixcl_error err = {0};
    px_tensor_file *file;
    uint8_t big[16];

    (void)state;
    for (int i = 0; i < 16; i++)
        big[i] = ((const uint8_t *)swapped)[i / 4 * 4 + 3 - i % 4];
    write_one(PX_DTYPE_F32, 4, big);
    change_archive("archive/byteorder", "big", 3);
    file = px_tensor_file_open(path, &err);
    assert_non_null(file);
    float values[4];
    assert_int_equal(px_tensor_file_get_f32(file, "w", 1, four, values, &err), PIXCL_OK);
    assert_memory_equal(values, swapped, sizeof swapped);
    px_tensor_file_close(&file);

    write_one(PX_DTYPE_F32, 4, swapped);
    change_archive("archive/byteorder", "middle", 6);
    assert_refused("byteorder is neither");
    write_one(PX_DTYPE_F32, 4, swapped);
    change_archive("archive/data/0", swapped, 12);
    assert_refused("archive/data/0 has 12 bytes, but its tensors need 16");
    write_one(PX_DTYPE_F32, 4, swapped);
    change_archive("archive/constants.pkl", ")", 1);
    assert_refused("a TorchScript program");
    write_one(PX_DTYPE_F32, 4, swapped);
    change_archive("archive/data.pkl", "cos\nsystem\n.", 12);
    assert_refused("os.system");
}

/* Written so that data can be used where they are in a mapped file, whatever their sizes, unless compressed. */
static void data_are_used_in_place(void **state)
{
    static const int64_t counts[] = {3, 1, 40000, 7};
    static const px_dtype dtypes[] = {PX_DTYPE_U8, PX_DTYPE_F64, PX_DTYPE_F32, PX_DTYPE_F16};
    enum { TENSORS = sizeof counts / sizeof counts[0] };
    uint8_t *data = calloc(40000, 4), *bytes;
    pixcl_error err = {0};
    size_t size;

    (void)state;
    for (int i = 0; i < 160000; i++)
        data[i] = (uint8_t)(i * 7 + i / 256);
    px_tensor_writer *writer = px_tensor_writer_create(path, PX_PTH, &err);
    for (int i = 0; i < TENSORS; i++) {
        const char name[] = {(char)('a' + i), '\0'};
        assert_int_equal(px_tensor_writer_declare(writer, name, dtypes[i], 1, &counts[i], data, &err), PIXCL_OK);
    }
    assert_int_equal(px_tensor_writer_commit(&writer, NULL, NULL, &err), PIXCL_OK);
    for (int compressed = 0; compressed < 2; compressed++) {
        if (compressed)
            change_archive("archive/byteorder", "little", 6); /* and with it the first tensor */
        assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
        px_tensor_file *file = px_tensor_file_parse(bytes, size, path, &err);
        assert_non_null(file);
        for (int i = 0; i < TENSORS; i++) {
            const px_tensor *tensor = px_tensor_file_at(file, (size_t)i);
            const uint8_t *there = tensor->data;
            assert_memory_equal(there, data, px_tensor_bytes(tensor));
            assert_int_equal((uintptr_t)there % px_dtype_size(tensor->dtype), 0);
            const bool inside = there > bytes && there < bytes + size;
            if (!compressed)
                assert_true(inside && (there - bytes) % 64 == 0);
            else if (i == 0)
                assert_false(inside);
        }
        px_tensor_file_close(&file);
        px_free(bytes);
    }
    free(data);
}

static void archives_of_other_things_are_refused(void **state)
{
    uint8_t *zeros = calloc(1, 4000000);
    pixcl_error err = {0};
    int code = 0;
    zip_t *zip;

    (void)state;
    px_os_remove(path);
    zip = zip_open(path, ZIP_CREATE, &code);
    assert_true(zip_file_add(zip, "picture.txt", zip_source_buffer(zip, "x", 1, 0), 0) >= 0);
    assert_int_equal(zip_close(zip), 0);
    assert_refused("without a data.pkl");
    assert_int_equal(px_file_write(path, "PK\3\4 and then nothing", 20, &err), PIXCL_OK);
    assert_refused("the zip archive cannot be read: ");
    assert_int_equal(px_file_write(path, "\x80\x02}.", 4, &err), PIXCL_OK);
    assert_refused("its magic number is missing");

    /* 4 MB of zeros deflate to 4 KB. */
    write_one(PX_DTYPE_U8, 4000000, zeros);
    change_archive("archive/byteorder", "little", 6);
    assert_refused("more than 100 times the file");
    free(zeros);
}

/* Where `piece` is, or NULL. */
static uint8_t *find(uint8_t *bytes, size_t size, const void *piece, size_t length)
{
    for (size_t at = 0; at + length <= size; at++)
        if (memcmp(bytes + at, piece, length) == 0)
            return bytes + at;
    return NULL;
}

static void a_damaged_entry_is_noticed(void **state)
{
    static const float data[4] = {1.5f, -2.5f, 3.5f, -4.5f};
    pixcl_error err = {0};
    uint8_t *bytes, *there;
    size_t size;

    (void)state;
    write_one(PX_DTYPE_F32, 4, data);
    assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
    there = find(bytes, size, data, sizeof data);
    assert_non_null(there);
    for (int i = 0; i < 16; i += 15) {
        there[i] ^= 4;
        assert_int_equal(px_file_write(path, bytes, size, &err), PIXCL_OK);
        assert_refused("data/0 cannot be read: CRC error");
        there[i] ^= 4;
    }
    px_free(bytes);
}

/* Each by itself could be honest: the limit of a megabyte, and of a hundred times the file, is on all together. */
static void many_small_entries_are_no_way_around_the_limit(void **state)
{
    enum { COUNT = 3 };
    static const char *const names[COUNT] = {"a", "b", "c"};
    const int64_t zeros = 900000;
    uint8_t *data = calloc(1, (size_t)zeros);
    pixcl_error err = {0};
    int code = 0;

    (void)state;
    for (int count = 1; count <= COUNT; count += COUNT - 1) {
        px_tensor_writer *writer = px_tensor_writer_create(path, PX_PTH, &err);
        for (int i = 0; i < count; i++)
            assert_int_equal(px_tensor_writer_declare(writer, names[i], PX_DTYPE_U8, 1, &zeros, data, &err), PIXCL_OK);
        assert_int_equal(px_tensor_writer_commit(&writer, NULL, NULL, &err), PIXCL_OK);
        zip_t *zip = zip_open(path, 0, &code);
        assert_non_null(zip);
        for (int i = 0; i < count; i++) {
            char entry[32];
            snprintf(entry, sizeof entry, "archive/data/%d", i);
            zip_uint64_t index = (zip_uint64_t)zip_name_locate(zip, entry, 0);
            assert_int_equal(zip_set_file_compression(zip, index, ZIP_CM_DEFLATE, 9), 0);
        }
        assert_int_equal(zip_close(zip), 0);
        if (count > 1) {
            assert_refused("more than 100 times the file");
            continue;
        }
        px_tensor_file *file = px_tensor_file_open(path, &err);
        if (!file)
            fail_msg("%s", err.message);
        px_tensor_file_close(&file);
    }
    free(data);
}

/* The pickle of so many tensors that all look into one storage of four floats. */
static void add_shared_tensors(px_text *text, int count)
{
    px_text_add_bytes(text, "\x80\x02}(", 4);
    for (int i = 0; i < count; i++) {
        const char name[] = {'X', 2, 0, 0, 0, (char)('a' + i / 10), (char)('0' + i % 10)};
        px_text_add_bytes(text, name, sizeof name);
        px_text_add(text, "ctorch._utils\n_rebuild_tensor_v2\n((");
        px_text_add_bytes(text, "X\7\0\0\0storage", 12);
        px_text_add(text, "ctorch\nFloatStorage\n");
        px_text_add_bytes(text, "X\1\0\0\0000X\3\0\0\0cpuK\4tQK\0K\4\x85K\1\x85\x89", 27);
        px_text_add(text, "ccollections\nOrderedDict\n)RtR");
    }
    px_text_add(text, "u.");
    assert_false(text->failed);
}

/* A small file that would become a large one. */
static void tensors_that_share_too_much_are_refused(void **state)
{
    static const float data[4] = {1, 2, 3, 4};
    pixcl_error err = {0};
    px_text text = {0};

    (void)state;
    write_one(PX_DTYPE_F32, 4, data);
    add_shared_tensors(&text, 8);
    change_archive("archive/data.pkl", text.data, text.length);
    px_tensor_file *file = px_tensor_file_open(path, &err);
    if (!file)
        fail_msg("%s", err.message);
    assert_int_equal(px_tensor_file_count(file), 8);
    px_tensor_file_close(&file);
    px_text_free(&text);
    write_one(PX_DTYPE_F32, 4, data);
    add_shared_tensors(&text, 9);
    change_archive("archive/data.pkl", text.data, text.length);
    assert_refused("would take more than 8 times the file's data");
    px_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(archives_of_other_writers_are_read),
                                       cmocka_unit_test(data_are_used_in_place),
                                       cmocka_unit_test(archives_of_other_things_are_refused),
                                       cmocka_unit_test(a_damaged_entry_is_noticed),
                                       cmocka_unit_test(many_small_entries_are_no_way_around_the_limit),
                                       cmocka_unit_test(tensors_that_share_too_much_are_refused)};
    return cmocka_run_group_tests(tests, make_path, temp_folder_remove);
}
