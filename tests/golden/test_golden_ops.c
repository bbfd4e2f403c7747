/* Every op against PyTorch: outputs and gradients of the fixtures in ops/, which float64 made and rounding to float32
 * ended.
 *
 * Tolerance, relative to the largest element: the reference rounds every stored value once (2^-24 = 6e-8), a few of
 * which stand behind one another; seen: at most 2.0e-7, allowed: 1e-6. A device sums in float: up to 256 terms here,
 * whose errors add like a random walk to 16 * 6e-8, and its own tanh and log; seen on PoCL: at most 1.3e-6, allowed:
 * 1e-5. */
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
#include "golden/engine.h"
#include "graph/build.h"
#include "store/tensor_file.h"

enum { MAX_EXPECTED = 8 };

/* One file, and the graph built from it. */
typedef struct fixture {
    const char *name;
    px_tensor_file *file;
    px_graph *graph;
    struct {
        px_node node;
        const char *tensor;
    } expected[MAX_EXPECTED]; /* node's values after a run */
    int expected_count;
} fixture;

static double worst;

static const px_tensor *tensor(const fixture *f, const char *name)
{
    return px_tensor_file_find(f->file, name);
}

static float attribute(const fixture *f, const char *name)
{
    const char *text = px_tensor_file_metadata(f->file, name);
    if (!text)
        fail_msg("%s: has no attribute %s", f->name, name);
    return strtof(text, NULL);
}

static px_shape shape_of(const px_tensor *t)
{
    if (t->rank == 4)
        return (px_shape){(int)t->shape[0], (int)t->shape[1], (int)t->shape[2], (int)t->shape[3]};
    return (px_shape){1, t->rank == 0 ? 1 : (int)t->shape[t->rank - 1], 1, 1};
}

/* The node of a tensor that is fed; the node takes its name. PX_NONE when the file has none. */
static px_node feed(fixture *f, const char *name)
{
    const px_tensor *t = tensor(f, name);
    const px_node there = px_graph_find(f->graph, name);
    if (!t || there != PX_NONE)
        return there;
    if (t->rank == 4 && strcmp(name, "weight") != 0)
        return px_input(f->graph, shape_of(t), name);
    return px_variable(f->graph, t->rank == 4 ? PX_WEIGHT : PX_PLAIN, shape_of(t), name, false);
}

static void expect(fixture *f, px_node node, const char *name)
{
    assert_in_range(f->expected_count, 0, MAX_EXPECTED - 1);
    f->expected[f->expected_count].node = px_graph_output(f->graph, node, NULL);
    f->expected[f->expected_count++].tensor = name;
}

static px_node with_bias(fixture *f, px_node y)
{
    return tensor(f, "bias") ? px_bias(f->graph, y, feed(f, "bias")) : y;
}

static px_node conv2d(fixture *f)
{
    px_node x = feed(f, "input"), w = feed(f, "weight");
    return with_bias(f, px_conv(f->graph, x, w, (int)attribute(f, "stride"), (int)attribute(f, "padding")));
}

static px_node conv_transpose2d(fixture *f)
{
    px_node x = feed(f, "input"), w = feed(f, "weight");
    return with_bias(f, px_conv_t(f->graph, x, w, (int)attribute(f, "stride"), (int)attribute(f, "padding"),
                                  (int)attribute(f, "output_padding")));
}

static bool is_training(const fixture *f)
{
    const char *text = px_tensor_file_metadata(f->file, "training");
    return !text || strcmp(text, "true") == 0;
}

