/* Programs on the default device: built once, kept on disk, damaged files, failing builds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/program.h"
#include "exec/opencl/program_cache.h"
#include "../unit/listen.h"

static const char source[] =
    "__kernel void twice(__global int *v) { v[get_global_id(0)] = FACTOR * v[get_global_id(0)]; }\n";
static char folder[] = "/tmp/pixcl-program-XXXXXX";

static px_cl_device *open_device(void)
{
    pixcl_error err = {0};
    px_cl_device *device = px_cl_device_open(NULL, false, &err);

    if (!device)
        fail_msg("%s", err.message);
    return device;
}

/* Opened as a device whose programs go to disk, whatever its quirks. */
static px_cl_device *open_caching_device(void)
{
    px_cl_device *device = open_device();

    device->quirks = 0;
    return device;
}

static cl_program build(px_cl_device *device, const char *options)
{
    pixcl_error err = {0};
    cl_program program = NULL;

    if (px_program_build_source(device, "twice", source, options, &program, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    assert_non_null(program);
    return program;
}

/* Whether the program computes FACTOR * 7. */
static void expect_factor(px_cl_device *device, cl_program program, int factor)
{
    cl_int code, value = 7;
    size_t one = 1;
    cl_kernel kernel = clCreateKernel(program, "twice", &code);
    cl_mem buffer;

    assert_int_equal(code, CL_SUCCESS);
    buffer = clCreateBuffer(device->context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, sizeof value, &value, &code);
    assert_int_equal(code, CL_SUCCESS);
    assert_int_equal(clSetKernelArg(kernel, 0, sizeof buffer, &buffer), CL_SUCCESS);
    assert_int_equal(clEnqueueNDRangeKernel(device->queue, kernel, 1, NULL, &one, NULL, 0, NULL, NULL), CL_SUCCESS);
    assert_int_equal(clEnqueueReadBuffer(device->queue, buffer, CL_TRUE, 0, sizeof value, &value, 0, NULL, NULL),
                     CL_SUCCESS);
    assert_int_equal(value, 7 * factor);
    clReleaseMemObject(buffer);
    clReleaseKernel(kernel);
}

static void built_once_per_process(void **state)
{
    px_cl_device *device = open_device();
    cl_program two = build(device, "-DFACTOR=2"), three = build(device, "-DFACTOR=3");
    px_program_counts counts;

    (void)state;
    assert_ptr_not_equal(two, three);
    assert_ptr_equal(build(device, "-DFACTOR=2"), two);
    counts = px_program_counts_of(device);
    assert_int_equal(counts.from_memory, 1);
    assert_int_equal(counts.built + counts.from_disk, 2);
    expect_factor(device, two, 2);
    expect_factor(device, three, 3);
    px_cl_device_close(&device);
    assert_null(device);
    px_cl_device_close(&device);
}

static void embedded_sources_build_by_stem(void **state)
{
    const char *const stems[] = {"probe"}, *const unknown[] = {"probe", "no_such_kernel"};
    px_cl_device *device = open_device();
    pixcl_error err = {0};
    cl_program program, again;

    (void)state;
    assert_int_equal(px_program_build(device, stems, 1, "-DWIDTH=4", &program, &err), PIXCL_OK);
    assert_int_equal(px_program_build(device, stems, 1, "-DWIDTH=4", &again, &err), PIXCL_OK);
    assert_ptr_equal(program, again);
    assert_int_equal(px_program_build(device, stems, 1, NULL, &again, &err), PIXCL_OK);
    assert_ptr_not_equal(program, again);
    assert_int_equal(px_program_build(device, unknown, 2, NULL, &program, &err), PIXCL_ERROR_INTERNAL);
    assert_null(program);
    assert_non_null(strstr(err.message, "cl/no_such_kernel.cl"));
    px_cl_device_close(&device);
}

/* One process start: opens, builds, checks, closes. */
static px_program_counts run_once(void)
{
    px_cl_device *device = open_caching_device();
    px_program_counts counts;

    expect_factor(device, build(device, "-DFACTOR=5"), 5);
    counts = px_program_counts_of(device);
    px_cl_device_close(&device);
    return counts;
}

/* The only file of the cache folder (px_free). */
static char *cached_file(void)
{
    px_file_list list = {0};
    char *path;

    assert_int_equal(px_list_files(folder, NULL, &list, NULL), PIXCL_OK);
    assert_int_equal(list.count, 1);
    path = px_path_join(folder, list.paths[0], NULL);
    px_file_list_free(&list);
    return path;
}

static void kept_on_disk_and_replaced_when_damaged(void **state)
{
    px_program_counts counts = run_once();
    size_t size = 0;
    uint8_t *whole = NULL;
    char *path;

    (void)state;
    assert_int_equal(counts.built, 1);
    path = cached_file();
    if (!path || px_file_read(path, &whole, &size, NULL) != PIXCL_OK)
        fail();
    counts = run_once();
    assert_int_equal(counts.from_disk, 1);
    assert_int_equal(counts.built, 0);
    /* cut short, empty, one bit of the binary changed, one of the identity, one of the header, bytes behind the end */
    for (int damage = 0; damage < 6; damage++) {
        uint8_t *bytes = px_calloc(size + 4, 1, NULL);
        size_t length = damage == 0 ? size / 2 : damage == 1 ? 0 : damage == 5 ? size + 4 : size;

        memcpy(bytes, whole, size);
        if (damage == 2)
            bytes[size - 9] ^= 1;
        else if (damage == 3)
            bytes[40] ^= 1;
        else if (damage == 4)
            bytes[16] ^= 0x80;
        assert_int_equal(px_file_write(path, bytes, length, NULL), PIXCL_OK);
        px_free(bytes);
        counts = run_once();
        assert_int_equal(counts.built, 1);
        counts = run_once(); /* replaced */
        assert_int_equal(counts.from_disk, 1);
    }
    px_free(whole);
    px_free(path);
}

/* A file whose hash is right but whose binary means nothing to the driver. */
static void a_refused_binary_is_built_anew(void **state)
{
    px_cl_device *device = open_caching_device();
    const char *options = PX_PROGRAM_OPTIONS " -DFACTOR=5";
    char *identity = px_program_identity(device, source, options, NULL), *path = px_program_path(identity, NULL);
    size_t size = strlen(identity) + 64;
    uint64_t header[3];
    uint8_t *bytes = px_calloc(32 + size, 1, NULL);

    (void)state;
    if (strstr(device->platform_name, "rusticl")) {
        /* Mesa 22.3 aborts the process on it (classify.c keeps pixcl from giving it any) */
        px_free(bytes);
        px_free(identity);
        px_free(path);
        px_cl_device_close(&device);
        skip();
    }
    header[0] = strlen(identity);
    header[1] = 64;
    memcpy(bytes, "PIXCLPG1", 8);
    memcpy(bytes + 32, identity, strlen(identity));
    header[2] = px_hash(PX_HASH_START, bytes + 32, size);
    memcpy(bytes + 8, header, sizeof header);
    assert_int_equal(px_file_write(path, bytes, 32 + size, NULL), PIXCL_OK);
    assert_null(px_program_load(device, identity, options));
    px_cl_device_close(&device);
    assert_int_equal(run_once().built, 1);
    assert_int_equal(run_once().from_disk, 1);
    px_free(bytes);
    px_free(identity);
    px_free(path);
}

/* What another driver, device or compiler run has made has another file. */
static void each_driver_has_its_own_programs(void **state)
{
    px_cl_device *device = open_caching_device(), other[3] = {*device, *device, *device};
    char *own = px_program_identity(device, source, "-w", NULL), *paths[6];

    (void)state;
    strcpy(other[0].driver, "another");
    strcpy(other[1].name, "another");
    strcpy(other[2].platform_name, "another");
    for (int i = 0; i < 6; i++) {
        char *identity = px_program_identity(i < 3 ? &other[i] : device, i == 3 ? "__kernel void l() {}" : source,
                                             i == 4 ? "-O0" : "-w", NULL);
        assert_non_null(identity);
        assert_int_equal(strcmp(identity, own) == 0, i == 5);
        paths[i] = px_program_path(identity, NULL);
        px_free(identity);
    }
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(paths[i], paths[k]);
    for (int i = 0; i < 6; i++)
        px_free(paths[i]);
    px_free(own);
    px_cl_device_close(&device);
}

static void the_disk_cache_can_be_switched_off(void **state)
{
    (void)state;
    setenv("PIXCL_NO_PROGRAM_CACHE", "1", 1);
    assert_int_equal(run_once().built, 1);
    unsetenv("PIXCL_NO_PROGRAM_CACHE");
    assert_int_equal(run_once().from_disk, 1);
}

static void a_cache_that_cannot_be_written_does_no_harm(void **state)
{
    char *blocked = px_format(NULL, "%s/blocked", folder);

    (void)state;
    assert_int_equal(px_file_write(blocked, "x", 1, NULL), PIXCL_OK);
    setenv("PIXCL_CACHE_DIR", blocked, 1); /* a file where a folder is needed */
    assert_int_equal(run_once().built, 1);
    setenv("PIXCL_CACHE_DIR", folder, 1);
    unlink(blocked);
    px_free(blocked);
}

/* Where a binary costs a compilation, building stores none; later ones do, in the time that they are given. */
static void costly_binaries_are_stored_later(void **state)
{
    px_cl_device *device = open_device();
    char *blocked = px_format(NULL, "%s/blocked", folder);
    px_program_counts counts;

    (void)state;
    device->quirks = PX_QUIRK_COSTLY_BINARIES;
    assert_true(px_program_store_pending(device, 60) == 0); /* nothing is built */
    build(device, "-DFACTOR=11");
    build(device, "-DFACTOR=12");
    expect_factor(device, build(device, "-DFACTOR=13"), 13);
    px_cl_device_close(&device);

    device = open_device();
    device->quirks = PX_QUIRK_COSTLY_BINARIES;
    build(device, "-DFACTOR=11");
    build(device, "-DFACTOR=12");
    build(device, "-DFACTOR=13");
    counts = px_program_counts_of(device);
    assert_int_equal(counts.built, 3);                       /* the first process has stored none */
    assert_true(px_program_store_pending(device, 1e-9) > 0); /* the first */
    assert_int_equal(px_file_write(blocked, "x", 1, NULL), PIXCL_OK);
    setenv("PIXCL_CACHE_DIR", blocked, 1);
    assert_true(px_program_store_pending(device, 1e-9) > 0); /* the second, in vain */
    setenv("PIXCL_CACHE_DIR", folder, 1);
    unlink(blocked);
    assert_true(px_program_store_pending(device, 60) > 0);  /* the third */
    assert_true(px_program_store_pending(device, 60) == 0); /* and no second try of the second */
    px_cl_device_close(&device);

    device = open_device();
    device->quirks = PX_QUIRK_COSTLY_BINARIES;
    expect_factor(device, build(device, "-DFACTOR=11"), 11);
    expect_factor(device, build(device, "-DFACTOR=12"), 12);
    expect_factor(device, build(device, "-DFACTOR=13"), 13);
    counts = px_program_counts_of(device);
    assert_int_equal(counts.from_disk, 2);
    assert_int_equal(counts.built, 1);
    setenv("PIXCL_NO_PROGRAM_CACHE", "1", 1);
    build(device, "-DFACTOR=14");
    assert_true(px_program_store_pending(device, 60) > 0); /* the second, not this one */
    unsetenv("PIXCL_NO_PROGRAM_CACHE");
    assert_true(px_program_store_pending(device, 60) == 0);
    px_cl_device_close(&device);
    px_free(blocked);
}

static void drivers_that_cache_themselves_are_left_alone(void **state)
{
    px_cl_device *device = open_device();

    (void)state;
    device->quirks = PX_QUIRK_CACHES_ITSELF;
    assert_false(px_program_disk_wanted(device));
    device->quirks = PX_QUIRK_SLOW_CHECKER;
    assert_false(px_program_disk_wanted(device));
    device->quirks = 0;
    assert_true(px_program_disk_wanted(device));
    px_cl_device_close(&device);
}

static char logged[4096];

static void remember(void *user, pixcl_log_level level, const char *message)
{
    (void)user;
    if (level == PIXCL_LOG_ERROR)
        snprintf(logged, sizeof logged, "%s", message);
}

static void a_failing_build_shows_options_and_log(void **state)
{
    px_cl_device *device = open_device();
    pixcl_error err = {0};
    cl_program program = NULL;

    (void)state;
    listen(remember, NULL, PIXCL_LOG_ERROR);
    assert_int_equal(px_program_build_source(device, "broken",
                                             "__kernel void broken(__global int *v) { v[0] = undeclared_name; }\n",
                                             "-DFACTOR=2", &program, &err),
                     PIXCL_ERROR_DEVICE);
    listen(NULL, NULL, PIXCL_LOG_ERROR);
    assert_null(program);
    assert_non_null(strstr(err.message, "kernel broken does not build on"));
    assert_non_null(strstr(err.message, "CL_BUILD_PROGRAM_FAILURE (-11)"));
    assert_non_null(strstr(err.message, "-cl-std=CL1.2"));
    assert_non_null(strstr(err.message, "-DFACTOR=2"));
    assert_non_null(strstr(err.message, "undeclared_name"));
    assert_non_null(strstr(logged, "undeclared_name"));
    assert_int_equal(px_program_counts_of(device).built, 0);
    /* the device is as good as before */
    expect_factor(device, build(device, "-DFACTOR=2"), 2);
    px_cl_device_close(&device);
}

static void isnan_is_not_folded_away(void **state)
{
    static const char text[] = "__kernel void f(__global const float *v, __global int *r) { r[0] = isnan(v[0]); }\n";
    const cl_uint nan_bits = 0x7fc00000;
    px_cl_device *device = open_device();
    cl_program program;
    cl_kernel kernel;
    cl_mem in, out;
    cl_int code, result = -1;
    size_t one = 1;

    (void)state;
    assert_int_equal(px_program_build_source(device, "f", text, NULL, &program, NULL), PIXCL_OK);
    kernel = clCreateKernel(program, "f", &code);
    in = clCreateBuffer(device->context, CL_MEM_COPY_HOST_PTR, 4, (void *)(uintptr_t)&nan_bits, NULL);
    out = clCreateBuffer(device->context, CL_MEM_READ_WRITE, 4, NULL, NULL);
    clSetKernelArg(kernel, 0, sizeof in, &in);
    clSetKernelArg(kernel, 1, sizeof out, &out);
    assert_int_equal(clEnqueueNDRangeKernel(device->queue, kernel, 1, NULL, &one, NULL, 0, NULL, NULL), CL_SUCCESS);
    assert_int_equal(clEnqueueReadBuffer(device->queue, out, CL_TRUE, 0, 4, &result, 0, NULL, NULL), CL_SUCCESS);
    assert_int_equal(result, 1);
    clReleaseMemObject(in);
    clReleaseMemObject(out);
    clReleaseKernel(kernel);
    px_cl_device_close(&device);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    return setenv("PIXCL_CACHE_DIR", folder, 1);
}

static int tear_down(void **state)
{
    char *path = px_format(NULL, "%s/programs", folder);
    px_file_list list = {0};

    (void)state;
    if (px_list_files(folder, NULL, &list, NULL) == PIXCL_OK) {
        for (size_t i = 0; i < list.count; i++) {
            char *file = px_path_join(folder, list.paths[i], NULL);

            unlink(file);
            px_free(file);
        }
    }
    px_file_list_free(&list);
    rmdir(path);
    px_free(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_on_disk_and_replaced_when_damaged),
        cmocka_unit_test(a_refused_binary_is_built_anew),
        cmocka_unit_test(each_driver_has_its_own_programs),
        cmocka_unit_test(the_disk_cache_can_be_switched_off),
        cmocka_unit_test(a_cache_that_cannot_be_written_does_no_harm),
        cmocka_unit_test(costly_binaries_are_stored_later),
        cmocka_unit_test(drivers_that_cache_themselves_are_left_alone),
        cmocka_unit_test(built_once_per_process),
        cmocka_unit_test(embedded_sources_build_by_stem),
        cmocka_unit_test(a_failing_build_shows_options_and_log),
        cmocka_unit_test(isnan_is_not_folded_away),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
