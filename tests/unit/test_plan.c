/* The planner without a device: what fuses and what may not, order, layouts, views, pieces, dumps. */
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
#include "graph/build.h"
#include "model/model.h"
#include "plan/plan.h"

#define EPSILON 1e-5f

static px_target cpu(void)
{
    px_target target = {
        .device_class = PX_DEVICE_CPU, .block = 16, .max_allocation = (size_t)1 << 30, .memory = (size_t)1 << 32};
    px_target_traits(&target);
    return target;
}

/* A graph under way. */
typedef struct draft {
    px_graph *graph;
    int names;
} draft;

static draft fresh(void)
{
    draft d = {.graph = px_graph_create(NULL)};
    assert_non_null(d.graph);
    return d;
}

static const char *new_name(draft *d)
{
    static char name[16];
    snprintf(name, sizeof name, "n%d", d->names++);
    return name;
}

static px_node map(draft *d, int n, int c, int h, int w)
{
    return px_input(d->graph, (px_shape){n, c, h, w}, new_name(d));
}

static px_node weight(draft *d, int d0, int d1, int k)
{
    return px_variable(d->graph, PX_WEIGHT, (px_shape){d0, d1, k, k}, new_name(d), false);
}

static px_node vector(draft *d, int channels)
{
    return px_variable(d->graph, PX_PLAIN, (px_shape){1, channels, 1, 1}, new_name(d), false);
}

static px_plan *plan_of(const draft *d, const px_target *target)
{
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(d->graph, target, &err);
    if (!plan)
        fail_msg("%s", err.message);
    return plan;
}

/* The launches' labels begin with these, in order; destroys plan and graph. */
static void expect_launches(draft *d, const px_target *target, const char *expected)
{
    px_plan *plan = plan_of(d, target);
    px_text found = {0};
    for (size_t i = 0; i < plan->launch_count; i++) {
        size_t length = strcspn(plan->launches[i].label, " ");
        px_text_add(&found, "%s%.*s", i ? " " : "", (int)length, plan->launches[i].label);
    }
    assert_string_equal(found.data ? found.data : "", expected);
    px_text_free(&found);
    px_plan_destroy(&plan);
    px_graph_destroy(&d->graph);
}

static draft conv_bias_leaky(bool second_reader)
{
    draft d = fresh();
    px_node y = px_conv(d.graph, map(&d, 1, 16, 8, 8), weight(&d, 32, 16, 4), 2, 1);
    y = px_bias(d.graph, y, vector(&d, 32));
    px_graph_output(d.graph, px_leaky(d.graph, y, 0.2f), NULL);
    if (second_reader)
        px_graph_output(d.graph, px_tanh(d.graph, y), NULL);
    return d;
}

static void a_convolution_takes_bias_and_activation_along(void **state)
{
    px_target target = cpu();
    draft d = conv_bias_leaky(false);

    (void)state;
    expect_launches(&d, &target, "conv_direct");
    d = conv_bias_leaky(true);
    expect_launches(&d, &target, "conv_direct leaky+tanh");
    target.no_fuse = true;
    d = conv_bias_leaky(false);
    expect_launches(&d, &target, "conv_direct bias leaky");
    target = cpu();
    target.conv = PX_ALGORITHM_GEMM;
    target.block = 1;
    d = conv_bias_leaky(false);
    expect_launches(&d, &target, "im2col gemm bias+leaky");
}

static void few_output_channels_put_the_lanes_elsewhere(void **state)
{
    px_target target = cpu();
    draft d = fresh();

    (void)state;
    px_graph_output(d.graph, px_conv(d.graph, map(&d, 1, 16, 8, 8), weight(&d, 1, 16, 4), 1, 1), NULL);
    px_graph_output(d.graph, px_conv_t(d.graph, map(&d, 1, 16, 8, 8), weight(&d, 16, 3, 4), 2, 1, 0), NULL);
    expect_launches(&d, &target, "conv_dot conv_dot");
}

