/* data/loader: the same batches whatever the number of threads and wherever a run is resumed; errors come in their
 * place. */
#include "temp_folder.h"

#include <dirent.h>

#include "base/cure.h"
#include "base/memory.h"
#include "data/loader.h"

#define PICTURES 11

static int make_pictures(void **state)
{
    if (temp_folder_make(state) != 0)
        return -1;
    for (int i = 0; i < PICTURES; i++) {
        char name[64];
        snprintf(name, sizeof(name), "s/train/%02d.png", i);
        temp_picture(name, 40, 20, 7 * i);
    }
    return 0;
}

static px_data_options options(int threads, int batch)
{
    return (px_data_options){.dataroot = in_temp("s"),
                             .load_size = 20,
                             .crop_size = 16,
                             .batch_size = batch,
                             .num_threads = threads,
                             .seed = 42};
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3ull;
    return hash;
}

/* A number for everything in a batch. */
static uint64_t digest(const px_batch *batch)
{
    uint64_t hash = mix(0xcbf29ce484222325ull, &batch->count, sizeof(batch->count));
    for (int role = 0; role < 2; role++) {
        size_t size = (size_t)batch->count * batch->channels[role] * batch->height[role] * batch->width[role];
        hash = mix(hash, batch->planes[role], size * sizeof(float));
        for (int i = 0; i < batch->count; i++)
            hash = mix(hash, batch->path[role][i], strlen(batch->path[role][i]));
    }
    return hash;
}

/* Reads an epoch from `position` on and writes the digests behind one another. Returns the number of batches. */
static int read_epoch(px_loader *loader, uint32_t epoch, size_t position, uint64_t *digests)
{
    pixcl_error err = {PIXCL_OK, ""};
    const px_batch *batch;
    int count = 0;
    assert_int_equal(px_loader_start(loader, epoch, position, &err), PIXCL_OK);
    for (;;) {
        if (px_loader_next(loader, &batch, &err) != PIXCL_OK)
            fail_msg("%s", err.message);
        if (!batch)
            return count;
        assert_int_equal(batch->position, position);
        position += (size_t)batch->count;
        assert_int_equal(px_loader_position(loader), position);
        digests[count++] = digest(batch);
    }
}

static px_loader *open_loader(px_data_options o, px_dataset **set)
{
    pixcl_error err = {PIXCL_OK, ""};
    *set = px_dataset_create(&o, &err);
    px_loader *loader = *set ? px_loader_create(*set, &err) : NULL;
    if (!loader)
        fail_msg("%s", err.message);
    return loader;
}

/* How many threads this process has, -1 where the system does not say; Wine says how many its server has. */
static int count_threads(void)
{
    DIR *folder = px_system_here() == PX_SYSTEM_WINDOWS ? NULL : opendir("/proc/self/task");
    int count = folder ? 0 : -1;
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

static void as_many_threads_as_asked_for(void **state)
{
    (void)state;
    static const int threads[] = {1, 7};
    px_dataset *set[3];
    px_loader *loader[3];
    /* All at once: a thread that was joined may be listed for a moment longer. The first one is for thread sanitizer,
     * which begins a thread of its own with it. */
    loader[2] = open_loader(options(1, 1), &set[2]);
    int before = count_threads();
    for (int i = 0; i < 2 && before >= 0; i++) {
        loader[i] = open_loader(options(threads[i], 1), &set[i]);
        before += threads[i];
        assert_int_equal(count_threads(), before);
    }
    for (int i = before >= 0 ? 0 : 2; i < 3; i++) {
        px_loader_destroy(&loader[i]);
        px_dataset_destroy(&set[i]);
    }
    if (before < 0)
        skip();
}

static void same_bits_for_any_threads(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 4, 7};
    for (int batch = 1; batch <= 4; batch += 3) {
        uint64_t first[2][PICTURES], found[PICTURES];
        int expected = (PICTURES + batch - 1) / batch;
        for (int t = 0; t < 4; t++) {
            px_dataset *set;
            px_loader *loader = open_loader(options(threads[t], batch), &set);
            for (uint32_t epoch = 1; epoch <= 2; epoch++) {
                assert_int_equal(read_epoch(loader, epoch, 0, found), expected);
                if (t == 0)
                    memcpy(first[epoch - 1], found, sizeof(found[0]) * expected);
                assert_memory_equal(found, first[epoch - 1], sizeof(found[0]) * expected);
            }
            px_loader_destroy(&loader);
            px_dataset_destroy(&set);
        }
        assert_memory_not_equal(first[0], first[1], sizeof(found[0]) * expected); /* epochs differ */
    }
}

