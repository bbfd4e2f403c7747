/* Estimates of steps: exact sums for made-up plans, devices that are known by their data sheets, and that both models
 * are planned within the limits of each. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/os.h"
#include "pixcl/bench.h"
#include "pixcl/plan.h"
#include "plan/conv_method.h"
#include "plan/known_devices.h"
#include "weights/session.h"

/* A convolution of 16 channels to 16, and an activation behind it, to hang launches on. */
enum { INPUT, WEIGHT, CONV, LEAKY, NODES };
static px_node_info nodes[NODES] = {
    {.op = PX_OP_INPUT, .kind = PX_ACTIVATION, .shape = {1, 16, 8, 8}},
    {.op = PX_OP_VARIABLE, .kind = PX_WEIGHT, .shape = {16, 16, 3, 3}},
    {.op = PX_OP_CONV,
     .kind = PX_ACTIVATION,
     .shape = {1, 16, 8, 8},
     .input_count = 2,
     .inputs = {INPUT, WEIGHT},
     .attrs = {.kernel = 3, .stride = 1, .pad = 1}},
    {.op = PX_OP_LEAKY, .kind = PX_ACTIVATION, .shape = {1, 16, 8, 8}, .input_count = 1, .inputs = {CONV}},
};
static px_value values[NODES];
static px_conv_algorithm algorithms[NODES];

static px_plan plan_of(px_device_class device_class, px_conv_algorithm algorithm, px_launch *launches, size_t count)
{
    px_plan plan = {.target = {.device_class = device_class, .block = 16, .compute_units = 4, .max_work_group = 256},
                    .node_count = NODES,
                    .nodes = nodes,
                    .values = values,
                    .algorithms = algorithms,
                    .launches = launches,
                    .launch_count = count};
    px_target_traits(&plan.target);
    algorithms[CONV] = algorithm;
    return plan;
}

static const px_speed speed = {"a device", true, 100, 10, 0.001};

static px_estimate estimate_of(px_device_class device_class, px_conv_algorithm algorithm, px_launch launch)
{
    px_plan plan = plan_of(device_class, algorithm, &launch, 1);
    px_estimate e;
    assert_true(px_estimate_step(&plan, &speed, &e));
    assert_true(fabs(e.seconds - e.arithmetic - e.memory - e.launching) < 1e-12);
    assert_true(e.flops == launch.flops);
    return e;
}

static void expect(double found, double expected)
{
    if (fabs(found - expected) > 1e-9 * fabs(expected))
        fail_msg("%.12g instead of %.12g", found, expected);
}

static void a_launch_takes_what_binds_it(void **state)
{
    (void)state;
    /* 0.85 of 100 GFLOP/s, against 1e9 bytes in 0.1 s */
    px_estimate e = estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT,
                                (px_launch){.node = CONV, .global = {8, 1, 1}, .flops = 85e9, .bytes = 1e9});
    expect(e.arithmetic, 1);
    expect(e.memory, 0);
    expect(e.launching, 0.001);
    expect(e.bytes, 1e9);
    assert_int_equal(e.launches, 1);
    assert_string_equal(px_estimate_bound(&e), "arithmetic");
    /* the same with 20e9 bytes at 10 GB/s */
    e = estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT,
                    (px_launch){.node = CONV, .global = {8, 1, 1}, .flops = 85e9, .bytes = 20e9});
    expect(e.arithmetic, 0);
    expect(e.memory, 2);
    assert_string_equal(px_estimate_bound(&e), "memory");
    /* a stream of Adam's kind: 1.3 times what a copy moves */
    e = estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT,
                    (px_launch){.node = LEAKY, .global = {8, 1, 1}, .flops = 1e9, .bytes = 13e9});
    expect(e.memory, 1);
    /* three tenths of the multiply-adds between convolutions */
    e = estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT, (px_launch){.node = LEAKY, .global = {8, 1, 1}, .flops = 60e9});
    expect(e.arithmetic, 2);
    /* repacked weights: half of what a copy moves */
    e = estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT, (px_launch){.node = CONV, .global = {8, 1, 1}, .bytes = 5e9});
    expect(e.memory, 1);
    /* next to nothing to do */
    e = estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT,
                    (px_launch){.node = LEAKY, .global = {8, 1, 1}, .flops = 1, .bytes = 4});
    expect(e.launching, 0.001);
    assert_string_equal(px_estimate_bound(&e), "launches");
}

