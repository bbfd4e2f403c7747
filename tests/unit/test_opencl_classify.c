/* What a device's facts mean, what an OpenCL code means, and the embedded sources; no device needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/os.h"
#include "exec/opencl/classify.h"
#include "exec/opencl/sources.h"

static const px_cl_facts good = {
    .type = CL_DEVICE_TYPE_GPU,
    .available = true,
    .compiler = true,
    .little_endian = true,
    .suitable_profile = true,
    .version = "OpenCL 3.0 CUDA",
    .c_version = "OpenCL C 1.2 ",
};

static void class_by_type_then_memory(void **state)
{
    px_cl_facts facts = good;

    (void)state;
    assert_int_equal(px_cl_classify(&facts), PX_DEVICE_GPU_DISCRETE);
    facts.host_unified_memory = true;
    assert_int_equal(px_cl_classify(&facts), PX_DEVICE_GPU_INTEGRATED);
    facts.type = CL_DEVICE_TYPE_CPU;
    assert_int_equal(px_cl_classify(&facts), PX_DEVICE_CPU);
    facts.type = CL_DEVICE_TYPE_ACCELERATOR;
    assert_int_equal(px_cl_classify(&facts), PX_DEVICE_ACCELERATOR);
    /* Oclgrind is everything at once */
    facts.type = CL_DEVICE_TYPE_CPU | CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_ACCELERATOR | CL_DEVICE_TYPE_DEFAULT;
    assert_int_equal(px_cl_classify(&facts), PX_DEVICE_CPU);
    assert_string_equal(px_device_class_name(PX_DEVICE_GPU_INTEGRATED), "integrated gpu");
}

static void rejects(px_cl_facts facts, const char *part)
{
    char reason[256];

    assert_false(px_cl_judge(&facts, reason, sizeof reason));
    assert_non_null(strstr(reason, part));
}

static void every_unusable_device_has_its_reason(void **state)
{
    px_cl_facts facts = good;
    char reason[256] = "old";

    (void)state;
    assert_true(px_cl_judge(&facts, reason, sizeof reason));
    assert_string_equal(reason, "");
    facts.version = "OpenCL 1.1 Mesa 22.3.6";
    rejects(facts, "OpenCL 1.1 Mesa 22.3.6");
    facts = good;
    facts.version = "";
    rejects(facts, "needs OpenCL 1.2");
    facts = good;
    facts.c_version = "OpenCL C 1.1 ";
    rejects(facts, "OpenCL C 1.1");
    facts = good;
    facts.compiler = false;
    rejects(facts, "compiler");
    facts = good;
    facts.suitable_profile = false;
    rejects(facts, "embedded profile");
    facts = good;
    facts.little_endian = false;
    rejects(facts, "big-endian");
    facts = good;
    facts.available = false;
    rejects(facts, "not available");
    facts = good;
    facts.type = CL_DEVICE_TYPE_CUSTOM;
    rejects(facts, "custom");
}

static void an_embedded_profile_needs_integers_and_rounding(void **state)
{
    const cl_device_fp_config both = CL_FP_ROUND_TO_NEAREST | CL_FP_INF_NAN;

    (void)state;
    assert_true(px_cl_embedded_suffices("cl_khr_fp16 cles_khr_int64 cl_khr_3d_image_writes", both | CL_FP_FMA));
    assert_false(px_cl_embedded_suffices("cl_khr_fp16", both));
    assert_false(px_cl_embedded_suffices("cles_khr_int64", CL_FP_ROUND_TO_ZERO | CL_FP_INF_NAN));
    assert_false(px_cl_embedded_suffices("cles_khr_int64", CL_FP_ROUND_TO_NEAREST));
}

static void versions(void **state)
{
    (void)state;
    assert_int_equal(px_cl_version("OpenCL 1.2 pocl 3.1"), 102);
    assert_int_equal(px_cl_version("OpenCL 3.0"), 300);
    assert_int_equal(px_cl_version("OpenCL C 2.0 x"), 200);
    assert_int_equal(px_cl_version("OpenCL"), 0);
    assert_int_equal(px_cl_version("FULL 1.2"), 0);
    assert_int_equal(px_cl_version("OpenCL -1.2"), 0);
}

static void extensions_are_whole_words(void **state)
{
    (void)state;
    assert_true(px_cl_has_extension("cl_khr_fp64 cl_khr_fp16", "cl_khr_fp16"));
    assert_true(px_cl_has_extension("cl_khr_fp16 ", "cl_khr_fp16"));
    assert_true(px_cl_has_extension("  cl_khr_fp16", "cl_khr_fp16"));
    assert_false(px_cl_has_extension("cl_khr_fp16_extra", "cl_khr_fp16"));
    assert_false(px_cl_has_extension("", "cl_khr_fp16"));
    assert_false(px_cl_has_extension("cl_khr_fp16", ""));
}

static void quirks_by_platform_and_name(void **state)
{
    const char *note;

    (void)state;
    assert_int_equal(px_cl_quirks("Portable Computing Language", "pthread-x", &note), PX_QUIRK_COSTLY_BINARIES);
    assert_string_equal(note, "");
    assert_int_equal(px_cl_quirks("rusticl", "llvmpipe (LLVM 15.0.6, 256 bits)", &note),
                     PX_QUIRK_SOFTWARE_GPU | PX_QUIRK_CACHES_ITSELF);
    assert_non_null(strstr(note, "PoCL"));
    assert_int_equal(px_cl_quirks("Oclgrind", "Oclgrind Simulator", NULL), PX_QUIRK_SLOW_CHECKER);
    assert_int_equal(px_cl_quirks("AMD Accelerated Parallel Processing", "gfx902:xnack+", NULL),
                     PX_QUIRK_SHARES_MEMORY);
    assert_int_equal(px_cl_quirks("AMD Accelerated Parallel Processing", "gfx1032", NULL), 0);
    assert_int_equal(px_cl_quirks("NVIDIA CUDA", "GeForce", &note), 0);
}