static void resumes_anywhere(void **state)
{
    (void)state;
    px_dataset *set;
    px_loader *loader = open_loader(options(3, 2), &set);
    uint64_t whole[PICTURES], rest[PICTURES];
    int batches = read_epoch(loader, 5, 0, whole);
    assert_int_equal(batches, 6); /* the last is short */
    for (int skip = batches; skip >= 0; skip--) {
        size_t position = skip * 2 < PICTURES ? (size_t)skip * 2 : PICTURES;
        /* Leave a read-ahead of another epoch behind, to be thrown away. */
        const px_batch *batch;
        assert_int_equal(px_loader_start(loader, 9, 0, NULL), PIXCL_OK);
        for (int i = 0; i < skip % 3; i++)
            assert_int_equal(px_loader_next(loader, &batch, NULL), PIXCL_OK);
        assert_int_equal(read_epoch(loader, 5, position, rest), batches - skip);
        assert_memory_equal(rest, whole + skip, sizeof(rest[0]) * (size_t)(batches - skip));
    }
    const px_batch *batch;
    assert_int_equal(px_loader_next(loader, &batch, NULL), PIXCL_OK); /* the end stays the end */
    assert_null(batch);
    pixcl_error err;
    assert_int_equal(px_loader_start(loader, 5, PICTURES + 1, &err), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(px_loader_start(loader, 1u << 24, 0, &err), PIXCL_ERROR_ARGUMENT);
    assert_true(px_loader_wait_seconds(loader) >= 0.0);
    px_loader_destroy(&loader);
    px_dataset_destroy(&set);
}

static void epochs_hold_every_picture_once(void **state)
{
    (void)state;
    for (int serial = 0; serial < 2; serial++) {
        px_data_options o = options(2, 3);
        o.serial_batches = serial;
        px_dataset *set;
        px_loader *loader = open_loader(o, &set);
        bool in_order = true;
        for (uint32_t epoch = 0; epoch < 4; epoch++) {
            int seen[PICTURES] = {0}, at = 0;
            const px_batch *batch;
            assert_int_equal(px_loader_start(loader, epoch, 0, NULL), PIXCL_OK);
            while (px_loader_next(loader, &batch, NULL) == PIXCL_OK && batch) {
                for (int i = 0; i < batch->count; i++, at++) {
                    int number = atoi(strrchr(batch->path[0][i], '/') + 1);
                    seen[number]++;
                    in_order = in_order && number == at;
                    assert_string_equal(batch->path[0][i], batch->path[1][i]);
                    /* Blue is the picture's number times 7 everywhere: item i of the batch is where it should be. */
                    float blue = ((float)(7 * number) / 255.0f - 0.5f) / 0.5f;
                    assert_true(batch->planes[1][(i * 3 + 2) * 256 + 100] == blue);
                }
            }
            for (int i = 0; i < PICTURES; i++)
                assert_int_equal(seen[i], 1);
        }
        assert_int_equal(in_order, serial);
        px_loader_destroy(&loader);
        px_dataset_destroy(&set);
    }
}

static void seeds_differ(void **state)
{
    (void)state;
    uint64_t digests[2][PICTURES];
    for (int i = 0; i < 2; i++) {
        px_data_options o = options(2, 1);
        o.seed += (uint64_t)i;
        px_dataset *set;
        px_loader *loader = open_loader(o, &set);
        read_epoch(loader, 0, 0, digests[i]);
        px_loader_destroy(&loader);
        px_dataset_destroy(&set);
    }
    assert_memory_not_equal(digests[0], digests[1], sizeof(digests[0]));
}

static void every_epoch_is_augmented_anew(void **state)
{
    (void)state;
    px_data_options o = options(2, 1);
    o.serial_batches = true; /* so that epochs differ in nothing else */
    px_dataset *set;
    px_loader *loader = open_loader(o, &set);
    uint64_t first[PICTURES], second[PICTURES];
    assert_int_equal(read_epoch(loader, 1, 0, first), PICTURES);
    assert_int_equal(read_epoch(loader, 2, 0, second), PICTURES);
    assert_memory_not_equal(first, second, sizeof(first));
    px_loader_destroy(&loader);
    px_dataset_destroy(&set);
}

/* So many pictures in FOLDER/train, two of which are empty files. */
static void write_spoiled(const char *folder, int count, int bad, int worse)
{
    for (int i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof(name), "%s/train/%d.png", folder, i);
        temp_picture(name, 40, 20, i);
        if (i == bad || i == worse)
            assert_int_equal(px_file_write(in_temp(name), "", 0, NULL), PIXCL_OK);
    }
}

/* Its pictures in their order. */
static px_loader *open_spoiled(const char *folder, int threads, int batch, px_dataset **set)
{
    pixcl_error err = {PIXCL_OK, ""};
    px_data_options o = options(threads, batch);
    o.dataroot = in_temp(folder);
    o.serial_batches = true;
    px_loader *loader = open_loader(o, set);
    assert_int_equal(px_loader_start(loader, 0, 0, &err), PIXCL_OK);
    return loader;
}