static void each_algorithm_and_class_has_its_own_share(void **state)
{
    const px_launch launch = {.node = CONV, .global = {1024, 64, 16}, .flops = 75e9};

    (void)state;
    expect(estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_WINOGRAD, launch).arithmetic, 0.75 / 0.8);
    expect(estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DOT, launch).arithmetic, 0.75 / 0.55);
    /* three quarters are left by latencies and tails */
    expect(estimate_of(PX_DEVICE_GPU_INTEGRATED, PX_ALGORITHM_WINOGRAD, launch).arithmetic, 1 / 0.91);
    expect(estimate_of(PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_WINOGRAD, launch).arithmetic, 1 / 0.9);
    expect(estimate_of(PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_DIRECT, launch).arithmetic, 1 / 0.25);
}

static void every_algorithm_has_a_density(void **state)
{
    const px_conv_problem problem = {
        .op = PX_OP_CONV, .kernel = 3, .stride = 1, .pad = 1, .block = 16, .x = {1, 32, 16, 16}, .y = {1, 32, 16, 16}};

    (void)state;
    for (int c = PX_DEVICE_CPU; c <= PX_DEVICE_ACCELERATOR; c++)
        for (int a = PX_ALGORITHM_NONE + 1; a < PX_ALGORITHM_COUNT; a++) {
            px_target target = {.device_class = (px_device_class)c};
            px_target_traits(&target);
            assert_non_null(px_conv_method_of((px_conv_algorithm)a)->density);
            const double density = px_conv_method_of((px_conv_algorithm)a)->density(&target, &problem);
            assert_true(density > 0 && density <= 1);
        }
}

static void few_work_items_keep_little_of_a_device_busy(void **state)
{
    px_launch launch = {.node = CONV, .global = {4, 1, 1}, .flops = 85e9};

    (void)state;
    /* four cores, four groups, then one */
    expect(estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT, launch).arithmetic, 1);
    launch.global[0] = 1;
    expect(estimate_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT, launch).arithmetic, 4);
    /* four multiprocessors with room for 16 waves of 32: a quarter of them is enough */
    launch = (px_launch){.node = CONV, .global = {32, 16, 1}, .flops = 67.5e9};
    expect(estimate_of(PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_WINOGRAD, launch).arithmetic, 1);
    launch.global[1] = 8;
    expect(estimate_of(PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_WINOGRAD, launch).arithmetic, 2);
    /* streams are not bound by it */
    launch = (px_launch){.node = LEAKY, .global = {1, 1, 1}, .bytes = 10e9};
    expect(estimate_of(PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_WINOGRAD, launch).memory, 1);
}

static void large_products_are_copied_by_clblast(void **state)
{
    px_launch launch = {.type = PX_LAUNCH_GEMM,
                        .node = CONV,
                        .gemm = {.m = 1000, .n = 2000, .k = 500},
                        .flops = 2e9,
                        .bytes = 4 * (1000 * 500 + 500 * 2000 + 1000 * 2000)};

    (void)state;
    px_estimate e = estimate_of(PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_GEMM, launch);
    assert_int_equal(e.launches, 1);
    expect(e.bytes, launch.bytes);
    expect(e.memory, 0);
    expect(e.arithmetic, 2e9 / (100e9 * 0.8 * 0.75));
    /* two copies before or behind it */
    launch.gemm.copies = 2;
    launch.gemm.scratch = 4000000;
    launch.bytes += 8000000;
    e = estimate_of(PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_GEMM, launch);
    assert_int_equal(e.launches, 3);
    expect(e.bytes, launch.bytes);
    expect(e.memory, 8e6 / 10e9);
    expect(e.arithmetic, 2e9 / (100e9 * 0.8 * 0.75));
    /* of one that memory binds, too, they count once */
    launch.flops = 2e6;
    e = estimate_of(PX_DEVICE_GPU_DISCRETE, PX_ALGORITHM_GEMM, launch);
    expect(e.memory, launch.bytes / 10e9);
    expect(e.arithmetic, 0);
}