static void pointwise_nodes_become_one_kernel(void **state)
{
    px_target target = cpu();
    draft d = fresh();
    px_node x = map(&d, 2, 6, 4, 4), stats = px_norm_stats(d.graph, x, false), y;

    (void)state;
    y = px_norm(d.graph, x, stats, vector(&d, 6), vector(&d, 6), EPSILON);
    px_graph_output(d.graph, px_relu(d.graph, px_dropout(d.graph, y, 0.5f)), NULL);
    expect_launches(&d, &target, "norm_stats reduce_moments norm+dropout+leaky");

    /* backward: the gradient is stored and summed in one pass */
    d = fresh();
    x = map(&d, 2, 6, 4, 4);
    stats = px_norm_stats(d.graph, x, false);
    px_node g = px_leaky_grad(d.graph, map(&d, 2, 6, 4, 4), map(&d, 2, 6, 4, 4), 0.2f);
    px_node sums = px_norm_sums(d.graph, x, stats, g, EPSILON);
    px_graph_output(d.graph, px_norm_grad(d.graph, x, stats, g, sums, PX_NONE, EPSILON), NULL);
    expect_launches(&d, &target, "norm_stats reduce_moments leaky_grad+norm_sums reduce_rows norm_grad");

    /* siblings: two readers of one value */
    d = fresh();
    x = map(&d, 1, 3, 4, 4);
    px_graph_output(d.graph, px_leaky(d.graph, x, 0.2f), NULL);
    px_graph_output(d.graph, px_relu(d.graph, x), NULL);
    expect_launches(&d, &target, "leaky+leaky");

    /* other shapes stay apart, and a group has an end: 15 nodes in kernels of six */
    d = fresh();
    x = map(&d, 1, 3, 4, 4);
    y = x;
    for (int i = 0; i < 5; i++)
        y = px_leaky(d.graph, px_add(d.graph, px_scale(d.graph, y, 0.5f), x), 0.2f);
    px_graph_output(d.graph, y, NULL);
    px_graph_output(d.graph, px_tanh(d.graph, map(&d, 1, 3, 4, 5)), NULL);
    expect_launches(&d, &target,
                    "scale+add+leaky+scale+add+leaky scale+add+leaky+scale+add+leaky scale+add+leaky tanh");
}

static void a_sum_is_not_ready_in_its_own_kernel(void **state)
{
    px_target target = cpu();
    draft d = fresh();
    px_node y = px_leaky(d.graph, map(&d, 1, 6, 4, 4), 0.2f);

    (void)state;
    px_graph_output(d.graph, px_bias(d.graph, y, px_channel_sum(d.graph, y)), NULL);
    expect_launches(&d, &target, "leaky+channel_sum reduce_rows bias");

    /* nor is a scalar that a kernel makes ready for itself as a factor of all elements */
    d = fresh();
    px_node loss = px_mse(d.graph, map(&d, 1, 6, 4, 4), 0), g = px_scale(d.graph, loss, 0.5f);
    px_graph_output(d.graph, px_mse_grad(d.graph, loss, g, 0), NULL);
    expect_launches(&d, &target, "mse reduce_mean scale mse_grad");

    /* nor is a picture of one pixel as a vector for another one */
    d = fresh();
    px_node pixel = px_scale(d.graph, map(&d, 1, 6, 1, 1), 2);
    px_graph_output(d.graph, px_bias(d.graph, map(&d, 1, 6, 1, 1), pixel), NULL);
    expect_launches(&d, &target, "scale bias");
}

static void an_update_between_keeps_its_place(void **state)
{
    px_target target = cpu();
    draft d = fresh();
    px_node x = px_scale(d.graph, map(&d, 1, 6, 4, 4), 0.5f), mean = vector(&d, 6), var = vector(&d, 6);

    (void)state;
    px_node before = px_bias(d.graph, x, mean);
    px_norm_update(d.graph, mean, var, px_norm_running(d.graph, vector(&d, 6), vector(&d, 6)), 0.1f, 9);
    px_graph_output(d.graph, px_add(d.graph, before, px_bias(d.graph, x, mean)), NULL);
    expect_launches(&d, &target, "scale+bias sum_rows sum_rows norm_update bias+add");
}

static void what_works_by_channels_needs_pictures(void **state)
{
    const px_target target = cpu();

    (void)state;
    for (int i = 0; i < 3; i++) {
        draft d = fresh();
        pixcl_error err = {0};
        px_node x = vector(&d, 6);
        px_graph_output(d.graph,
                        i == 0   ? px_bias(d.graph, x, vector(&d, 6))
                        : i == 1 ? px_dropout(d.graph, x, 0.5f)
                                 : px_channel_sum(d.graph, x),
                        NULL);
        assert_null(px_plan_create(d.graph, &target, &err));
        assert_non_null(strstr(err.message, (const char *[]){"bias", "dropout", "channel_sum"}[i]));
        px_graph_destroy(&d.graph);
    }
}

