/* graph: shapes, the sticky error and its words, names, the verifier, and what autodiff makes and leaves out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "graph/build.h"

static px_graph *fresh(void)
{
    px_graph *graph = px_graph_create(NULL);
    assert_non_null(graph);
    return graph;
}

static px_node activation(px_graph *graph, int n, int c, int h, int w, const char *name)
{
    return px_input(graph, (px_shape){n, c, h, w}, name);
}

static px_node weight(px_graph *graph, int d0, int d1, int k, const char *name)
{
    return px_variable(graph, PX_WEIGHT, (px_shape){d0, d1, k, k}, name, false);
}

static px_node vector(px_graph *graph, int channels, const char *name)
{
    return px_variable(graph, PX_PLAIN, (px_shape){1, channels, 1, 1}, name, false);
}

static void expect_shape(const px_graph *graph, px_node node, int n, int c, int h, int w)
{
    assert_int_not_equal(node, PX_NONE);
    const px_shape s = graph->nodes[node].shape;
    assert_true(px_shape_equal(s, (px_shape){n, c, h, w}));
}

static int count_op(const px_graph *graph, px_op op)
{
    int count = 0;
    for (size_t i = 0; i < graph->count; i++)
        count += graph->nodes[i].op == op;
    return count;
}

static void expect_error(px_graph **graph, const char *part)
{
    pixcl_error err = {0};
    assert_int_not_equal(px_graph_check(*graph, &err), PIXCL_OK);
    if (!strstr(err.message, part))
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
    px_graph_destroy(graph);
    assert_null(*graph);
}

static void every_op_is_described(void **state)
{
    (void)state;
    for (int op = 0; op < PX_OP_COUNT; op++) {
        const px_op_info *info = px_op_describe((px_op)op);
        assert_non_null(info);
        assert_true(info->name[0] && info->help[0]);
        assert_in_range(info->most, info->fewest, PX_MAX_INPUTS);
        assert_true(info->op_class == PX_SOURCE || info->most > 0);
    }
    assert_null(px_op_describe(PX_OP_COUNT));
    assert_null(px_op_describe((px_op)-1));
}

static void shapes_follow_pytorch(void **state)
{
    px_graph *g = fresh();
    px_node x = activation(g, 2, 3, 9, 7, "x"), w = weight(g, 5, 3, 4, "w"), t = weight(g, 3, 6, 3, "t");

    (void)state;
    px_node y = px_conv(g, x, w, 2, 1);
    expect_shape(g, y, 2, 5, 4, 3);
    assert_int_equal(g->nodes[y].attrs.kernel, 4);
    expect_shape(g, px_conv(g, x, w, 1, 1), 2, 5, 8, 6);
    expect_shape(g, px_conv_t(g, x, t, 2, 1, 0), 2, 6, 17, 13);
    expect_shape(g, px_conv_t(g, x, t, 2, 1, 1), 2, 6, 18, 14);
    px_node dw = px_conv_wgrad(g, x, y, 4, 2, 1);
    expect_shape(g, dw, 5, 3, 4, 4);
    assert_int_equal(g->nodes[dw].kind, PX_WEIGHT);
    expect_shape(g, px_norm_stats(g, x, false), 1, 2, 1, 3);
    expect_shape(g, px_norm_stats(g, x, true), 2, 2, 1, 3);
    expect_shape(g, px_channel_sum(g, x), 1, 3, 1, 1);
    expect_shape(g, px_concat(g, x, x), 2, 6, 9, 7);
    expect_shape(g, px_slice(g, x, 1, 2), 2, 2, 9, 7);
    px_node padded = px_reflect_pad(g, x, 3);
    expect_shape(g, padded, 2, 3, 15, 13);
    expect_shape(g, px_reflect_pad_grad(g, padded, 3), 2, 3, 9, 7);
    expect_shape(g, px_reflect_pad(g, x, 6), 2, 3, 21, 19); /* all but one pixel of a row are reflected */
    expect_shape(g, px_reflect_pad(g, x, 0), 2, 3, 9, 7);
    expect_shape(g, px_upsample(g, x), 2, 3, 18, 14);
    expect_shape(g, px_upsample_grad(g, px_upsample(g, x)), 2, 3, 9, 7);
    px_node pick = px_pool_pick(g, px_variable(g, PX_ACTIVATION, (px_shape){5, 3, 9, 7}, "pool", true), x);
    expect_shape(g, pick, 2, 3, 9, 7);
    expect_shape(g, px_pool_store(g, pick), 5, 3, 9, 7);
    expect_shape(g, px_l1(g, x, x), 1, 1, 1, 1);
    assert_int_equal(px_graph_verify(g, NULL), PIXCL_OK);
    px_graph_destroy(&g);
}

