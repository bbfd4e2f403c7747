/* Whole networks against PyTorch: outputs in training and evaluation mode, and running statistics, of the fixtures in
 * networks/, from formula weights and pictures.
 *
 * Tolerance, relative to the largest element: about ten layers, each stored as float, and normalisations that
 * magnify where a variance is small. Seen: reference at most 3e-7, allowed 1e-5; PoCL at most 3.1e-6, allowed
 * 1e-4. */
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
#include "golden/formula.h"
#include "graph/build.h"
#include "model/net.h"
#include "store/tensor_file.h"

typedef struct fixture {
    const char *name;
    px_tensor_file *file;
    px_model_options options;
    char letter[2]; /* "G" or "D" */
} fixture;

static double worst;

static const char *text(const fixture *f, const char *key)
{
    const char *value = px_tensor_file_metadata(f->file, key);
    if (!value)
        fail_msg("%s: has no %s", f->name, key);
    return value;
}

static int number(const fixture *f, const char *key)
{
    return atoi(text(f, key));
}

static px_norm_type norm_of(const char *name)
{
    return strcmp(name, "batch") == 0             ? PX_NORM_BATCH
           : strcmp(name, "instance") == 0        ? PX_NORM_INSTANCE
           : strcmp(name, "instance_affine") == 0 ? PX_NORM_INSTANCE_AFFINE
                                                  : PX_NORM_NONE;
}

static void read_options(fixture *f)
{
    px_model_options *o = &f->options;
    snprintf(f->letter, sizeof f->letter, "%s", text(f, "letter"));
    const bool is_G = f->letter[0] == 'G';
    o->norm = norm_of(text(f, "norm"));
    o->batch = number(f, "batch_size");
    o->height = o->width = number(f, "crop_size");
    o->input_nc = number(f, "input_nc");
    o->output_nc = is_G ? number(f, "output_nc") : 1;
    o->ngf = is_G ? number(f, "ngf") : 1;
    o->ndf = is_G ? 1 : number(f, "ndf");
    const char *upsample = px_tensor_file_metadata(f->file, "upsample");
    o->upsample = upsample && strcmp(upsample, "resize") == 0 ? PX_UPSAMPLE_RESIZE : PX_UPSAMPLE_CONV_T;
    o->netG = text(f, "net");
    o->netD = text(f, "net");
    o->n_layers_D = is_G ? 0 : number(f, "n_layers");
}

static void compare(const fixture *f, const char *name, const float *got, const float *want, size_t count)
{
    const double allowed = engine_is_reference() ? 1e-5 : 1e-4;
    double scale = 0;
    for (size_t e = 0; e < count; e++)
        scale = fmax(scale, fabs(want[e]));
    for (size_t e = 0; e < count; e++) {
        const double error = fabs((double)got[e] - want[e]) / scale;
        if (!(error <= allowed))
            fail_msg("%s: %s[%zu] is %.9g, PyTorch has %.9g (largest %g)", f->name, name, e, (double)got[e],
                     (double)want[e], scale);
        worst = fmax(worst, error);
    }
}

static void compare_node(const fixture *f, px_exec *exec, const px_graph *graph, px_node node, const char *name)
{
    const px_tensor *t = px_tensor_file_find(f->file, name);
    const size_t count = px_shape_count(graph->nodes[node].shape);
    if (!t || t->count != count)
        fail_msg("%s: %s is missing or has another shape", f->name, name);
    float *want = px_calloc(count, sizeof *want, NULL), *got = px_calloc(count, sizeof *got, NULL);
    assert_int_equal(px_tensor_file_get_f32(f->file, name, t->rank, t->shape, want, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(exec, node, got, NULL), PIXCL_OK);
    compare(f, name, got, want, count);
    px_free(want);
    px_free(got);
}

static bool is_running(const px_node_info *node)
{
    return node->op == PX_OP_VARIABLE && node->state;
}

/* A, or A and B one after the other, of pictures 0, 1, ... */
static void write_input(const fixture *f, px_exec *exec, const px_graph *graph, px_node x)
{
    const px_shape s = graph->nodes[x].shape;
    const size_t side = (size_t)3 * s.h * s.w;
    float *values = px_calloc(px_shape_count(s), sizeof *values, NULL);
    for (int n = 0; n < s.n; n++)
        for (int half = 0; half < s.c / 3; half++)
            formula_picture(n, half, f->options.height, 3, values + (size_t)(n * (s.c / 3) + half) * side);
    assert_int_equal(px_exec_write(exec, x, values, NULL), PIXCL_OK);
    px_free(values);
}

/* Formula weights; in evaluation the statistics after the one batch. */
static void write_variables(const fixture *f, px_exec *exec, const px_graph *graph, bool eval)
{
    for (size_t i = 0; i < graph->count; i++) {
        const px_node_info *node = &graph->nodes[i];
        if (node->op != PX_OP_VARIABLE)
            continue;
        float *values = px_calloc(px_shape_count(node->shape), sizeof *values, NULL);
        const int64_t channels = node->shape.c;
        if (eval && is_running(node))
            assert_int_equal(px_tensor_file_get_f32(f->file, node->name + 2, 1, &channels, values, NULL), PIXCL_OK);
        else
            formula_variable(node, values);
        assert_int_equal(px_exec_write(exec, (px_node)i, values, NULL), PIXCL_OK);
        px_free(values);
    }
}

static void check_mode(const fixture *f, bool eval)
{
    const px_model_options *o = &f->options;
    px_graph *graph = px_graph_create(NULL);
    const px_net net = {graph, f->letter, o->norm, eval ? PX_NET_RUNNING : PX_NET_TRAIN, eval};
    const px_step step = {.seed = 1, .step = 1};

    px_node x = px_input(graph, (px_shape){o->batch, o->input_nc, o->height, o->width}, "x");
    px_node y = f->letter[0] == 'G' ? px_generator(&net, x, o) : px_discriminator(&net, x, o);
    px_graph_output(graph, y, "y");
    px_exec *exec = engine_open(graph);
    write_input(f, exec, graph, x);
    write_variables(f, exec, graph, eval);
    assert_int_equal(px_exec_run(exec, &step, NULL), PIXCL_OK);
    compare_node(f, exec, graph, y, eval ? "output_eval" : "output_train");
    for (size_t i = 0; !eval && i < graph->count; i++)
        if (is_running(&graph->nodes[i]))
            compare_node(f, exec, graph, (px_node)i, graph->nodes[i].name + 2);
    engine_close(&exec);
    px_graph_destroy(&graph);
}

static bool is_fixture(const char *name)
{
    return strcmp(px_path_extension(name), ".safetensors") == 0;
}

static void networks_agree_with_pytorch(void **state)
{
    pixcl_error err = {0};
    px_file_list list = {0};

    (void)state;
    if (px_list_files(PX_GOLDEN "/networks", is_fixture, &list, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < list.count; i++) {
        char *path = px_path_join(PX_GOLDEN "/networks", list.paths[i], NULL);
        fixture f = {.name = list.paths[i], .file = px_tensor_file_open(path, &err)};
        if (!f.file)
            fail_msg("%s", err.message);
        read_options(&f);
        check_mode(&f, false);
        if (px_tensor_file_find(f.file, "output_eval")) /* else both modes are the same */
            check_mode(&f, true);
        px_tensor_file_close(&f.file);
        px_free(path);
    }
    assert_true(list.count >= 10);
    print_message("%zu fixtures, largest error %.1e\n", list.count, worst);
    px_file_list_free(&list);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(networks_agree_with_pytorch)};
    if (!engine_choose(argc, argv))
        return 2;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    engine_end();
    return failed;
}