static void launches_add_up(void **state)
{
    px_launch launches[] = {
        {.node = CONV, .global = {8, 1, 1}, .flops = 85e9, .bytes = 1e9},
        {.node = CONV, .global = {8, 1, 1}, .bytes = 5e9},
        {.node = LEAKY, .global = {8, 1, 1}, .flops = 1e9, .bytes = 6.5e9},
    };
    px_plan plan = plan_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT, launches, 3);
    px_estimate e;

    (void)state;
    assert_true(px_estimate_step(&plan, &speed, &e));
    expect(e.arithmetic, 1);
    expect(e.memory, 1.5);
    expect(e.launching, 0.003);
    expect(e.seconds, 2.503);
    expect(e.flops, 86e9);
    expect(e.bytes, 12.5e9);
    assert_int_equal(e.launches, 3);
    assert_string_equal(px_estimate_bound(&e), "memory");
    assert_string_equal(e.speed.device, "a device");
}

static void without_a_speed_there_is_no_estimate(void **state)
{
    px_launch launch = {.node = CONV, .global = {8, 1, 1}, .flops = 1};
    px_plan plan = plan_of(PX_DEVICE_CPU, PX_ALGORITHM_DIRECT, &launch, 1);
    px_speed none = speed;
    px_estimate e;

    (void)state;
    none.gflops = 0;
    assert_false(px_estimate_step(&plan, &none, &e));
    expect(e.seconds, 0);
    none = speed;
    none.gbps = 0;
    assert_false(px_estimate_step(&plan, &none, &e));
    /* without launches there is nothing to say, but it is known */
    plan.launch_count = 0;
    assert_true(px_estimate_step(&plan, &speed, &e));
    expect(e.seconds, 0);
}

static void known_devices_make_sense(void **state)
{
    const px_known_device *d;
    int count = 0;

    (void)state;
    for (; (d = px_known_device_at(count)); count++) {
        const px_speed s = px_known_device_speed(d);
        const px_target target = px_known_device_target(d);
        pixcl_error err = {0};
        assert_ptr_equal(px_known_device_named(d->name, &err), d);
        assert_string_equal(pixcl_plan_known_device(count), d->name);
        assert_string_equal(s.device, d->title);
        assert_false(s.measured);
        assert_true(s.gflops > 100 && s.gflops < 1e5 && s.gbps > 20 && s.gbps < 1e4);
        assert_true(s.launch_seconds >= 1e-6 && s.launch_seconds < 1e-4);
        assert_true(target.max_allocation <= target.memory && target.max_allocation >= (size_t)128 << 20);
        assert_true(target.max_work_group >= 256 && target.local_memory >= 32768);
        assert_true(target.gflops == s.gflops && target.gbps == s.gbps);
        assert_non_null(target.gemm_scratch);
    }
    assert_true(count >= 12);
    assert_null(px_known_device_at(-1));
    assert_null(pixcl_plan_known_device(count));
    expect(px_known_device_speed(px_known_device_named("iris-xe", NULL)).gflops, 2 * 96 * 8 * 1.3);
    expect(px_known_device_speed(px_known_device_named("iris-xe", NULL)).gbps, 0.8 * 68.3);
    expect(px_known_device_speed(px_known_device_named("h200", NULL)).gbps, 0.9 * 4800);
    pixcl_error err = {0};
    assert_null(px_known_device_named("iris", &err));
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "\"iris\""));
    assert_non_null(strstr(err.message, "uhd-620"));
    assert_non_null(strstr(err.message, "adreno-640"));
}