static void the_first_error_sticks_and_names_op_and_shapes(void **state)
{
    px_graph *g = fresh();
    px_node x = activation(g, 1, 3, 8, 8, "x"), w = weight(g, 5, 4, 4, "w");

    (void)state;
    size_t before = g->count;
    px_node y = px_conv(g, x, w, 2, 1);
    assert_int_equal(y, PX_NONE);
    assert_int_equal(px_bias(g, y, vector(g, 5, "b")), PX_NONE); /* and no word about it */
    assert_int_equal(px_graph_output(g, y, "y"), PX_NONE);
    assert_int_equal(g->count, before);
    expect_error(&g, "conv: x has 3 channels, the weights take 4; inputs (1,3,8,8) (5,4,4,4)");
}

/* One wrong call each, and what the message must contain. */
static void wrong_calls_are_refused_in_words(void **state)
{
    (void)state;
#define REFUSED(words, ...)                                                                                            \
    do {                                                                                                               \
        px_graph *g = fresh();                                                                                         \
        px_node x = activation(g, 2, 3, 8, 8, "x"), w = weight(g, 4, 3, 4, "w"), b = vector(g, 4, "b");                \
        (void)x, (void)w, (void)b;                                                                                     \
        assert_int_equal((__VA_ARGS__), PX_NONE);                                                                      \
        expect_error(&g, words);                                                                                       \
    } while (0)
    REFUSED("add: input 1 is missing", px_add(g, x, PX_NONE));
    REFUSED("input 1 does not exist", px_graph_add(g, PX_OP_ADD, (px_node[]){0, 99}, 2, NULL, NULL));
    REFUSED("takes 2 to 2", px_graph_add(g, PX_OP_ADD, &x, 1, NULL, NULL));
    REFUSED("unknown op", px_graph_add(g, PX_OP_COUNT, &x, 1, NULL, NULL));
    REFUSED("must be equal", px_add(g, x, b));
    REFUSED("(1,3,1,1)", px_bias(g, x, b));
    REFUSED("stride >= 1", px_conv(g, x, w, 0, 1));
    REFUSED("square weights", px_conv(g, x, x, 1, 1));
    REFUSED("smaller than the 4x4 kernel", px_conv(g, activation(g, 1, 3, 1, 8, "small"), w, 1, 1));
    REFUSED("in [0, stride)", px_conv_t(g, activation(g, 1, 4, 2, 2, "small"), w, 2, 1, 2));
    px_attrs high = {.stride = 2, .pad = 1, .output_pad_h = 2}, wide = {.stride = 2, .pad = 1, .output_pad_w = 2};
    REFUSED("output_pad 2,0",
            px_graph_add(g, PX_OP_CONV_T, (px_node[]){activation(g, 1, 4, 2, 2, "small"), w}, 2, &high, NULL));
    REFUSED("output_pad 0,2",
            px_graph_add(g, PX_OP_CONV_T, (px_node[]){activation(g, 1, 4, 2, 2, "small"), w}, 2, &wide, NULL));
    REFUSED("would be empty", px_conv_t(g, activation(g, 1, 4, 1, 1, "small"), w, 1, 2, 0));
    REFUSED("2^31 elements",
            px_concat(g, activation(g, 1 << 15, 1 << 15, 1, 1, "p"), activation(g, 1 << 15, 1 << 15, 1, 1, "q")));
    REFUSED("no output of a 4x4 convolution", px_conv_wgrad(g, x, x, 4, 2, 1));
    REFUSED("slope -1", px_leaky(g, x, -1));
    REFUSED("probability 1", px_dropout(g, x, 1));
    REFUSED("statistics must be", px_norm(g, x, b, PX_NONE, PX_NONE, 1e-5f));
    REFUSED("input 3 is missing", px_norm(g, x, px_norm_stats(g, x, false), vector(g, 3, "gamma"), PX_NONE, 1e-5f));
    REFUSED("gamma and beta must be", px_norm(g, x, px_norm_stats(g, x, false), b, b, 1e-5f));
    REFUSED("row 2", px_norm_row(g, px_norm_stats(g, x, false), 2));
    REFUSED("two channel vectors", px_norm_update(g, b, b, px_norm_stats(g, x, true), 0.1f, 64));
    REFUSED("all but the channels", px_concat(g, x, activation(g, 2, 3, 8, 4, "narrow")));
    REFUSED("channels 2 to 3", px_slice(g, x, 2, 2));
    REFUSED("both sides must be more than 8 pixels; inputs (2,3,8,8)", px_reflect_pad(g, x, 8));
    REFUSED("more than 4 pixels", px_reflect_pad(g, activation(g, 1, 3, 8, 4, "narrow"), 4));
    REFUSED("pad >= 0, not -1", px_reflect_pad(g, x, -1));
    REFUSED("needs a picture", px_reflect_pad(g, w, 1));
    REFUSED("no picture padded by 3", px_reflect_pad_grad(g, x, 3));
    REFUSED("pad >= 0, not -1", px_reflect_pad_grad(g, x, -1));
    REFUSED("no picture padded by 2147483647", px_reflect_pad_grad(g, x, 2147483647));
    REFUSED("needs a picture", px_reflect_pad_grad(g, b, 0));
    REFUSED("needs a picture", px_upsample(g, w));
    REFUSED("the sides are too large", px_upsample(g, activation(g, 1, 1, 1, 1 << 30, "wide")));
    REFUSED("even sides; inputs (1,3,8,7)", px_upsample_grad(g, activation(g, 1, 3, 8, 7, "odd")));
    REFUSED("even sides", px_upsample_grad(g, b));
    REFUSED("the pool and x must be pictures", px_pool_pick(g, b, b));
    REFUSED("those of x must have equal shapes; inputs (5,3,8,4) (2,3,8,8)",
            px_pool_pick(g, px_variable(g, PX_ACTIVATION, (px_shape){5, 3, 8, 4}, "pool", true), x));
    REFUSED("pool_store: input 0 is missing", px_pool_store(g, PX_NONE));
    REFUSED("must be a scalar", px_mse_grad(g, x, b, 1));
    REFUSED("smooth_l1: beta must be above 0, not 0", px_smooth_l1(g, x, x, 0));
    REFUSED("beta must be above 0, not nan", px_smooth_l1_grad(g, x, x, px_mean(g, x), NAN));
    REFUSED("no optimiser 0", px_adam(g, w, w, w, w, 0));
    REFUSED("empty", activation(g, 1, 0, 8, 8, "none"));
#undef REFUSED
}