static void weights_in_different_orders_are_not_mixed(void **state)
{
    const px_target target = cpu();
    pixcl_error err = {0};
    draft d = fresh();
    px_node w = weight(&d, 16, 16, 3), gradient = weight(&d, 16, 16, 3), other = weight(&d, 16, 16, 3);

    (void)state;
    px_graph_output(d.graph, px_conv(d.graph, map(&d, 1, 16, 4, 4), w, 1, 1), NULL);
    px_adam(d.graph, w, gradient, weight(&d, 16, 16, 3), weight(&d, 16, 16, 3),
            px_adam_optimiser(d.graph, 0.5, 0.999, 1e-8));
    px_graph_output(d.graph, px_add(d.graph, gradient, other), NULL);
    assert_null(px_plan_create(d.graph, &target, &err));
    assert_non_null(strstr(err.message, "different orders"));
    px_graph_destroy(&d.graph);
}

static void nobody_works_for_nothing(void **state)
{
    px_target target = cpu();
    draft d = fresh();
    px_node x = map(&d, 1, 3, 4, 4), unused = px_tanh(d.graph, px_scale(d.graph, x, 2));

    (void)state;
    px_graph_output(d.graph, px_relu(d.graph, x), NULL);
    px_plan *plan = plan_of(&d, &target);
    assert_int_equal(plan->values[unused].buffer, -1);
    assert_int_equal(plan->launch_count, 1);
    px_plan_destroy(&plan);
    px_graph_destroy(&d.graph);
}

/* Index of the first launch from `from` on that computes a node of that op; the count of launches when there is
 * none. */
static size_t find_launch(const px_plan *plan, px_op op, size_t from)
{
    size_t i = from;
    while (i < plan->launch_count && plan->nodes[plan->launches[i].node].op != op)
        i++;
    return i;
}

/* Two layers with gradients and Adam; all Adam nodes come last in the graph. */
static draft two_layers(px_node weights[2])
{
    draft d = fresh();
    px_node gradients[2];
    int optimiser = px_adam_optimiser(d.graph, 0.5, 0.999, 1e-8);
    weights[0] = weight(&d, 16, 3, 4);
    weights[1] = weight(&d, 1, 16, 4);
    px_node hidden = px_leaky(d.graph, px_conv(d.graph, map(&d, 1, 3, 12, 12), weights[0], 2, 1), 0.2f);
    px_node loss = px_bce(d.graph, px_conv(d.graph, hidden, weights[1], 1, 1), 1);
    px_graph_output(d.graph, loss, "loss");
    px_graph_gradients(d.graph, loss, weights, 2, gradients);
    for (int i = 0; i < 2; i++) {
        px_shape s = d.graph->nodes[weights[i]].shape;
        px_node m = px_variable(d.graph, PX_WEIGHT, s, new_name(&d), true);
        px_adam(d.graph, weights[i], gradients[i], m, px_variable(d.graph, PX_WEIGHT, s, new_name(&d), true),
                optimiser);
    }
    return d;
}

static void adam_follows_its_gradient_at_once(void **state)
{
    const px_target target = cpu();
    px_node weights[2];
    draft d = two_layers(weights);
    px_plan *plan = plan_of(&d, &target);
    size_t second_gradient = find_launch(plan, PX_OP_CONV_WGRAD, 0), adam = find_launch(plan, PX_OP_ADAM, 0);
    size_t towards_hidden = find_launch(plan, PX_OP_CONV_T, 0);
    size_t first_gradient = find_launch(plan, PX_OP_CONV_WGRAD, adam);

    (void)state;
    /* the last layer's gradient and the last reader of its weight, its Adam step, and only then the first layer */
    assert_true(second_gradient < adam && towards_hidden < adam);
    assert_true(adam < first_gradient && first_gradient < plan->launch_count);
    assert_int_equal(plan->nodes[plan->launches[adam].node].inputs[0], weights[1]);
    assert_int_equal(find_launch(plan, PX_OP_ADAM, first_gradient), plan->launch_count - 1);
    px_plan_destroy(&plan);
    px_graph_destroy(&d.graph);
}

