/* model/init: PyTorch's initialisations, from seed and name alone, and as the options say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/rng.h"
#include "graph/build.h"
#include "model/model.h"
#include "weights/weights.h"

/* One variable in a graph of its own. */
static float *initial(px_kind kind, px_shape shape, const char *name, bool is_state, px_init_type type, uint64_t seed)
{
    px_graph *g = px_graph_create(NULL);
    px_node v = px_variable(g, kind, shape, name, is_state);
    float *values = px_calloc(px_shape_count(shape), sizeof *values, NULL);
    assert_int_equal(px_model_initial(g, v, type, 0.02f, seed, values, NULL), PIXCL_OK);
    px_graph_destroy(&g);
    return values;
}

static void moments_of(const float *values, size_t count, double *mean, double *deviation)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    *mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - *mean) * (values[i] - *mean);
    *deviation = sqrt(squares / (double)count);
}

static void weights_start_with_the_reference_s_spread(void **state)
{
    /* weights (32,24,4,4): d1*k*k = 384, d0*k*k = 512, 12288 of them */
    const double expected[] = {0.02, 0.02 * sqrt(2.0 / (384 + 512)), sqrt(2.0 / 384)};
    const px_init_type types[] = {PX_INIT_NORMAL, PX_INIT_XAVIER, PX_INIT_KAIMING};
    const size_t count = 12288;
    double mean, deviation;

    (void)state;
    for (int i = 0; i < 3; i++) {
        float *w = initial(PX_WEIGHT, (px_shape){32, 24, 4, 4}, "G.w.weight", false, types[i], 7);
        moments_of(w, count, &mean, &deviation);
        /* Of a true sample the mean strays by sigma/sqrt(n) = 0.9% and sigma by 1/sqrt(2n) = 0.64%: four times that. */
        assert_true(fabs(mean) < 0.036 * expected[i]);
        assert_true(fabs(deviation / expected[i] - 1) < 0.026);
        double beyond = 0;
        for (size_t e = 0; e < count; e++)
            beyond += fabs(w[e]) > 2 * expected[i];
        assert_true(fabs(beyond / (double)count - 0.0455) < 4 * sqrt(0.0455 / (double)count)); /* tails of a normal */
        px_free(w);
    }
    float *gamma = initial(PX_PLAIN, (px_shape){1, 4096, 1, 1}, "G.n.weight", false, PX_INIT_KAIMING, 7);
    moments_of(gamma, 4096, &mean, &deviation);
    assert_true(fabs(mean - 1) < 4 * 0.02 / 64 && fabs(deviation / 0.02 - 1) < 4 * 0.011);
    px_free(gamma);
}