static void a_failed_allocation_is_an_error_like_any_other(void **state)
{
    px_graph *g = fresh();

    (void)state;
    px_fail_allocation(1);
    assert_int_equal(activation(g, 1, 1, 1, 1, "x"), PX_NONE);
    px_fail_allocation(0);
    assert_int_equal(px_graph_check(g, NULL), PIXCL_ERROR_MEMORY);
    px_graph_destroy(&g);
}

static void names_find_inputs_and_variables(void **state)
{
    px_graph *g = fresh();
    char long_name[PX_NAME_SIZE + 1];
    px_node x = activation(g, 1, 1, 2, 2, "x"), b = vector(g, 1, "G.model.0.bias");

    (void)state;
    px_node y = px_graph_output(g, px_bias(g, x, b), "y");
    assert_int_equal(px_graph_find(g, "x"), x);
    assert_int_equal(px_graph_find(g, "G.model.0.bias"), b);
    assert_int_equal(px_graph_find(g, "y"), PX_NONE); /* outputs are known by their node */
    assert_true(g->nodes[y].output);
    assert_string_equal(px_graph_node(g, y)->name, "y");
    assert_null(px_graph_node(g, PX_NONE));
    assert_null(px_graph_node(g, 3));
    memset(long_name, 'n', PX_NAME_SIZE);
    long_name[PX_NAME_SIZE] = '\0';
    assert_int_equal(vector(g, 1, long_name), PX_NONE);
    expect_error(&g, "longer than 191 bytes");
}

