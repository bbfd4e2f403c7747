/* store: .pth files of PyTorch are read, and files are written that read back; hostile ones are refused with a
 * reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/pickle.h"
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

/* A tensor of tools/golden/make_pth.py, as float. */
static void assert_floats(const px_tensor_file *file, const char *name, int rank, const int64_t *shape,
                          const float *expected)
{
    pixcl_error err = {0};
    float out[16];
    size_t count = 1;

    for (int i = 0; i < rank; i++)
        count *= (size_t)shape[i];
    if (px_tensor_file_get_f32(file, name, rank, shape, out, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    assert_memory_equal(out, expected, count * sizeof *out);
}

/* `old`: of PyTorch 1.0, which had no bfloat16 and no bool. */
static void assert_is_golden(const px_tensor_file *file, bool old)
{
    static const int64_t one[] = {1}, two[] = {2}, four[] = {4}, eight[] = {8}, matrix[] = {2, 3}, turned[] = {3, 2};
    static const int64_t picture[] = {1, 4, 2, 2}, nothing[] = {0, 3};
    static const float upwards[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    pixcl_error err = {0};
    int64_t batches = 0;
    int32_t small = 0;
    uint8_t bytes[2] = {0};

    const size_t count = px_tensor_file_count(file);

    assert_int_equal(count, old ? 12 : 14);
    assert_string_equal(px_tensor_file_at(file, 0)->name, "weight");
    assert_string_equal(px_tensor_file_at(file, count - 1)->name, "empty");
    assert_floats(file, "weight", 2, matrix, (const float[]){-0.5f, -0.25f, 0, 0.25f, 0.5f, 0.75f});
    assert_floats(file, "bias", 1, two, (const float[]){1.5f, -2});
    assert_floats(file, "mean", 1, one, (const float[]){0.25f});
    assert_floats(file, "half", 1, two, (const float[]){1, -2});
    assert_floats(file, "part", 1, four, upwards + 4);
    assert_floats(file, "transposed", 2, turned, (const float[]){0, 3, 1, 4, 2, 5});
    assert_floats(file, "every_third", 1, eight, (const float[]){1, 4, 7, 10, 13, 16, 19, 22});
    assert_floats(file, "channels_last", 4, picture, upwards);
    assert_floats(file, "empty", 2, nothing, NULL);
    assert_int_equal(px_tensor_file_get(file, "batches", PX_DTYPE_I64, 0, NULL, &batches, &err), PIXCL_OK);
    assert_int_equal(batches, 7);
    assert_int_equal(px_tensor_file_get(file, "small", PX_DTYPE_I32, 1, one, &small, &err), PIXCL_OK);
    assert_int_equal(small, -5);
    assert_int_equal(px_tensor_file_get(file, "bytes", PX_DTYPE_U8, 1, two, bytes, &err), PIXCL_OK);
    assert_true(bytes[0] == 1 && bytes[1] == 255);
    if (old)
        return;
    assert_floats(file, "bfloat", 1, two, (const float[]){1, -3.140625f});
    assert_int_equal(px_tensor_file_get(file, "mask", PX_DTYPE_BOOL, 1, two, bytes, &err), PIXCL_OK);
    assert_true(bytes[0] == 1 && bytes[1] == 0);
}

static void files_of_pytorch_are_read(void **state)
{
    static const struct {
        const char *path, *format;
        bool old;
    } cases[] = {
        {PX_TEST_DATA "/state_zip.pth", "PyTorch (zip)", false},
        {PX_TEST_DATA "/state_stream.pth", "PyTorch (older stream)", false},
        {PX_TEST_DATA "/training_stream.pth", "PyTorch (older stream)", false},
        {PX_TEST_DATA "/state_1_0.pth", "PyTorch (older stream)", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pixcl_error err = {0};
        px_tensor_file *file = px_tensor_file_open(cases[i].path, &err);

        if (!file)
            fail_msg("%s", err.message);
        assert_string_equal(px_tensor_file_format(file), cases[i].format);
        assert_is_golden(file, cases[i].old);
        px_tensor_file_close(&file);
    }
}

/* Writes the tensors of an open file to `path`, without handing over any data at first. */
static const void *fetch_from(void *user, const px_tensor *tensor, pixcl_error *err)
{
    const px_tensor *source = px_tensor_file_find(user, tensor->name);

    (void)err;
    return source->data;
}

static pixcl_status copy_to_path(px_tensor_file *from, px_tensor_format format, px_tensor_fetch fetch, pixcl_error *err)
{
    px_tensor_writer *writer = px_tensor_writer_create(path, format, err);
    pixcl_status status = writer ? PIXCL_OK : PIXCL_ERROR_MEMORY;

    for (size_t i = 0; i < px_tensor_file_count(from) && status == PIXCL_OK; i++) {
        const px_tensor *t = px_tensor_file_at(from, i);

        status = px_tensor_writer_declare(writer, t->name, t->dtype, t->rank, t->shape, fetch ? NULL : t->data, err);
    }
    if (status == PIXCL_OK)
        return px_tensor_writer_commit(&writer, fetch, from, err);
    px_tensor_writer_abandon(&writer);
    return status;
}

static void what_is_written_is_read(void **state)
{
    pixcl_error err = {0};
    px_tensor_file *golden = px_tensor_file_open(PX_TEST_DATA "/state_zip.pth", &err), *file;
    uint8_t *first, *second;
    size_t first_size, second_size;

    (void)state;
    assert_non_null(golden);
    assert_int_equal(copy_to_path(golden, PX_PTH, NULL, &err), PIXCL_OK);
    assert_int_equal(px_file_read(path, &first, &first_size, &err), PIXCL_OK);
    assert_int_equal(copy_to_path(golden, PX_PTH, fetch_from, &err), PIXCL_OK);
    assert_int_equal(px_file_read(path, &second, &second_size, &err), PIXCL_OK);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    px_free(first);
    px_free(second);
    file = px_tensor_file_open(path, &err);
    assert_non_null(file);
    assert_is_golden(file, false);
    px_tensor_file_close(&file);

    assert_int_equal(copy_to_path(golden, PX_SAFETENSORS, fetch_from, &err), PIXCL_OK);
    file = px_tensor_file_open(path, &err);
    assert_non_null(file);
    assert_is_golden(file, false);
    px_tensor_file_close(&file);
    px_tensor_file_close(&golden);
}

static const void *fetch_nothing(void *user, const px_tensor *tensor, pixcl_error *err)
{
    (void)user;
    px_fail(err, PIXCL_ERROR_DEVICE, "cannot read %s back", tensor->name);
    return NULL;
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    pixcl_error err = {0};
    px_tensor_file *golden = px_tensor_file_open(PX_TEST_DATA "/state_zip.pth", &err);
    px_tensor_writer *writer;
    uint8_t *bytes;
    size_t size;

    (void)state;
    assert_int_equal(px_file_write(path, "old", 3, &err), PIXCL_OK);
    assert_int_equal(copy_to_path(golden, PX_PTH, fetch_nothing, &err), PIXCL_ERROR_DEVICE);
    assert_string_equal(err.message, "cannot read weight back");
    assert_int_equal(copy_to_path(golden, PX_PTH, fetch_nothing, NULL), PIXCL_ERROR_DEVICE);
    assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
    assert_memory_equal(bytes, "old", 4);
    px_free(bytes);
    px_tensor_file_close(&golden);

    writer = px_tensor_writer_create("/nowhere/at/all.pth", PX_PTH, &err);
    assert_int_equal(px_tensor_writer_commit(&writer, NULL, NULL, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "/nowhere/at/all.pth"));
}

static void every_failed_allocation_is_survived(void **state)
{
    static const char *const inputs[] = {PX_TEST_DATA "/state_zip.pth", PX_TEST_DATA "/training_stream.pth"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        bool done = false;

        for (long n = 1; !done; n++) {
            pixcl_error err = {0};
            px_tensor_file *file;

            px_fail_allocation(n);
            file = px_tensor_file_open(inputs[i], &err);
            done = file && copy_to_path(file, PX_PTH, fetch_from, &err) == PIXCL_OK;
            px_tensor_file_close(&file);
            if (!done)
                assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
        }
    }
    px_fail_allocation(0);
}

static void every_truncation_and_flip_is_survived(void **state)
{
    static const char *const inputs[] = {PX_TEST_DATA "/state_zip.pth", PX_TEST_DATA "/state_stream.pth"};
    pixcl_error err;

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        uint8_t *bytes;
        size_t size;

        assert_int_equal(px_file_read(inputs[n], &bytes, &size, &err), PIXCL_OK);
        for (size_t length = 0; length < size; length++) {
            uint8_t *part = malloc(length ? length : 1); /* its own block: a byte too far is seen by the sanitizer */

            memcpy(part, bytes, length);
            err = (pixcl_error){0};
            assert_null(px_tensor_file_parse(part, length, "cut.pth", &err));
            assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
            assert_memory_equal(err.message, "cut.pth: ", 9);
            free(part);
        }
        for (size_t i = 0; i < size; i++) {
            px_tensor_file *file;

            bytes[i] ^= (uint8_t)(1 << i % 8);
            file = px_tensor_file_parse(bytes, size, "flip.pth", &err);
            px_tensor_file_close(&file);
            bytes[i] ^= (uint8_t)(1 << i % 8);
        }
        px_free(bytes);
    }
}

/* A stream file: magic, protocol 1001, an empty dict, the object's pickle, the list of storages, and what they hold:
 * four floats each, `times` of them. */
static uint8_t *build_stream_of(const char *object, size_t object_size, const char *keys, size_t keys_size, int times,
                                size_t *size)
{
    static const char head[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
                               "\x80\x02M\xe9\x03."
                               "\x80\x02}.";
    static const uint64_t count = 4;
    static const float data[4] = {1, 2, 3, 4};
    uint8_t *bytes = malloc(sizeof head + object_size + keys_size + 24 * (size_t)times), *at = bytes;

    memcpy(at, head, sizeof head - 1);
    at += sizeof head - 1;
    memcpy(at, object, object_size);
    at += object_size;
    memcpy(at, keys, keys_size);
    at += keys_size;
    for (; times > 0; times--, at += 24) {
        memcpy(at, &count, 8);
        memcpy(at + 8, data, 16);
    }
    *size = (size_t)(at - bytes);
    return bytes;
}

/* With one storage "0". */
static uint8_t *build_stream(const char *object, size_t object_size, size_t *size)
{
    static const char keys[] = "\x80\x02](X\x01\0\0\0"
                               "0e.";

    return build_stream_of(object, object_size, keys, sizeof keys - 1, 1, size);
}

#define STORAGE(type, key, count)                                                                                      \
    "(U\x07storagectorch\n" type "\nU\x01" key "U\x03"                                                                 \
    "cpuK" count "tQ"
#define TENSOR(storage, offset, size, stride)                                                                          \
    "ctorch._utils\n_rebuild_tensor_v2\n(" storage offset size stride "\x89}tR"
#define FLOATS                  STORAGE("FloatStorage", "0", "\x04")
#define ENTRY(name, tensor)     "U\x01" name tensor "s"
#define W(offset, size, stride) "\x80\x02}" ENTRY("w", TENSOR(FLOATS, offset, size, stride)) "."

static void handmade_streams_are_read_or_refused(void **state)
{
    /* `expected` NULL: readable. Python 2's strings ('U') and dicts made of pairs are among them. */
    static const struct {
        const char *object;
        size_t size;
        const char *expected;
    } cases[] = {
#define CASE(text, expected) {text, sizeof text - 1, expected}
        CASE(W("K\0", "K\x04\x85", "K\x01\x85"), NULL),
        CASE(W("K\0", "K\x02K\x02\x86", "K\x01K\x02\x86"), NULL),
        CASE(W("K\x01", "K\x02K\x02\x86", "K\x01K\x01\x86"), NULL),
        CASE("\x80\x02"
             "ccollections\nOrderedDict\n](U\x01w" TENSOR(FLOATS, "K\0", "K\x04\x85", "K\x01\x85") "\x86"
                                                                                                   "e\x85R}b.",
             NULL),
        CASE(W("K\x01", "K\x04\x85", "K\x01\x85"),
             "\"w\" of shape (4) with strides (1) from element 1 reaches beyond its "
             "storage of 4"),
        CASE(W("K\0", "K\x02\x85", "K\x04\x85"), "reaches beyond"),
        CASE(W("K\0", "K\x03K\x02\x86", "K\x01K\x01\x86"), "repeats the 4 elements"),
        CASE(W("K\0", "K\x04\x85", "J\xff\xff\xff\xff\x85"), "not as many whole numbers"),
        CASE(W("J\xff\xff\xff\xff", "K\x04\x85", "K\x01\x85"), "its offset is no whole number"),
        CASE(W("N", "K\x04\x85", "K\x01\x85"), "its offset is no whole number"),
        CASE(W("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", "K\x04\x85", "K\x01\x85"), "reaches beyond"),
        CASE(W("K\0", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85"),
             "reaches beyond"),
        CASE(W("K\0", "(K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01t", "K\x01\x85"), "not as many whole numbers"),
        CASE(W("K\0", "K\x04K\x01\x86", "K\x01\x85"), "not as many whole numbers"),
        CASE("\x80\x02}" ENTRY("w", TENSOR("N", "K\0", "K\x04\x85", "K\x01\x85")) ".", "it has no storage"),
        CASE("\x80\x02}" ENTRY("w", TENSOR(STORAGE("Size", "0", "\x04"), "K\0", "K\x04\x85", "K\x01\x85")) ".",
             "its storage has no known type"),
        CASE("\x80\x02}" ENTRY("w", TENSOR(FLOATS, "K\0", "K\x04\x85", "K\x01\x85"))
                 ENTRY("v", TENSOR(STORAGE("HalfStorage", "0", "\x04"), "K\0", "K\x04\x85", "K\x01\x85")) ".",
             "another type or size of its storage"),
        CASE("\x80\x02}" ENTRY("w", TENSOR(STORAGE("FloatStorage", "0", "\x05"), "K\0", "K\x04\x85", "K\x01\x85")) ".",
             "storage 0"),
        CASE("\x80\x02}" ENTRY("w", TENSOR(STORAGE("FloatStorage", "1", "\x04"), "K\0", "K\x04\x85", "K\x01\x85")) ".",
             "belongs to no tensor"),
        CASE("\x80\x02}" ENTRY("w", "ctorch._utils\n_rebuild_tensor_v2\n)R") ".", "it has no storage"),
        CASE("\x80\x02}" ENTRY("w", "ctorch._utils\n_rebuild_parameter\n)R") ".", "a parameter without a tensor"),
        CASE("\x80\x02}" ENTRY("w", TENSOR(FLOATS, "K\0", "K\x04\x85", "K\x01\x85"))
                 ENTRY("w", TENSOR(FLOATS, "K\0", "K\x04\x85", "K\x01\x85")) ".",
             "\"w\" is there twice"),
        CASE("\x80\x02}U\0" TENSOR(FLOATS, "K\0", "K\x04\x85", "K\x01\x85") "s.", "1 to 1000 bytes"),
        CASE("\x80\x02}N" TENSOR(FLOATS, "K\0", "K\x04\x85", "K\x01\x85") "s.", "too long or not a text"),
        CASE("\x80\x02}U\x01wK\x01s.", "holds no tensors"),
        CASE("\x80\x02K\x01.", "something else than a dict"),
        CASE("\x80\x02}q\x01U\x01"
             "ah\x01s.",
             "nested too deeply"), /* a dict that contains itself */
        CASE("\x80\x02}h\x07.", "memo that was never set"),
        CASE("\x80\x02}r\xff\xff\xff\xff.", "memo is too large"),
        CASE("\x80\x02.", "its stack is empty"),
        CASE("\x80\x02}U\1as.", "its stack is empty"),
        CASE("\x80\x02}(U\1au.", "do not match"),
        CASE("\x80\x02}u.", "a mark is missing"),
        CASE("\x80\x02}(0.", "its stack is empty"),
        CASE("\x80\x02](U\x01"
             "aU\x01"
             "bu.",
             "no list or dict"),
        CASE("\x80\x02N)R.", "calls something that is no function"),
        CASE("\x80\x02}i.", "opcode 0x69"),
        CASE("\x80\x02U\x05posixU\x06system\x93U\x02id\x85R.", "posix.system"),
        CASE("\x80\x02"
             "cos\nsystem\nU\x02id\x85R.",
             "the file wants to use os.system"),
        CASE("\x80\x02"
             "ctorch.FloatStorage\n\n)R.",
             "torch.FloatStorage."),
        CASE("\x80\x02"
             "cos\nsystem",
             "a line does not end"),
#undef CASE
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pixcl_error err = {0};
        size_t size;
        uint8_t *bytes = build_stream(cases[i].object, cases[i].size, &size);
        px_tensor_file *file = px_tensor_file_parse(bytes, size, "made.pth", &err);

        if (!cases[i].expected && !file)
            fail_msg("case %zu: %s", i, err.message);
        if (cases[i].expected && (file || !strstr(err.message, cases[i].expected)))
            fail_msg("case %zu lacks: %s\nin: %s", i, cases[i].expected, err.message);
        if (cases[i].expected)
            assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
        px_tensor_file_close(&file);
        free(bytes);
    }
}

static void a_view_of_a_storage_has_its_offset(void **state)
{
    /* Elements 1 and 2 of a view that begins at element 1. */
    static const char object[] = "\x80\x02}" ENTRY("w", TENSOR("(U\x07storagectorch\nFloatStorage\nU\x01"
                                                               "0U\x03"
                                                               "cpuK\x04(U\x01vK\x01K\x03ttQ",
                                                               "K\x01", "K\x02\x85", "K\x01\x85")) ".";
    pixcl_error err = {0};
    size_t size;
    uint8_t *bytes = build_stream(object, sizeof object - 1, &size);
    px_tensor_file *file = px_tensor_file_parse(bytes, size, "view.pth", &err);

    (void)state;
    if (!file)
        fail_msg("%s", err.message);
    assert_floats(file, "w", 1, (const int64_t[]){2}, (const float[]){3, 4});
    px_tensor_file_close(&file);
    free(bytes);
}

static void a_storage_comes_once(void **state)
{
    static const char object[] = W("K\0", "K\x04\x85", "K\x01\x85");
    static const char keys[] = "\x80\x02](X\x01\0\0\0"
                               "0X\x01\0\0\0"
                               "0e.";
    pixcl_error err = {0};
    size_t size;
    uint8_t *bytes = build_stream_of(object, sizeof object - 1, keys, sizeof keys - 1, 2, &size);

    (void)state;
    assert_null(px_tensor_file_parse(bytes, size, "twice.pth", &err));
    assert_non_null(strstr(err.message, "comes twice"));
    free(bytes);
}

static void whole_numbers_keep_their_sign(void **state)
{
    static const struct {
        const char *pickle;
        size_t size;
        int64_t expected;
    } cases[] = {
        {"\x8a\x00.", 3, 0},           {"\x8a\x01\x7f.", 4, 127},
        {"\x8a\x01\xff.", 4, -1},      {"\x8a\x02\x00\xff.", 5, -256},
        {"\x8a\x02\xff\x00.", 5, 255}, {"\x8a\x08\0\0\0\0\0\0\0\x80.", 11, INT64_MIN},
        {"J\xfe\xff\xff\xff.", 6, -2}, {"M\xfe\xff.", 4, 0xfffe},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        px_pickle pickle;
        pixcl_error err = {0};

        if (px_pickle_parse((const uint8_t *)cases[i].pickle, cases[i].size, (const char *const[]){NULL}, "number",
                            &pickle, NULL, &err) != PIXCL_OK)
            fail_msg("case %zu: %s", i, err.message);
        assert_int_equal(pickle.values[pickle.root].kind, PX_PICKLE_INTEGER);
        assert_true(pickle.values[pickle.root].integer == cases[i].expected);
        px_pickle_free(&pickle);
    }
}

/* A text of `length` letters as the pickle of it. */
static size_t put_text(char *out, char letter, size_t length)
{
    for (int byte = 0; byte < 4; byte++)
        out[1 + byte] = (char)(length >> 8 * byte);
    out[0] = 'X';
    memset(out + 5, letter, length);
    return 5 + length;
}

/* {"AA..": {"bb..": tensor}}: the name of the tensor is "AA...bb..", of at most PX_MAX_TENSOR_NAME bytes. */
static void long_names_are_read_or_refused(void **state)
{
    static const char tensor[] = TENSOR(FLOATS, "K\0", "K\x04\x85", "K\x01\x85") "ss.";
    static const struct {
        size_t outer, inner;
        bool fits;
    } cases[] = {{1, 998, true},   {1, 999, false},     {998, 1, true},   {998, 2, false},  {999, 1, false},
                 {1000, 1, false}, {1000, 5000, false}, {1001, 1, false}, {5000, 1, false}, {998, 5000, false}};
    char *object = malloc(11000 + sizeof tensor);

    (void)state;
    assert_non_null(object);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pixcl_error err = {0};
        size_t length = 3, size;

        memcpy(object, "\x80\x02}", 3);
        length += put_text(object + length, 'A', cases[i].outer);
        object[length++] = '}';
        length += put_text(object + length, 'b', cases[i].inner);
        memcpy(object + length, tensor, sizeof tensor - 1);
        uint8_t *bytes = build_stream(object, length + sizeof tensor - 1, &size);
        px_tensor_file *file = px_tensor_file_parse(bytes, size, "made.pth", &err);
        if (cases[i].fits != (file != NULL))
            fail_msg("%zu and %zu letters: %s", cases[i].outer, cases[i].inner, err.message);
        if (!file)
            assert_non_null(strstr(err.message, "too long"));
        px_tensor_file_close(&file);
        free(bytes);
    }
    free(object);
}

static void short_pickles_cannot_ask_for_much(void **state)
{
    /* Dicts seven deep, each with the one before a hundred times over: 100^7 entries if walked. */
    enum { LEVELS = 7, FANOUT = 100 };
    static const char dict[] = "\x80\x02}q\0";
    pixcl_error err = {0};
    px_text text = {0};
    px_tensor_file *file;
    uint8_t *bytes;
    size_t size;

    (void)state;
    px_text_add_bytes(&text, dict, sizeof dict - 1);
    for (char level = 1; level <= LEVELS; level++) {
        px_text_add(&text, "}(");
        for (int i = 0; i < FANOUT; i++) {
            const char entry[] = {'U', 1, (char)('!' + i % 90), 'h', (char)(level - 1)};

            px_text_add_bytes(&text, entry, sizeof entry);
        }
        px_text_add_bytes(&text, (const char[]){'u', 'q', level}, 3);
    }
    px_text_add(&text, ".");
    assert_false(text.failed);
    bytes = build_stream(text.data, text.length, &size);
    file = px_tensor_file_parse(bytes, size, "laughs.pth", &err);
    assert_null(file);
    assert_non_null(strstr(err.message, "more than 200000 entries"));
    free(bytes);
    px_text_free(&text);

    /* Values without end, from three bytes each. */
    px_text_add_bytes(&text, "\x80\x02}q\0", 5);
    for (int i = 0; i < 2000001; i++)
        px_text_add_bytes(&text, "h\0", 2);
    bytes = build_stream(text.data, text.length, &size);
    assert_null(px_tensor_file_parse(bytes, size, "many.pth", &err));
    assert_non_null(strstr(err.message, "more than 2 million values"));
    free(bytes);
    px_text_free(&text);
}

#define FILE_TEST(test) cmocka_unit_test_setup_teardown(test, make_path, temp_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_pytorch_are_read),
        FILE_TEST(what_is_written_is_read),
        FILE_TEST(a_failed_write_leaves_the_old_file),
        FILE_TEST(every_failed_allocation_is_survived),
        cmocka_unit_test(every_truncation_and_flip_is_survived),
        cmocka_unit_test(handmade_streams_are_read_or_refused),
        cmocka_unit_test(a_view_of_a_storage_has_its_offset),
        cmocka_unit_test(a_storage_comes_once),
        cmocka_unit_test(whole_numbers_keep_their_sign),
        cmocka_unit_test(long_names_are_read_or_refused),
        cmocka_unit_test(short_pickles_cannot_ask_for_much),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