static void limits_can_only_be_lowered(void **state)
{
    px_cl_limits limits = {.max_work_group = 1024, .max_item_sizes = {1024, 1024, 64}, .local_memory = 65536};

    (void)state;
    limits.max_allocation = UINT64_C(1) << 32;
    px_os_set_variable("PIXCL_MAX_WORK_GROUP", "128");
    px_os_set_variable("PIXCL_MAX_LOCAL_MEMORY", "1000000");
    px_os_set_variable("PIXCL_MAX_ALLOCATION", "1048576");
    px_cl_lower_limits(&limits);
    assert_int_equal(limits.max_work_group, 128);
    assert_int_equal(limits.max_item_sizes[0], 128);
    assert_int_equal(limits.max_item_sizes[2], 64);
    assert_int_equal(limits.local_memory, 65536);
    assert_int_equal(limits.max_allocation, 1048576);
    px_os_set_variable("PIXCL_MAX_WORK_GROUP", "-5");
    px_os_set_variable("PIXCL_MAX_ALLOCATION", "lots");
    px_cl_lower_limits(&limits);
    assert_int_equal(limits.max_work_group, 128);
    assert_int_equal(limits.max_allocation, 1048576);
    px_os_set_variable("PIXCL_MAX_WORK_GROUP", NULL);
    px_os_set_variable("PIXCL_MAX_LOCAL_MEMORY", NULL);
    px_os_set_variable("PIXCL_MAX_ALLOCATION", NULL);
}

static void codes_have_names_and_statuses(void **state)
{
    (void)state;
    assert_string_equal(px_cl_error_name(CL_OUT_OF_RESOURCES), "CL_OUT_OF_RESOURCES");
    assert_string_equal(px_cl_error_name(CL_INVALID_DEVICE_PARTITION_COUNT), "CL_INVALID_DEVICE_PARTITION_COUNT");
    assert_string_equal(px_cl_error_name(-2046), "CLBlastInvalidLocalMemUsage");
    assert_string_equal(px_cl_error_name(12345), "an unknown OpenCL error");
    assert_int_equal(px_cl_status(CL_SUCCESS), PIXCL_OK);
    assert_int_equal(px_cl_status(CL_MEM_OBJECT_ALLOCATION_FAILURE), PIXCL_ERROR_MEMORY);
    assert_int_equal(px_cl_status(CL_INVALID_BUFFER_SIZE), PIXCL_ERROR_MEMORY);
    assert_int_equal(px_cl_status(CL_OUT_OF_RESOURCES), PIXCL_ERROR_DEVICE);
    assert_int_equal(px_cl_status(-1001), PIXCL_ERROR_NO_DEVICE);
    assert_int_equal(px_cl_status(CL_INVALID_KERNEL_ARGS), PIXCL_ERROR_DEVICE);
}

static void an_error_says_what_where_and_the_cure(void **state)
{
    pixcl_error err = {0};
    pixcl_status status =
        px_cl_fail(&err, CL_MEM_OBJECT_ALLOCATION_FAILURE, "clCreateBuffer", "%d bytes for %s", 4096, "arena");

    (void)state;
    assert_int_equal(status, PIXCL_ERROR_MEMORY);
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    assert_non_null(strstr(err.message,
                           "clCreateBuffer failed with CL_MEM_OBJECT_ALLOCATION_FAILURE (-4): 4096 bytes for "
                           "arena [test_opencl_classify.c:"));
    assert_non_null(strstr(err.message, "--batch_size"));
    assert_int_equal(px_cl_fail(NULL, CL_OUT_OF_RESOURCES, "clFinish", "%s", "x"), PIXCL_ERROR_DEVICE);
}

static void sources_are_embedded(void **state)
{
    size_t count = 0;

    (void)state;
    for (const px_kernel_file *file = px_kernel_files; file->stem; file++, count++) {
        assert_int_equal(strlen(file->text), file->length);
        assert_ptr_equal(px_kernel_source(file->stem), file->text);
        for (const px_kernel_file *other = px_kernel_files; other != file; other++)
            assert_string_not_equal(other->stem, file->stem);
    }
    assert_true(count >= 1);
    assert_non_null(strstr(px_kernel_source("probe"), "__kernel void probe_sum"));
    assert_null(px_kernel_source("prob"));
    assert_null(px_kernel_source(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_by_type_then_memory),
        cmocka_unit_test(every_unusable_device_has_its_reason),
        cmocka_unit_test(an_embedded_profile_needs_integers_and_rounding),
        cmocka_unit_test(versions),
        cmocka_unit_test(extensions_are_whole_words),
        cmocka_unit_test(quirks_by_platform_and_name),
        cmocka_unit_test(limits_can_only_be_lowered),
        cmocka_unit_test(codes_have_names_and_statuses),
        cmocka_unit_test(an_error_says_what_where_and_the_cure),
        cmocka_unit_test(sources_are_embedded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