static void the_verifier_finds_what_the_builder_did_not_make(void **state)
{
    pixcl_error err = {0};
    px_graph *g = fresh();
    px_node x = activation(g, 1, 3, 8, 8, "x"), y = px_relu(g, x), z = px_add(g, y, y);

    (void)state;
    assert_int_equal(px_graph_verify(g, &err), PIXCL_OK);
    const px_node not_before[] = {z, y};
    for (int i = 0; i < 2; i++) {
        g->nodes[y].inputs[0] = not_before[i];
        assert_int_equal(px_graph_verify(g, &err), PIXCL_ERROR_INTERNAL);
        assert_non_null(strstr(err.message, "not before it"));
    }
    g->nodes[y].inputs[0] = x;
    g->nodes[z].shape.w = 9;
    assert_int_equal(px_graph_verify(g, &err), PIXCL_ERROR_INTERNAL);
    assert_non_null(strstr(err.message, "another shape"));
    g->nodes[z].shape.w = 8;
    g->nodes[z].input_count = 1;
    assert_int_equal(px_graph_verify(g, &err), PIXCL_ERROR_INTERNAL);
    assert_non_null(strstr(err.message, "number of inputs"));
    g->nodes[z].input_count = 2;
    activation(g, 1, 1, 1, 1, "x");
    assert_int_equal(px_graph_verify(g, &err), PIXCL_ERROR_INTERNAL);
    assert_non_null(strstr(err.message, "both named x"));
    px_graph_destroy(&g);
}

static void gradients_make_only_what_is_wanted(void **state)
{
    px_graph *g = fresh();
    px_node x = activation(g, 2, 3, 9, 7, "x"), target = activation(g, 2, 5, 4, 3, "target");
    px_node w = weight(g, 5, 3, 4, "w"), b = vector(g, 5, "b"), other = vector(g, 5, "other");
    px_node y = px_leaky(g, px_bias(g, px_conv(g, x, w, 2, 1), b), 0.2f);
    px_node loss = px_l1(g, y, target), wanted[] = {w, b, other}, gradient[3];

    (void)state;
    g->stage = 2;
    size_t before = g->count;
    px_graph_gradients(g, loss, wanted, 3, gradient);
    assert_int_equal(px_graph_verify(g, NULL), PIXCL_OK);
    expect_shape(g, gradient[0], 5, 3, 4, 4);
    expect_shape(g, gradient[1], 1, 5, 1, 1);
    assert_int_equal(gradient[2], PX_NONE);
    /* constant 1, l1_grad, leaky_grad, conv_wgrad, channel_sum: nothing towards x or the target */
    assert_int_equal(g->count - before, 5);
    assert_int_equal(count_op(g, PX_OP_CONV_T), 0);
    assert_int_equal(count_op(g, PX_OP_L1_GRAD), 1);
    for (size_t i = before; i < g->count; i++)
        assert_int_equal(g->nodes[i].stage, 2);
    px_graph_destroy(&g);
}

static void gradients_stop_at_a_wanted_activation(void **state)
{
    px_graph *g = fresh();
    px_node x = activation(g, 1, 3, 4, 4, "x"), y = px_tanh(g, x), gradient;

    (void)state;
    px_graph_gradients(g, px_mse(g, y, 1), &y, 1, &gradient);
    expect_shape(g, gradient, 1, 3, 4, 4);
    assert_int_equal(count_op(g, PX_OP_TANH_GRAD), 0);
    px_graph_destroy(&g);
}

static void gradients_meet_where_a_value_was_used_twice(void **state)
{
    px_graph *g = fresh();
    px_node x = activation(g, 1, 3, 4, 4, "x"), y = px_concat(g, px_relu(g, x), x), gradient;

    (void)state;
    px_graph_gradients(g, px_mse(g, y, 0), &x, 1, &gradient);
    assert_int_equal(g->nodes[gradient].op, PX_OP_ADD);
    assert_int_equal(count_op(g, PX_OP_SLICE), 2);
    px_graph_destroy(&g);
}

/* 9 and 10 rows both give 4; the gradient must know which it was. */
static void the_gradient_of_a_convolution_has_the_shape_of_its_input(void **state)
{
    (void)state;
    for (int side = 8; side <= 11; side++) {
        px_graph *g = fresh();
        px_node x = activation(g, 1, 3, side, side + 1, "x"), gradient;
        px_graph_gradients(g, px_mse(g, px_conv(g, x, weight(g, 5, 3, 4, "w"), 2, 1), 0), &x, 1, &gradient);
        assert_int_equal(px_graph_verify(g, NULL), PIXCL_OK);
        expect_shape(g, gradient, 1, 3, side, side + 1);
        px_graph_destroy(&g);
    }
}