static void the_first_of_two_errors_is_told(void **state)
{
    (void)state;
    write_spoiled("worse", 4, 2, 3);
    for (int threads = 1; threads <= 4; threads++) {
        px_dataset *set;
        px_loader *loader = open_spoiled("worse", threads, 4, &set);
        const px_batch *batch;
        pixcl_error err = {PIXCL_OK, ""};
        assert_int_equal(px_loader_next(loader, &batch, &err), PIXCL_ERROR_FORMAT);
        assert_non_null(strstr(err.message, "2.png"));
        px_loader_destroy(&loader);
        px_dataset_destroy(&set);
    }
}

static void errors_come_in_their_place(void **state)
{
    (void)state;
    write_spoiled("bad", 6, 3, 5);
    for (int threads = 1; threads <= 4; threads++) {
        px_dataset *set;
        px_loader *loader = open_spoiled("bad", threads, 2, &set);
        const px_batch *batch;
        pixcl_error err = {PIXCL_OK, ""};
        assert_int_equal(px_loader_next(loader, &batch, &err), PIXCL_OK);
        assert_int_equal(batch->count, 2);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(px_loader_next(loader, &batch, &err), PIXCL_ERROR_FORMAT);
            assert_null(batch);
            assert_non_null(strstr(err.message, "3.png"));
        }
        px_loader_destroy(&loader); /* with the other bad picture read ahead */
        px_dataset_destroy(&set);
    }
}

static void sizes_must_agree_in_a_batch(void **state)
{
    (void)state;
    temp_picture("mixed/train/1.png", 40, 20, 0);
    temp_picture("mixed/train/2.png", 40, 24, 0);
    px_data_options o = options(2, 2);
    o.dataroot = in_temp("mixed");
    o.preprocess = PX_PREPROCESS_NONE;
    px_dataset *set;
    const px_batch *batch;
    pixcl_error err = {PIXCL_OK, ""};
    px_loader *loader = open_loader(o, &set);
    assert_int_equal(px_loader_start(loader, 0, 0, &err), PIXCL_OK);
    assert_int_equal(px_loader_next(loader, &batch, &err), PIXCL_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "--batch_size 1"));
    px_loader_destroy(&loader);
    px_dataset_destroy(&set);
    o.batch_size = 1;
    loader = open_loader(o, &set);
    assert_int_equal(px_loader_start(loader, 0, 0, &err), PIXCL_OK);
    int heights = 0;
    while (px_loader_next(loader, &batch, &err) == PIXCL_OK && batch)
        heights += batch->height[0];
    assert_int_equal(heights, 44);
    px_loader_destroy(&loader);
    px_dataset_destroy(&set);
}

static void single_sets_have_no_target(void **state)
{
    (void)state;
    px_data_options o = options(2, 4);
    o.dataset_mode = PX_DATASET_SINGLE;
    px_dataset *set;
    px_loader *loader = open_loader(o, &set);
    const px_batch *batch;
    assert_int_equal(px_loader_start(loader, 0, 0, NULL), PIXCL_OK);
    assert_int_equal(px_loader_next(loader, &batch, NULL), PIXCL_OK);
    assert_int_equal(batch->width[0], 16);
    assert_null(batch->planes[1]);
    assert_null(batch->path[1][0]);
    px_loader_destroy(&loader);
    px_dataset_destroy(&set);
    px_loader_destroy(&loader);
}

/* One epoch, or the first failure. */
static pixcl_status try_epoch(pixcl_error *err)
{
    px_data_options o = options(2, 3);
    px_dataset *set = px_dataset_create(&o, err);
    px_loader *loader = set ? px_loader_create(set, err) : NULL;
    pixcl_status status = loader ? px_loader_start(loader, 0, 0, err) : err->status;
    const px_batch *batch = NULL;
    do {
        if (status == PIXCL_OK)
            status = px_loader_next(loader, &batch, err);
    } while (status == PIXCL_OK && batch);
    px_loader_destroy(&loader);
    px_dataset_destroy(&set);
    return status;
}

/* Under the address sanitizer also: without a leak. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        pixcl_error err = {PIXCL_OK, ""};
        px_fail_allocation(n);
        pixcl_status status = try_epoch(&err);
        px_fail_allocation(0);
        if (status == PIXCL_OK) {
            /* Not reached: all allocations were made before number n. */
            assert_true(n > 100);
            return;
        }
        assert_int_equal(status, PIXCL_ERROR_MEMORY);
        assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_threads_as_asked_for), /* the first: no other has left threads behind */
        cmocka_unit_test(same_bits_for_any_threads),      cmocka_unit_test(resumes_anywhere),
        cmocka_unit_test(epochs_hold_every_picture_once), cmocka_unit_test(seeds_differ),
        cmocka_unit_test(every_epoch_is_augmented_anew),  cmocka_unit_test(the_first_of_two_errors_is_told),
        cmocka_unit_test(errors_come_in_their_place),     cmocka_unit_test(sizes_must_agree_in_a_batch),
        cmocka_unit_test(single_sets_have_no_target),     cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("data_loader", tests, make_pictures, temp_folder_remove);
}