static void weights_and_what_adam_pairs_with_them_lie_alike(void **state)
{
    static const struct {
        px_conv_algorithm conv;
        int block;
        px_weight_layout first, second;
    } expected[] = {
        {PX_ALGORITHM_NONE, 16, PX_WEIGHT_AXIS0,
         PX_WEIGHT_AXIS1}, /* 3 to 16 channels, then 16 to 1: lanes are inputs */
        {PX_ALGORITHM_GEMM, 16, PX_WEIGHT_PLAIN, PX_WEIGHT_PLAIN},
        {PX_ALGORITHM_GEMM, 1, PX_WEIGHT_PLAIN, PX_WEIGHT_PLAIN},
    };
    px_target target = cpu();

    (void)state;
    for (size_t e = 0; e < sizeof expected / sizeof expected[0]; e++) {
        px_node weights[2];
        draft d = two_layers(weights);
        target.conv = expected[e].conv;
        target.block = expected[e].block;
        px_plan *plan = plan_of(&d, &target);
        assert_int_equal(plan->values[weights[0]].layout, expected[e].first);
        assert_int_equal(plan->values[weights[1]].layout, expected[e].second);
        for (px_node i = 0; i < plan->node_count; i++)
            for (int k = 1; plan->nodes[i].op == PX_OP_ADAM && k < 4; k++)
                assert_int_equal(plan->values[plan->nodes[i].inputs[k]].layout,
                                 plan->values[plan->nodes[i].inputs[0]].layout);
        px_plan_destroy(&plan);
        px_graph_destroy(&d.graph);
    }
}

static void blocks_divide_channels(void **state)
{
    static const int channels[] = {1, 3, 6, 8, 24, 48},
                     blocks[3][6] = {{1, 1, 2, 8, 8, 16}, {1, 1, 2, 4, 4, 4}, {1, 1, 1, 1, 1, 1}};
    px_target target = cpu();

    (void)state;
    for (int t = 0; t < 3; t++) {
        draft d = fresh();
        px_node nodes[6];
        target.block = (int[]){16, 4, 1}[t];
        for (int i = 0; i < 6; i++)
            nodes[i] = px_graph_output(d.graph, px_tanh(d.graph, map(&d, 1, channels[i], 2, 2)), NULL);
        px_plan *plan = plan_of(&d, &target);
        for (int i = 0; i < 6; i++)
            assert_int_equal(plan->values[nodes[i]].block, blocks[t][i]);
        px_plan_destroy(&plan);
        px_graph_destroy(&d.graph);
    }
}

/* Whether both are in one buffer. */
static bool shares(const px_plan *plan, px_node a, px_node b)
{
    return plan->values[a].buffer >= 0 && plan->values[a].buffer == plan->values[b].buffer;
}

static void concats_and_slices_are_views_where_blocks_agree(void **state)
{
    px_target target = cpu();
    draft d = fresh();

    (void)state;
    px_node a = px_tanh(d.graph, map(&d, 2, 16, 3, 3)), b = px_scale(d.graph, map(&d, 2, 32, 3, 3), 2);
    px_node both = px_concat(d.graph, a, b);
    px_node aligned = px_slice(d.graph, both, 16, 16), inside = px_slice(d.graph, both, 8, 16);
    px_node odd = px_tanh(d.graph, map(&d, 2, 3, 3, 3)), mixed = px_concat(d.graph, odd, a);
    px_graph_output(d.graph, px_relu(d.graph, aligned), NULL);
    px_graph_output(d.graph, px_relu(d.graph, inside), NULL);
    px_graph_output(d.graph, px_relu(d.graph, mixed), NULL);
    px_plan *plan = plan_of(&d, &target);
    assert_true(shares(plan, a, both) && shares(plan, b, both) && shares(plan, aligned, both));
    assert_int_equal(plan->values[b].offset - plan->values[both].offset, 16 * 9);
    assert_int_equal(plan->values[aligned].offset - plan->values[both].offset, 16 * 9);
    assert_int_equal(plan->values[a].stride_n, 48 * 9);
    assert_false(shares(plan, inside, both)); /* begins in the middle of a block */
    assert_true(shares(plan, odd, mixed));    /* both have blocks of one channel */
    assert_false(shares(plan, a, mixed));
    px_plan_destroy(&plan);
    target.no_alias = true;
    plan = plan_of(&d, &target);
    assert_false(shares(plan, a, both) || shares(plan, b, both) || shares(plan, aligned, both));
    px_plan_destroy(&plan);
    px_graph_destroy(&d.graph);
}