static void a_dropout_and_its_gradient_share_their_random_stream(void **state)
{
    px_graph *g = fresh();
    px_node x = activation(g, 1, 3, 4, 4, "x"), first = px_dropout(g, x, 0.5f), second = px_dropout(g, first, 0.5f);
    px_node gradient;

    (void)state;
    assert_int_not_equal(g->nodes[first].attrs.id, g->nodes[second].attrs.id);
    px_graph_gradients(g, px_mse(g, second, 0), &x, 1, &gradient);
    assert_int_equal(g->nodes[gradient].op, PX_OP_DROPOUT);
    assert_int_equal(g->nodes[gradient].attrs.id, g->nodes[first].attrs.id);
    assert_int_equal(g->nodes[g->nodes[gradient].inputs[0]].attrs.id, g->nodes[second].attrs.id);
    px_graph_destroy(&g);
}

/* A discriminator learns from what the pool gives; the generator behind it does not. */
static void gradients_end_at_a_pool(void **state)
{
    px_graph *g = fresh();
    px_node x = activation(g, 1, 3, 4, 4, "x"), w = weight(g, 1, 3, 3, "w"), gradient;
    px_node pool = px_variable(g, PX_ACTIVATION, (px_shape){5, 3, 4, 4}, "pool", true);
    px_node pick = px_pool_pick(g, pool, px_tanh(g, x)), store = px_pool_store(g, pick);

    (void)state;
    assert_int_equal(g->nodes[store].attrs.id, g->nodes[pick].attrs.id);
    px_node loss = px_mse(g, px_conv(g, pick, w, 1, 1), 0);
    px_graph_gradients(g, loss, &w, 1, &gradient);
    expect_shape(g, gradient, 1, 3, 3, 3);
    px_graph_gradients(g, loss, &x, 1, &gradient);
    expect_error(&g, "pool_pick: has no gradient rule");
}

static void what_has_no_gradient_says_so(void **state)
{
    px_graph *g = fresh();
    px_node x = activation(g, 1, 3, 4, 4, "x"), v = vector(g, 3, "v"), gradient;

    (void)state;
    px_graph_gradients(g, x, &x, 1, &gradient);
    assert_int_equal(gradient, PX_NONE);
    expect_error(&g, "the loss is no scalar");

    g = fresh();
    x = activation(g, 1, 3, 4, 4, "x");
    px_graph_backward(g, px_relu(g, x), activation(g, 1, 3, 4, 5, "dy"), &x, 1, &gradient);
    expect_error(&g, "equal shapes");

    g = fresh();
    x = activation(g, 1, 3, 4, 4, "x");
    v = vector(g, 3, "v");
    px_node y = px_norm(g, x, px_norm_running(g, v, v), PX_NONE, PX_NONE, 1e-5f);
    px_graph_gradients(g, px_mse(g, y, 0), &x, 1, &gradient);
    expect_error(&g, "evaluation mode");

    g = fresh();
    x = activation(g, 1, 3, 4, 4, "x");
    px_graph_gradients(g, px_mse(g, px_channel_sum(g, x), 0), &x, 1, &gradient);
    expect_error(&g, "channel_sum: has no gradient rule");
}

static void scaling_a_constant_makes_a_constant(void **state)
{
    px_graph *g = fresh();
    px_node y = px_scale(g, px_constant(g, 3), 0.5f);

    (void)state;
    assert_int_equal(g->nodes[y].op, PX_OP_CONSTANT);
    assert_true(g->nodes[y].attrs.value == 1.5f);
    px_graph_destroy(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_is_described),
        cmocka_unit_test(shapes_follow_pytorch),
        cmocka_unit_test(the_first_error_sticks_and_names_op_and_shapes),
        cmocka_unit_test(wrong_calls_are_refused_in_words),
        cmocka_unit_test(a_failed_allocation_is_an_error_like_any_other),
        cmocka_unit_test(names_find_inputs_and_variables),
        cmocka_unit_test(the_verifier_finds_what_the_builder_did_not_make),
        cmocka_unit_test(gradients_make_only_what_is_wanted),
        cmocka_unit_test(gradients_stop_at_a_wanted_activation),
        cmocka_unit_test(gradients_meet_where_a_value_was_used_twice),
        cmocka_unit_test(the_gradient_of_a_convolution_has_the_shape_of_its_input),
        cmocka_unit_test(a_dropout_and_its_gradient_share_their_random_stream),
        cmocka_unit_test(gradients_end_at_a_pool),
        cmocka_unit_test(what_has_no_gradient_says_so),
        cmocka_unit_test(scaling_a_constant_makes_a_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