static void the_rest_starts_with_constants(void **state)
{
    static const struct {
        const char *name;
        px_kind kind;
        bool is_state;
        float value;
    } cases[] = {{"G.a.bias", PX_PLAIN, false, 0},
                 {"G.a.running_mean", PX_PLAIN, true, 0},
                 {"G.a.running_var", PX_PLAIN, true, 1},
                 {"G.a.weight.exp_avg", PX_WEIGHT, true, 0},
                 {"G.a.weight.exp_avg_sq", PX_PLAIN, true, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float *v = initial(cases[i].kind, (px_shape){1, 5, 1, 1}, cases[i].name, cases[i].is_state, PX_INIT_NORMAL, 1);
        for (int e = 0; e < 5; e++)
            assert_true(v[e] == cases[i].value);
        px_free(v);
    }
}

static void initial_values_depend_on_seed_and_name_alone(void **state)
{
    const px_shape shape = {3, 3, 3, 3};
    float *a = initial(PX_WEIGHT, shape, "G.a.weight", false, PX_INIT_NORMAL, 1);
    float *again = initial(PX_WEIGHT, shape, "G.a.weight", false, PX_INIT_NORMAL, 1);
    float *name = initial(PX_WEIGHT, shape, "G.b.weight", false, PX_INIT_NORMAL, 1);
    float *seed = initial(PX_WEIGHT, shape, "G.a.weight", false, PX_INIT_NORMAL, 2);

    (void)state;
    assert_memory_equal(a, again, 81 * sizeof *a);
    assert_memory_not_equal(a, name, 81 * sizeof *a);
    assert_memory_not_equal(a, seed, 81 * sizeof *a);
    px_free(a);
    px_free(again);
    px_free(name);
    px_free(seed);
}

/* Threads make them, range by range: every number is the one of its position, before and behind the ends of ranges. */
static void a_number_depends_on_its_position_alone(void **state)
{
    const px_shape large = {257, 1024, 1, 1}; /* four ranges and 1024 */
    const size_t count = px_shape_count(large);
    float *whole = initial(PX_WEIGHT, large, "G.a.weight", false, PX_INIT_NORMAL, 9);
    uint64_t stream = 0xcbf29ce484222325u;

    (void)state;
    for (const char *name = "G.a.weight"; *name; name++)
        stream = (stream ^ (unsigned char)*name) * 0x100000001b3u;
    for (size_t e = 0; e < count; e += 4) {
        const uint32_t key[2] = {9, 0};
        const uint32_t counter[4] = {(uint32_t)(e / 4), 0, (uint32_t)stream, (uint32_t)(stream >> 32)};
        uint32_t words[4];
        px_philox(key, counter, words);
        for (size_t half = 0; half < 4; half += 2) {
            const float u = (float)(((double)words[half] + 1) * 0x1p-32);
            const float angle = (float)(words[half + 1] * (6.283185307179586 * 0x1p-32));
            const float radius = 0.02f * sqrtf(-2 * logf(u));
            assert_true(fabsf(whole[e + half] - radius * cosf(angle)) <= 1e-7f);
            assert_true(fabsf(whole[e + half + 1] - radius * sinf(angle)) <= 1e-7f);
        }
    }
    px_free(whole);
}

/* What is said to start as zeros does, and nothing else. */
static void zeros_are_known_beforehand(void **state)
{
    px_model_options o = {.netG = "unet_32", .netD = "basic", .n_layers_D = 1, .batch = 1, .height = 32, .width = 32};
    o.input_nc = o.output_nc = o.ngf = o.ndf = 2;
    px_training *training = px_training_pix2pix(&o, NULL);
    int zeros = 0, others = 0;

    (void)state;
    assert_non_null(training);
    for (px_node i = 0; (size_t)i < training->graph->count; i++) {
        const px_node_info *node = px_graph_node(training->graph, i);
        if (node->op != PX_OP_VARIABLE)
            continue;
        const size_t count = px_shape_count(node->shape);
        float *values = px_calloc(count, sizeof *values, NULL);
        bool all = true;
        assert_int_equal(px_model_initial(training->graph, i, PX_INIT_NORMAL, 0.02f, 1, values, NULL), PIXCL_OK);
        for (size_t e = 0; e < count; e++)
            all = all && values[e] == 0;
        assert_int_equal(px_model_starts_as_zeros(training->graph, i), all);
        zeros += all;
        others += !all;
        px_free(values);
    }
    assert_true(zeros > 2 * others && others > 10);
    px_training_destroy(&training);
}

static void orthogonal_weights_are_orthogonal(void **state)
{
    static const px_shape shapes[] = {
        {16, 12, 4, 4}, {64, 3, 4, 4}, {48, 3, 4, 4}, {1, 9, 4, 4}}; /* wide, tall, square */

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const size_t rows = (size_t)shapes[i].n, columns = px_shape_count(shapes[i]) / rows;
        const size_t count = rows < columns ? rows : columns, length = rows < columns ? columns : rows;
        const size_t step = rows < columns ? 1 : columns, next = rows < columns ? columns : 1;
        float *w = initial(PX_WEIGHT, shapes[i], "G.w.weight", false, PX_INIT_ORTHOGONAL, 3);
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b <= a; b++) {
                double dot = 0;
                for (size_t e = 0; e < length; e++)
                    dot += (double)w[a * next + e * step] * w[b * next + e * step];
                /* Products of floats with relative errors 2^-24 sum to at most 2^-23 times the two lengths. */
                assert_true(fabs(dot / (0.02 * 0.02) - (a == b)) < 3e-7);
            }
        px_free(w);
    }
}