static px_training *training_of(const char *model)
{
    pixcl_options options;
    pixcl_error err = {0};
    px_options_default(&options, PIXCL_FOR_PLAN);
    if (pixcl_options_set(&options, "model", model, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    px_model_options o = px_model_options_of(&options, 1, 256, 256);
    px_training *training = px_training_create(&o, &err);
    if (!training)
        fail_msg("%s: %s", model, err.message);
    return training;
}

static void expect_within_limits(const char *device, const px_plan *plan)
{
    const px_target *t = &plan->target;
    if (plan->bytes > t->memory)
        fail_msg("%s: %zu bytes", device, plan->bytes);
    for (size_t c = 0; c < plan->chunk_count; c++)
        assert_true(4 * plan->chunks[c] <= t->max_allocation);
    for (size_t i = 0; i < plan->launch_count; i++) {
        const px_launch *l = &plan->launches[i];
        size_t group = 1, local = 0, cuts = 1;
        for (int d = 0; d < 3 && l->type == PX_LAUNCH_KERNEL; d++) {
            assert_true(l->global[d] > 0);
            group *= l->local[d] > 0 ? l->local[d] : 1;
            assert_int_equal(l->local[d] > 0 ? l->global[d] % l->local[d] : 0, 0);
            cuts *= l->global[d] / (l->local[d] > 0 ? l->local[d] : 1);
        }
        for (int a = 0; a < l->arg_count; a++)
            if (px_args_of(plan, l)[a].type == PX_ARG_LOCAL)
                local += 4 * (size_t)px_args_of(plan, l)[a].i;
        if (group > t->max_work_group || local > t->local_memory)
            fail_msg("%s: %s: groups of %zu with %zu bytes", device, l->label, group, local);
        if (l->type == PX_LAUNCH_KERNEL && cuts > 1 && l->flops > t->max_launch_flops)
            fail_msg("%s: %s: %g FLOP in one launch, of at most %g", device, l->label, l->flops, t->max_launch_flops);
    }
}

static void both_models_are_planned_within_the_limits_of_each_known_device(void **state)
{
    static const char *const models[] = {"pix2pix", "cycle_gan"};
    int fitting = 0;

    (void)state;
    for (int m = 0; m < 2; m++) {
        px_training *training = training_of(models[m]);
        const px_known_device *d;
        for (int i = 0; (d = px_known_device_at(i)); i++) {
            px_target target = px_known_device_target(d);
            const px_speed of_device = px_known_device_speed(d);
            px_estimate e;
            pixcl_error err = {0};
            px_target_default(&target);
            px_plan *plan = px_plan_create(training->graph, &target, &err);
            if (!plan && (err.status != PIXCL_ERROR_MEMORY || !strstr(err.message, "--crop_size")))
                fail_msg("%s on %s: %s", models[m], d->name, err.message);
            if (!plan)
                continue;
            fitting++;
            expect_within_limits(d->name, plan);
            assert_true(px_estimate_step(plan, &of_device, &e));
            /* no device does better than its multiply-adds or its memory allow, nor a hundred times worse */
            assert_true(e.seconds > e.flops / (1e9 * target.gflops) && e.seconds > e.bytes / (1e9 * target.gbps));
            assert_true(e.seconds < 100 * (e.flops / (1e9 * target.gflops) + e.bytes / (1e9 * target.gbps)));
            px_plan_destroy(&plan);
        }
        px_training_destroy(&training);
    }
    assert_true(fitting > 20);
}

/* What a step is on a GPU, whichever lanes it has. Columns for matrix products move more, 3x3 convolutions without
 * Winograd's transforms multiply more. */
static void steps_on_gpus_stay_within_bounds(void **state)
{
    static const struct {
        const char *name;
        double more; /* bytes: parts of small layers, which are split to keep a large device busy */
    } devices[] = {{"iris-xe", 1}, {"uhd-620", 1},     {"radeon-680m", 1},
                   {"vega-8", 1},  {"rtx-3060", 1.05}, {"h200", 1.25}};
    static const struct {
        const char *model;
        double gbytes, gflop;
        size_t launches;
    } bounds[] = {{"pix2pix", 3.2, 90, 430}, {"cycle_gan", 40, 760, 3300}};

    (void)state;
    for (int m = 0; m < 2; m++) {
        px_training *training = training_of(bounds[m].model);
        for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
            const px_known_device *d = px_known_device_named(devices[i].name, NULL);
            const px_speed of_device = px_known_device_speed(d);
            px_target target = px_known_device_target(d);
            pixcl_error err = {0};
            px_estimate e;
            px_target_default(&target);
            px_plan *plan = px_plan_create(training->graph, &target, &err);
            if (!plan)
                fail_msg("%s on %s: %s", bounds[m].model, devices[i].name, err.message);
            assert_true(px_estimate_step(plan, &of_device, &e));
            if (e.bytes > 1e9 * bounds[m].gbytes * devices[i].more || e.flops > 1e9 * bounds[m].gflop ||
                e.launches > bounds[m].launches)
                fail_msg("%s on %s: %.2f GB, %.1f GFLOP, %zu launches", bounds[m].model, devices[i].name, e.bytes / 1e9,
                         e.flops / 1e9, e.launches);
            px_plan_destroy(&plan);
        }
        px_training_destroy(&training);
    }
}

static pixcl_options small(void)
{
    static const char *const settings[][2] = {{"netG", "unet_32"}, {"ngf", "4"},         {"ndf", "4"},
                                              {"crop_size", "32"}, {"netD", "n_layers"}, {"n_layers_D", "1"}};
    pixcl_options options;
    px_options_default(&options, PIXCL_FOR_PLAN);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        assert_int_equal(pixcl_options_set(&options, settings[i][0], settings[i][1], NULL), PIXCL_OK);
    return options;
}

static char *describe(const pixcl_options *options, const char *on, pixcl_plan_format format, pixcl_error *err)
{
    const pixcl_plan_options plan = {.format = format, .on = on};
    return pixcl_plan_describe(NULL, options, &plan, err);
}

static void descriptions_end_with_the_estimate(void **state)
{
    const pixcl_options options = small();
    pixcl_error err = {0};

    (void)state;
    char *text = describe(&options, "vega-8", PIXCL_PLAN_TEXT, &err);
    assert_non_null(text);
    const char *line = strstr(text, "\nestimate: ");
    assert_non_null(line);
    assert_non_null(strstr(line, " s a step on AMD Radeon Vega 8 "));
    assert_non_null(strstr(line, "(modelled, not measured: 1229 GFLOP/s, 31 GB/s, 10 us a launch): arithmetic "));
    assert_non_null(strstr(line, "\nbound by launches: "));
    assert_null(strstr(line, "CLBlast"));
    pixcl_free(text);
    px_os_set_variable("PIXCL_CONV", "gemm");
    text = describe(&options, "vega-8", PIXCL_PLAN_TEXT, &err);
    px_os_set_variable("PIXCL_CONV", NULL);
    assert_non_null(strstr(text, "what CLBlast copies is a guess"));
    pixcl_free(text);
    text = describe(&options, "vega-8", PIXCL_PLAN_DOT, &err);
    assert_non_null(strstr(text, "  label=\"estimate: "));
    assert_string_equal(text + strlen(text) - 2, "}\n");
    pixcl_free(text);
    text = describe(&options, "vega-8", PIXCL_PLAN_JSON, &err);
    cJSON *json = px_json_parse(text, strlen(text), "dump", NULL);
    const cJSON *e = cJSON_GetObjectItem(json, "estimate");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(e, "bound")), "launches");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(e, "measured")));
    expect(cJSON_GetNumberValue(cJSON_GetObjectItem(e, "seconds_per_step")),
           cJSON_GetNumberValue(cJSON_GetObjectItem(e, "arithmetic_seconds")) +
               cJSON_GetNumberValue(cJSON_GetObjectItem(e, "memory_seconds")) +
               cJSON_GetNumberValue(cJSON_GetObjectItem(e, "launching_seconds")));
    expect(cJSON_GetNumberValue(cJSON_GetObjectItem(e, "flops")),
           cJSON_GetNumberValue(cJSON_GetObjectItem(json, "flops")));
    cJSON_Delete(json);
    pixcl_free(text);
}

