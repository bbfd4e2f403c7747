/* The gradient penalty against PyTorch, element by element: its value and its gradients towards a discriminator's
 * weights, which are second derivatives, of the fixtures in penalties/, from formula weights and pictures.
 *
 * Tolerance, relative to the largest element of a gradient: a dozen layers and normalisations of few pixels, twice
 * differentiated. Seen: reference at most 1.2e-7, allowed 2e-6; PoCL at most 1.1e-6, allowed 1e-5. A bias before a
 * norm has a gradient of zero, of which rounding leaves up to 7e-7 of the largest gradient of all: 2e-6 is allowed
 * beside. */
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
    px_step step;
    px_graph *graph;
    px_node real, fake;
    double largest; /* element of all gradients */
} fixture;

static double worst;

static const char *text(const fixture *f, const char *key)
{
    const char *value = px_tensor_file_metadata(f->file, key);
    if (!value)
        fail_msg("%s: has no %s", f->name, key);
    return value;
}

static void read_options(fixture *f)
{
    px_model_options *o = &f->options;
    const char *norm = text(f, "norm");
    o->norm = strcmp(norm, "batch") == 0             ? PX_NORM_BATCH
              : strcmp(norm, "instance") == 0        ? PX_NORM_INSTANCE
              : strcmp(norm, "instance_affine") == 0 ? PX_NORM_INSTANCE_AFFINE
                                                     : PX_NORM_NONE;
    o->netD = text(f, "net");
    o->n_layers_D = atoi(text(f, "n_layers"));
    o->ndf = atoi(text(f, "ndf"));
    o->batch = atoi(text(f, "batch_size"));
    o->height = o->width = atoi(text(f, "crop_size"));
    o->gan_mode = PX_GAN_WGANGP;
    o->lambda_gp = strtof(text(f, "lambda_gp"), NULL);
    f->step.seed = strtoull(text(f, "seed"), NULL, 10);
    f->step.step = strtoull(text(f, "step"), NULL, 10);
}

static float *wanted(const fixture *f, const char *name, size_t count)
{
    const px_tensor *t = px_tensor_file_find(f->file, name);
    if (!t || t->count != count)
        fail_msg("%s: %s is missing or has another shape", f->name, name);
    float *values = px_calloc(count, sizeof *values, NULL);
    assert_int_equal(px_tensor_file_get_f32(f->file, name, t->rank, t->shape, values, NULL), PIXCL_OK);
    return values;
}

static double largest_of(const float *values, size_t count)
{
    double largest = 0;
    for (size_t e = 0; e < count; e++)
        largest = fmax(largest, fabs(values[e]));
    return largest;
}

static void compare(const fixture *f, px_exec *exec, px_node node, const char *name)
{
    const double allowed = engine_is_reference() ? 2e-6 : 1e-5, noise = 2e-6 * f->largest;
    const size_t count = px_shape_count(f->graph->nodes[node].shape);
    float *want = wanted(f, name, count), *got = px_calloc(count, sizeof *got, NULL);
    const double scale = largest_of(want, count);
    assert_int_equal(px_exec_read(exec, node, got, NULL), PIXCL_OK);
    for (size_t e = 0; e < count; e++) {
        const double error = fabs((double)got[e] - want[e]);
        if (!(error <= allowed * scale + noise))
            fail_msg("%s: %s[%zu] is %.9g, PyTorch has %.9g (largest %g)", f->name, name, e, (double)got[e],
                     (double)want[e], scale);
        worst = error > noise ? fmax(worst, (error - noise) / scale) : worst;
    }
    px_free(want);
    px_free(got);
}

static void build(fixture *f)
{
    const px_model_options *o = &f->options;
    const px_shape shape = {o->batch, 6, o->height, o->width};
    const px_net D = {.graph = f->graph, .name = "D", .norm = o->norm};
    px_gradients of_D = {0};
    f->real = px_input(f->graph, shape, "real");
    f->fake = px_input(f->graph, shape, "fake");
    px_node penalty = px_graph_output(f->graph, px_gradient_penalty(&D, f->real, f->fake, o), "penalty");
    px_differentiate(f->graph, penalty, (const char *const[]){"D", NULL}, &of_D);
    px_keep_gradients(f->graph, &of_D);
}