/* The words of --init_type, --init_gain and --seed, in the weights of a whole program. */
static void options_say_how_weights_start(void **state)
{
    static const struct {
        const char *word;
        px_init_type type;
    } types[] = {{"normal", PX_INIT_NORMAL},
                 {"xavier", PX_INIT_XAVIER},
                 {"kaiming", PX_INIT_KAIMING},
                 {"orthogonal", PX_INIT_ORTHOGONAL}};
    px_model_options o = {.netG = "unet_32", .netD = "pixel", .batch = 1, .height = 32, .width = 32};
    o.input_nc = o.output_nc = o.ngf = o.ndf = 2;
    px_session session = {.training = px_training_pix2pix(&o, NULL)};
    const px_graph *graph = session.training->graph;
    pixcl_options options;
    float first[4] = {0};

    (void)state;
    session.exec = px_exec_create_reference(graph, NULL);
    assert_non_null(session.exec);
    px_options_default(&options, PIXCL_FOR_TRAIN);
    assert_int_equal(pixcl_options_set(&options, "init_gain", "0.125", NULL), PIXCL_OK);
    assert_int_equal(pixcl_options_set(&options, "seed", "5", NULL), PIXCL_OK);
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        assert_int_equal(pixcl_options_set(&options, "init_type", types[t].word, NULL), PIXCL_OK);
        assert_int_equal(px_weights_initialise(&session, &options, NULL), PIXCL_OK);
        for (size_t i = 0; i < graph->count; i++) {
            const size_t count = px_shape_count(graph->nodes[i].shape);
            if (graph->nodes[i].op != PX_OP_VARIABLE)
                continue;
            float *expected = px_calloc(count, sizeof *expected, NULL), *found = px_calloc(count, sizeof *found, NULL);
            assert_int_equal(px_model_initial(graph, (px_node)i, types[t].type, 0.125f, 5, expected, NULL), PIXCL_OK);
            assert_int_equal(px_exec_read(session.exec, (px_node)i, found, NULL), PIXCL_OK);
            assert_memory_equal(expected, found, count * sizeof *found);
            if (graph->nodes[i].kind == PX_WEIGHT && !graph->nodes[i].state && first[t] == 0)
                first[t] = found[0];
            px_free(expected);
            px_free(found);
        }
        for (size_t earlier = 0; earlier < t; earlier++)
            assert_true(first[t] != first[earlier]);
    }
    px_session_close(&session);
}

static void only_variables_have_initial_values(void **state)
{
    pixcl_error err = {0};
    px_graph *g = px_graph_create(NULL);
    float value;

    (void)state;
    px_node x = px_input(g, (px_shape){1, 1, 1, 1}, "x");
    assert_int_equal(px_model_initial(g, x, PX_INIT_NORMAL, 1, 1, &value, &err), PIXCL_ERROR_INTERNAL);
    assert_int_equal(px_model_initial(g, 7, PX_INIT_NORMAL, 1, 1, &value, &err), PIXCL_ERROR_INTERNAL);
    px_graph_destroy(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_start_with_the_reference_s_spread),
        cmocka_unit_test(the_rest_starts_with_constants),
        cmocka_unit_test(initial_values_depend_on_seed_and_name_alone),
        cmocka_unit_test(a_number_depends_on_its_position_alone),
        cmocka_unit_test(zeros_are_known_beforehand),
        cmocka_unit_test(orthogonal_weights_are_orthogonal),
        cmocka_unit_test(options_say_how_weights_start),
        cmocka_unit_test(only_variables_have_initial_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