static void large_launches_are_cut_into_pieces(void **state)
{
    px_target target = cpu();
    draft d = fresh();

    (void)state;
    target.conv = PX_ALGORITHM_DIRECT;
    px_graph_output(d.graph, px_conv(d.graph, map(&d, 1, 16, 16, 16), weight(&d, 16, 16, 3), 1, 1), NULL);
    px_plan *plan = plan_of(&d, &target);
    assert_int_equal(plan->launch_count, 1);
    const px_launch whole = plan->launches[0];
    px_plan_destroy(&plan);
    for (int i = 0; i < 4; i++) {
        const bool by_bytes = i % 2;
        const double part = i < 2 ? 3 : 5.5; /* into four pieces of one length, and into six that cannot be */
        target.max_launch_flops = by_bytes ? 2 * whole.flops : whole.flops / part;
        target.max_launch_bytes = by_bytes ? whole.bytes / part : 0;
        plan = plan_of(&d, &target);
        assert_true(plan->launch_count >= 3);
        size_t items = 0, all = whole.global[0] * whole.global[1] * whole.global[2];
        double flops = 0;
        for (size_t l = 0; l < plan->launch_count; l++) {
            const px_launch *piece = &plan->launches[l];
            items += piece->global[0] * piece->global[1] * piece->global[2];
            flops += piece->flops;
            for (int k = 0; k < 3; k++)
                assert_true(piece->global[k] > 0 && piece->first[k] + piece->global[k] <= whole.global[k]);
        }
        assert_int_equal(items, all);
        assert_true(flops > 0.999 * whole.flops && flops < 1.001 * whole.flops);
        px_plan_destroy(&plan);
    }
    px_graph_destroy(&d.graph);
}

static px_training *small_pix2pix(void)
{
    const px_model_options options = {.netG = "unet_64",
                                      .netD = "n_layers",
                                      .n_layers_D = 1,
                                      .input_nc = 3,
                                      .output_nc = 3,
                                      .ngf = 8,
                                      .ndf = 8,
                                      .dropout = true,
                                      .lambda_L1 = 100,
                                      .beta1 = 0.5f,
                                      .batch = 1,
                                      .height = 64,
                                      .width = 64};
    pixcl_error err = {0};
    px_training *training = px_training_pix2pix(&options, &err);
    if (!training)
        fail_msg("%s", err.message);
    return training;
}

static bool has_launch(const px_plan *plan, const char *label)
{
    for (size_t i = 0; i < plan->launch_count; i++)
        if (strcmp(plan->launches[i].label, label) == 0)
            return true;
    return false;
}

static void a_pix2pix_step_fuses(void **state)
{
    px_training *training = small_pix2pix();
    const draft d = {.graph = training->graph};
    px_target target = cpu();
    px_plan *plan = plan_of(&d, &target);
    size_t fused = plan->launch_count, bytes = plan->bytes;

    (void)state;
    /* on the way up: norm, dropout, relu; on the way down: norm, leaky for the next level, and the skip's relu */
    assert_true(has_launch(plan, "norm+dropout+leaky") && has_launch(plan, "norm+leaky+leaky"));
    /* what stands behind every convolution of a U-Net or PatchGAN never runs alone */
    assert_false(has_launch(plan, "bias") || has_launch(plan, "tanh") || has_launch(plan, "dropout"));
    px_plan_destroy(&plan);
    target.no_fuse = true;
    plan = plan_of(&d, &target);
    assert_true(plan->launch_count > fused + fused / 8);
    px_plan_destroy(&plan);
    target = cpu();
    target.no_reuse = true;
    plan = plan_of(&d, &target);
    assert_true(plan->bytes > bytes);
    px_plan_destroy(&plan);
    px_training_destroy(&training);
}