static void wrong_calls_are_refused_with_and_without_an_error(void **state)
{
    pixcl_options options = small();
    pixcl_error err = {0};

    (void)state;
    assert_null(describe(NULL, "vega-8", PIXCL_PLAN_TEXT, &err));
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    assert_null(describe(NULL, NULL, PIXCL_PLAN_TEXT, NULL));
    assert_null(pixcl_plan_describe(NULL, &options, NULL, NULL));
    assert_null(
        pixcl_plan_describe(NULL, &options, &(pixcl_plan_options){.part = (pixcl_bench_part)3, .on = "vega-8"}, &err));
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    assert_null(
        pixcl_plan_describe(NULL, &options, &(pixcl_plan_options){.part = (pixcl_bench_part)3, .on = "vega-8"}, NULL));
    for (int format = -1; format <= 3; format += 4) {
        err = (pixcl_error){0};
        assert_null(describe(&options, "vega-8", (pixcl_plan_format)format, &err));
        assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, "format"));
        assert_null(describe(&options, "vega-8", (pixcl_plan_format)format, NULL));
    }
    assert_null(describe(&options, "vega-9", PIXCL_PLAN_TEXT, &err));
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    assert_null(describe(&options, "vega-9", PIXCL_PLAN_TEXT, NULL));
    assert_int_equal(pixcl_options_set(&options, "device", "cpu", NULL), PIXCL_OK);
    assert_null(describe(&options, "vega-8", PIXCL_PLAN_TEXT, &err));
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "--device cpu"));
    pixcl_bench_options bench = {0};
    pixcl_bench_result result;
    assert_int_equal(pixcl_bench(NULL, NULL, &bench, &result, NULL), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(pixcl_bench(NULL, &options, NULL, &result, NULL), PIXCL_ERROR_ARGUMENT);
    assert_int_equal(pixcl_bench(NULL, &options, &bench, NULL, NULL), PIXCL_ERROR_ARGUMENT);
    bench.part = (pixcl_bench_part)-1;
    assert_int_equal(pixcl_bench(NULL, &options, &bench, &result, NULL), PIXCL_ERROR_ARGUMENT);
    options = small();
    options.crop_size = 100; /* no multiple of 32 */
    assert_null(describe(&options, "vega-8", PIXCL_PLAN_TEXT, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_launch_takes_what_binds_it),
        cmocka_unit_test(each_algorithm_and_class_has_its_own_share),
        cmocka_unit_test(every_algorithm_has_a_density),
        cmocka_unit_test(few_work_items_keep_little_of_a_device_busy),
        cmocka_unit_test(large_products_are_copied_by_clblast),
        cmocka_unit_test(launches_add_up),
        cmocka_unit_test(without_a_speed_there_is_no_estimate),
        cmocka_unit_test(known_devices_make_sense),
        cmocka_unit_test(both_models_are_planned_within_the_limits_of_each_known_device),
        cmocka_unit_test(steps_on_gpus_stay_within_bounds),
        cmocka_unit_test(descriptions_end_with_the_estimate),
        cmocka_unit_test(wrong_calls_are_refused_with_and_without_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