static px_node batch_norm(fixture *f)
{
    px_node x = feed(f, "input"), gamma = feed(f, "weight"), beta = feed(f, "bias");
    px_node mean = feed(f, "running_mean"), var = feed(f, "running_var");
    px_node stats = is_training(f) ? px_norm_stats(f->graph, x, false) : px_norm_running(f->graph, mean, var);
    if (is_training(f)) {
        const px_shape s = f->graph->nodes[x].shape;
        px_norm_update(f->graph, mean, var, stats, attribute(f, "momentum"), s.n * s.h * s.w);
        expect(f, mean, "running_mean_after");
        expect(f, var, "running_var_after");
    }
    return px_norm(f->graph, x, stats, gamma, beta, attribute(f, "eps"));
}

static px_node instance_norm(fixture *f)
{
    px_node x = feed(f, "input");
    return px_norm(f->graph, x, px_norm_stats(f->graph, x, true), PX_NONE, PX_NONE, attribute(f, "eps"));
}

/* The gradient of a normalisation, of which the file has the gradients. */
static px_node norm_backward(fixture *f, bool per_image)
{
    const float epsilon = attribute(f, "eps");
    px_node x = feed(f, "input"), dy = feed(f, "gradient"), gamma = feed(f, "weight");
    px_node stats = px_norm_stats(f->graph, x, per_image), sums = px_norm_sums(f->graph, x, stats, dy, epsilon);
    return px_norm_grad(f->graph, x, stats, dy, sums, gamma, epsilon);
}

static px_node batch_norm_backward(fixture *f)
{
    return norm_backward(f, false);
}

static px_node instance_norm_backward(fixture *f)
{
    return norm_backward(f, true);
}

static px_node sample_norm(fixture *f)
{
    return px_sample_norm(f->graph, feed(f, "input"), attribute(f, "eps"));
}

static px_node relu(fixture *f)
{
    return px_relu(f->graph, feed(f, "input"));
}

static px_node leaky_relu(fixture *f)
{
    return px_leaky(f->graph, feed(f, "input"), attribute(f, "slope"));
}

static px_node hyperbolic_tangent(fixture *f)
{
    return px_tanh(f->graph, feed(f, "input"));
}

static px_node reflection_pad2d(fixture *f)
{
    return px_reflect_pad(f->graph, feed(f, "input"), (int)attribute(f, "padding"));
}

static px_node upsample_nearest(fixture *f)
{
    return px_upsample(f->graph, feed(f, "input"));
}

static px_node bce(fixture *f)
{
    return px_bce(f->graph, feed(f, "input"), attribute(f, "target"));
}

static px_node mse(fixture *f)
{
    return px_mse(f->graph, feed(f, "input"), attribute(f, "target"));
}

static px_node l1(fixture *f)
{
    px_node a = feed(f, "input"), b = feed(f, "other");
    return px_l1(f->graph, a, b);
}

/* mse has one target for all elements; between two pictures it is l2. */
static px_node l2(fixture *f)
{
    px_node a = feed(f, "input"), b = feed(f, "other");
    return px_l2(f->graph, a, b);
}

static px_node smooth_l1(fixture *f)
{
    px_node a = feed(f, "input"), b = feed(f, "other");
    return px_smooth_l1(f->graph, a, b, attribute(f, "beta"));
}

static px_node mean(fixture *f)
{
    return px_mean(f->graph, feed(f, "input"));
}

static const struct {
    const char *op;
    px_node (*build)(fixture *f);
} builders[] = {{"conv2d", conv2d},
                {"conv_transpose2d", conv_transpose2d},
                {"reflection_pad2d", reflection_pad2d},
                {"upsample_nearest", upsample_nearest},
                {"batch_norm", batch_norm},
                {"instance_norm", instance_norm},
                {"batch_norm_backward", batch_norm_backward},
                {"instance_norm_backward", instance_norm_backward},
                {"sample_norm", sample_norm},
                {"relu", relu},
                {"leaky_relu", leaky_relu},
                {"tanh", hyperbolic_tangent},
                {"bce_with_logits", bce},
                {"mse", mse},
                {"l1", l1},
                {"l2", l2},
                {"smooth_l1", smooth_l1},
                {"mean", mean}};