/* A of pictures 0, 1, 2, 3, 0, ..., with B of the same or, for a fake, of the next. */
static void write_pictures(const fixture *f, px_exec *exec, px_node input, int shift)
{
    const int side = f->options.height;
    const size_t half = (size_t)3 * (size_t)side * (size_t)side;
    float *values = px_calloc(2 * half * (size_t)f->options.batch, sizeof *values, NULL);
    for (int n = 0; n < f->options.batch; n++) {
        formula_picture(n % FORMULA_PICTURES, 0, side, 3, values + 2 * (size_t)n * half);
        formula_picture((n + shift) % FORMULA_PICTURES, 1, side, 3, values + (2 * (size_t)n + 1) * half);
    }
    assert_int_equal(px_exec_write(exec, input, values, NULL), PIXCL_OK);
    px_free(values);
}

static void write_variables(const fixture *f, px_exec *exec)
{
    for (size_t i = 0; i < f->graph->count; i++) {
        const px_node_info *node = &f->graph->nodes[i];
        if (node->op != PX_OP_VARIABLE)
            continue;
        float *values = px_calloc(px_shape_count(node->shape), sizeof *values, NULL);
        formula_variable(node, values);
        assert_int_equal(px_exec_write(exec, (px_node)i, values, NULL), PIXCL_OK);
        px_free(values);
    }
}

/* Every gradient of the file; one that no node makes must be of zeros. */
static void check_gradients(fixture *f, px_exec *exec)
{
    for (size_t i = 0; i < px_tensor_file_count(f->file); i++) {
        const px_tensor *t = px_tensor_file_at(f->file, i);
        float *values = wanted(f, t->name, t->count);
        f->largest = fmax(f->largest, largest_of(values, t->count));
        px_free(values);
    }
    for (size_t i = 0; i < px_tensor_file_count(f->file); i++) {
        const px_tensor *t = px_tensor_file_at(f->file, i);
        char name[PX_NAME_SIZE];
        px_node node = PX_NONE;
        if (strncmp(t->name, "grad.", 5) != 0)
            continue;
        snprintf(name, sizeof name, "D.%s.grad", t->name + 5);
        for (size_t k = 0; k < f->graph->count; k++)
            if (f->graph->nodes[k].output && strcmp(f->graph->nodes[k].name, name) == 0)
                node = (px_node)k;
        if (node != PX_NONE) {
            compare(f, exec, node, t->name);
            continue;
        }
        float *values = wanted(f, t->name, t->count);
        if (largest_of(values, t->count) > 0)
            fail_msg("%s: nothing computes %s", f->name, t->name);
        px_free(values);
    }
}

static void check_fixture(const char *name, const char *path)
{
    pixcl_error err = {0};
    fixture f = {.name = name, .file = px_tensor_file_open(path, &err), .graph = px_graph_create(&err)};
    if (!f.file || !f.graph)
        fail_msg("%s", err.message);
    read_options(&f);
    build(&f);
    if (px_graph_check(f.graph, &err) != PIXCL_OK)
        fail_msg("%s: %s", name, err.message);
    px_exec *exec = engine_open(f.graph);
    write_pictures(&f, exec, f.real, 0);
    write_pictures(&f, exec, f.fake, 1);
    write_variables(&f, exec);
    assert_int_equal(px_exec_run(exec, &f.step, NULL), PIXCL_OK);
    for (size_t i = 0; i < f.graph->count; i++)
        if (strcmp(f.graph->nodes[i].name, "penalty") == 0)
            compare(&f, exec, (px_node)i, "penalty");
    check_gradients(&f, exec);
    engine_close(&exec);
    px_graph_destroy(&f.graph);
    px_tensor_file_close(&f.file);
}

static bool is_fixture(const char *name)
{
    return strcmp(px_path_extension(name), ".safetensors") == 0;
}

static void penalties_agree_with_pytorch(void **state)
{
    pixcl_error err = {0};
    px_file_list list = {0};

    (void)state;
    if (px_list_files(PX_GOLDEN "/penalties", is_fixture, &list, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < list.count; i++) {
        char *path = px_path_join(PX_GOLDEN "/penalties", list.paths[i], NULL);
        check_fixture(list.paths[i], path);
        px_free(path);
    }
    assert_true(list.count >= 4);
    print_message("%zu fixtures, largest error %.1e\n", list.count, worst);
    px_file_list_free(&list);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(penalties_agree_with_pytorch)};
    if (!engine_choose(argc, argv))
        return 2;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    engine_end();
    return failed;
}