static void dumps_can_be_read(void **state)
{
    px_training *training = small_pix2pix();
    const draft d = {.graph = training->graph};
    const px_target target = cpu();
    px_plan *plan = plan_of(&d, &target);

    (void)state;
    char *text = px_plan_dump(plan, PX_DUMP_JSON, NULL, NULL);
    cJSON *json = px_json_parse(text, strlen(text), "dump", NULL);
    assert_non_null(json);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "nodes")), plan->node_count);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "launches")), (int)plan->launch_count);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(json, "bytes")) == (double)plan->bytes);
    cJSON_Delete(json);
    px_free(text);

    text = px_plan_dump(plan, PX_DUMP_DOT, NULL, NULL);
    assert_memory_equal(text, "digraph ", 8);
    assert_non_null(strstr(text, "n0 -> "));
    assert_string_equal(text + strlen(text) - 2, "}\n");
    px_free(text);

    text = px_plan_dump(plan, PX_DUMP_TEXT, NULL, NULL);
    assert_non_null(strstr(text, "\nlaunches: "));
    assert_non_null(strstr(text, "G.model.model.0.weight"));
    assert_non_null(strstr(text, "\nmemory: "));
    px_free(text);
    px_plan_destroy(&plan);
    px_training_destroy(&training);
}

static void the_device_class_and_the_environment_set_the_target(void **state)
{
    static const struct {
        px_device_class device_class;
        const char *conv, *block;
        px_conv_algorithm expected_conv;
        int expected_block;
    } rows[] = {
        {PX_DEVICE_CPU, NULL, NULL, PX_ALGORITHM_NONE, 16},
        {PX_DEVICE_CPU, "winograd", NULL, PX_ALGORITHM_WINOGRAD, 16},
        {PX_DEVICE_CPU, "none such", NULL, PX_ALGORITHM_NONE, 16},
        {PX_DEVICE_GPU_DISCRETE, NULL, NULL, PX_ALGORITHM_NONE, 16},
        {PX_DEVICE_CPU, "gemm", NULL, PX_ALGORITHM_GEMM, 1},
        {PX_DEVICE_CPU, "direct", "4", PX_ALGORITHM_DIRECT, 4},
        {PX_DEVICE_CPU, "direct", "5", PX_ALGORITHM_DIRECT, 16},
        {PX_DEVICE_GPU_INTEGRATED, "direct", NULL, PX_ALGORITHM_DIRECT, 16},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        px_target target = {.device_class = rows[i].device_class, .memory = 1000};
        px_os_set_variable("PIXCL_CONV", rows[i].conv);
        px_os_set_variable("PIXCL_BLOCK", rows[i].block);
        px_target_default(&target);
        assert_int_equal(target.conv, rows[i].expected_conv);
        assert_int_equal(target.block, rows[i].expected_block);
        assert_int_equal(target.memory, 1000);
        assert_false(target.no_fuse || target.no_alias || target.no_reuse);
    }
    px_os_set_variable("PIXCL_CONV", NULL);
    px_os_set_variable("PIXCL_BLOCK", NULL);
    px_os_set_variable("PIXCL_PLAN_OFF", "fuse,reuse");
    px_os_set_variable("PIXCL_MEMORY_LIMIT", "500");
    px_target target = {.device_class = PX_DEVICE_CPU, .memory = 1000};
    px_target_default(&target);
    assert_true(target.no_fuse && target.no_reuse && !target.no_alias);
    assert_int_equal(target.memory, 500);
    px_os_set_variable("PIXCL_PLAN_OFF", NULL);
    px_os_set_variable("PIXCL_MEMORY_LIMIT", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_convolution_takes_bias_and_activation_along),
        cmocka_unit_test(few_output_channels_put_the_lanes_elsewhere),
        cmocka_unit_test(pointwise_nodes_become_one_kernel),
        cmocka_unit_test(a_sum_is_not_ready_in_its_own_kernel),
        cmocka_unit_test(an_update_between_keeps_its_place),
        cmocka_unit_test(what_works_by_channels_needs_pictures),
        cmocka_unit_test(weights_in_different_orders_are_not_mixed),
        cmocka_unit_test(nobody_works_for_nothing),
        cmocka_unit_test(adam_follows_its_gradient_at_once),
        cmocka_unit_test(weights_and_what_adam_pairs_with_them_lie_alike),
        cmocka_unit_test(blocks_divide_channels),
        cmocka_unit_test(concats_and_slices_are_views_where_blocks_agree),
        cmocka_unit_test(large_launches_are_cut_into_pieces),
        cmocka_unit_test(a_pix2pix_step_fuses),
        cmocka_unit_test(dumps_can_be_read),
        cmocka_unit_test(the_device_class_and_the_environment_set_the_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