/* Gradients towards every input that the file has one for. */
static void expect_gradients(fixture *f, px_node y)
{
    px_node wanted[MAX_EXPECTED], gradients[MAX_EXPECTED], dy = feed(f, "grad_output");
    const char *names[MAX_EXPECTED];
    int count = 0;

    for (size_t i = 0; i < px_tensor_file_count(f->file); i++) {
        const char *name = px_tensor_file_at(f->file, i)->name;
        if (strncmp(name, "grad_", 5) == 0 && strcmp(name, "grad_output") != 0) {
            assert_in_range(count, 0, MAX_EXPECTED - 1);
            wanted[count] = px_graph_find(f->graph, name + 5);
            names[count++] = name;
        }
    }
    assert_true(count > 0);
    if (dy == PX_NONE)
        px_graph_gradients(f->graph, y, wanted, count, gradients);
    else
        px_graph_backward(f->graph, y, dy, wanted, count, gradients);
    for (int i = 0; i < count; i++)
        expect(f, gradients[i], names[i]);
}

static void check_graph(const fixture *f)
{
    pixcl_error err = {0};
    if (px_graph_check(f->graph, &err) != PIXCL_OK)
        fail_msg("%s: %s", f->name, err.message);
}

/* `each`: relative to the single element instead of the largest. */
static void compare(const char *fixture_name, const char *name, const float *got, const float *want, size_t count,
                    bool each)
{
    const double allowed = engine_is_reference() ? 1e-6 : 1e-5;
    double scale = 0;
    for (size_t e = 0; e < count; e++)
        scale = fmax(scale, fabs(want[e]));
    for (size_t e = 0; e < count; e++) {
        const double size = each ? fmax(fabs(want[e]), 1e-30) : scale, error = fabs((double)got[e] - want[e]) / size;
        if (!(error <= allowed))
            fail_msg("%s: %s[%zu] is %.9g, PyTorch has %.9g (largest %g)", fixture_name, name, e, (double)got[e],
                     (double)want[e], scale);
        worst = fmax(worst, error);
    }
}

static float *values_of(const fixture *f, const char *name, px_shape shape)
{
    pixcl_error err = {0};
    const px_tensor *t = tensor(f, name);
    float *values = px_calloc(px_shape_count(shape), sizeof *values, NULL);
    if (!t || t->count != px_shape_count(shape))
        fail_msg("%s: %s is missing or has another shape", f->name, name);
    if (px_tensor_file_get_f32(f->file, name, t->rank, t->shape, values, &err) != PIXCL_OK)
        fail_msg("%s: %s", f->name, err.message);
    return values;
}

static void run(fixture *f)
{
    px_exec *exec = engine_open(f->graph);
    const px_step step = {.seed = 1, .step = 1};
    for (size_t i = 0; i < f->graph->count; i++) {
        const px_node_info *node = &f->graph->nodes[i];
        if (node->op != PX_OP_VARIABLE && node->op != PX_OP_INPUT)
            continue;
        float *values = values_of(f, node->name, node->shape);
        assert_int_equal(px_exec_write(exec, (px_node)i, values, NULL), PIXCL_OK);
        px_free(values);
    }
    assert_int_equal(px_exec_run(exec, &step, NULL), PIXCL_OK);
    for (int i = 0; i < f->expected_count; i++) {
        const px_shape shape = f->graph->nodes[f->expected[i].node].shape;
        float *want = values_of(f, f->expected[i].tensor, shape);
        float *got = px_calloc(px_shape_count(shape), sizeof *got, NULL);
        assert_int_equal(px_exec_read(exec, f->expected[i].node, got, NULL), PIXCL_OK);
        compare(f->name, f->expected[i].tensor, got, want, px_shape_count(shape), false);
        px_free(want);
        px_free(got);
    }
    engine_close(&exec);
}

/* Several steps on one variable; each element has a size of its own, so each is compared by itself. */
static void run_adam(fixture *f)
{
    static const char *const after[] = {"parameter", "exp_avg", "exp_avg_sq"};
    const int steps = (int)attribute(f, "steps");
    const px_shape one = shape_of(tensor(f, "start")), all = {steps, one.c, 1, 1};
    px_graph *g = f->graph;
    px_node p = px_variable(g, PX_PLAIN, one, "p", false), gradient = px_variable(g, PX_PLAIN, one, "g", true);
    px_node m = px_variable(g, PX_PLAIN, one, "m", true), v = px_variable(g, PX_PLAIN, one, "v", true);
    const px_node nodes[] = {p, m, v};
    px_adam(g, p, gradient, m, v, px_adam_optimiser(g, attribute(f, "beta1"), 0.999, 1e-8));
    check_graph(f);

    px_exec *exec = engine_open(g);
    float *start = values_of(f, "start", one), *gradients = values_of(f, "gradients", all);
    float *got = px_calloc((size_t)one.c, sizeof *got, NULL);
    assert_true(attribute(f, "beta2") == 0.999f && attribute(f, "eps") == 1e-8f);
    assert_int_equal(px_exec_write(exec, p, start, NULL), PIXCL_OK);
    for (int i = 0; i < steps; i++) {
        const px_step step = {.seed = 1, .step = (uint64_t)i + 1, .lr = {attribute(f, "lr")}};
        assert_int_equal(px_exec_write(exec, gradient, gradients + i * one.c, NULL), PIXCL_OK);
        assert_int_equal(px_exec_run(exec, &step, NULL), PIXCL_OK);
        for (int k = 0; k < 3; k++) {
            float *want = values_of(f, after[k], all);
            assert_int_equal(px_exec_read(exec, nodes[k], got, NULL), PIXCL_OK);
            compare(f->name, after[k], got, want + i * one.c, (size_t)one.c, true);
            px_free(want);
        }
    }
    px_free(start);
    px_free(gradients);
    px_free(got);
    engine_close(&exec);
}

static void check_fixture(const char *name, const char *path)
{
    pixcl_error err = {0};
    fixture f = {.name = name, .file = px_tensor_file_open(path, &err), .graph = px_graph_create(&err)};
    bool known = false;

    if (!f.file || !f.graph)
        fail_msg("%s", err.message);
    const char *op = px_tensor_file_metadata(f.file, "op");
    assert_non_null(op);
    if (strcmp(op, "adam") == 0) {
        known = true;
        run_adam(&f);
    }
    for (size_t i = 0; i < sizeof builders / sizeof builders[0]; i++)
        if (strcmp(op, builders[i].op) == 0) {
            px_node y = builders[i].build(&f);
            expect(&f, y, "output");
            if (is_training(&f)) /* with running statistics there is nothing to train */
                expect_gradients(&f, y);
            check_graph(&f);
            run(&f);
            known = true;
        }
    if (!known)
        fail_msg("%s: nothing here builds the op %s", name, op);
    px_graph_destroy(&f.graph);
    px_tensor_file_close(&f.file);
}

static bool is_fixture(const char *name)
{
    return strcmp(px_path_extension(name), ".safetensors") == 0;
}

static void ops_agree_with_pytorch(void **state)
{
    pixcl_error err = {0};
    px_file_list list = {0};

    (void)state;
    if (px_list_files(PX_GOLDEN "/ops", is_fixture, &list, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < list.count; i++) {
        char *path = px_path_join(PX_GOLDEN "/ops", list.paths[i], NULL);
        check_fixture(list.paths[i], path);
        px_free(path);
    }
    assert_true(list.count >= 33);
    print_message("%zu fixtures, largest error %.1e\n", list.count, worst);
    px_file_list_free(&list);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ops_agree_with_pytorch)};
    if (!engine_choose(argc, argv))
        return 2;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    engine_end();
    return failed;
}
