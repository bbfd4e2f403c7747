/* model: the reference's state_dict keys, shapes and parameter counts, the order of a training step, refusals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "graph/build.h"
#include "model/model.h"

static px_model_options defaults(void)
{
    return (px_model_options){.netG = "unet_256",
                              .netD = "basic",
                              .n_layers_D = 3,
                              .input_nc = 3,
                              .output_nc = 3,
                              .ngf = 64,
                              .ndf = 64,
                              .norm = PX_NORM_BATCH,
                              .dropout = true,
                              .gan_mode = PX_GAN_VANILLA,
                              .lambda_L1 = 100,
                              .beta1 = 0.5f,
                              .batch = 1,
                              .height = 256,
                              .width = 256};
}

static px_model_options small(void)
{
    px_model_options o = defaults();
    o.netG = "unet_32";
    o.ngf = o.ndf = 4;
    o.height = o.width = 32;
    return o;
}

static px_training *pix2pix(const px_model_options *o)
{
    pixcl_error err = {0};
    px_training *t = px_training_pix2pix(o, &err);
    if (!t)
        fail_msg("%s", err.message);
    if (px_graph_verify(t->graph, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    return t;
}

static px_training *generator(const px_model_options *o, bool eval)
{
    pixcl_error err = {0};
    px_training *t = px_training_generator(o, eval, &err);
    if (!t)
        fail_msg("%s", err.message);
    if (px_graph_verify(t->graph, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    return t;
}

static bool of_net(const px_node_info *node, char net)
{
    return node->op == PX_OP_VARIABLE && node->name[0] == net && node->name[1] == '.';
}

static size_t parameters(const px_graph *graph, char net)
{
    size_t count = 0;
    for (size_t i = 0; i < graph->count; i++)
        if (of_net(&graph->nodes[i], net) && !graph->nodes[i].state)
            count += px_shape_count(graph->nodes[i].shape);
    return count;
}

static void parameter_counts_are_the_reference_s(void **state)
{
    static const struct {
        const char *netG;
        px_norm_type norm;
        size_t count;
    } cases[] = {{"unet_256", PX_NORM_BATCH, 54413955},
                 {"unet_256", PX_NORM_INSTANCE, 54409603},
                 {"unet_128", PX_NORM_BATCH, 41828995},
                 {"unet_128", PX_NORM_INSTANCE, 41825667}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        px_model_options o = defaults();
        o.netG = cases[i].netG;
        o.norm = cases[i].norm;
        px_training *t = generator(&o, false);
        assert_int_equal(parameters(t->graph, 'G'), cases[i].count);
        px_training_destroy(&t);
    }
    px_model_options o = defaults();
    px_training *t = pix2pix(&o); /* D sees A and B: 6 channels */
    assert_int_equal(parameters(t->graph, 'G'), 54413955);
    assert_int_equal(parameters(t->graph, 'D'), 2768705);
    px_training_destroy(&t);
    o.norm = PX_NORM_INSTANCE;
    o.input_nc = 1;
    o.output_nc = 2; /* 3 channels for D */
    t = pix2pix(&o);
    assert_int_equal(parameters(t->graph, 'D'), 2764737);
    px_training_destroy(&t);
}

/* Keys in the order of the state_dict. */
typedef struct key {
    const char *path;
    int shape[3]; /* d0, d1, k; of a norm {channels} */
    char what;    /* 'w' weight; 'b' weight, and bias with instance norm; 'B' weight and bias always; 'n' norm */
} key;

typedef struct cursor {
    const px_graph *graph;
    char net;
    size_t at;
} cursor;

static void expect_variable(cursor *c, const char *path, const char *leaf, px_shape shape, px_kind kind, bool is_state)
{
    char name[PX_NAME_SIZE + 32];
    const px_node_info *node;

    snprintf(name, sizeof name, "%c.%s.%s", c->net, path, leaf);
    do {
        node = px_graph_node(c->graph, (px_node)c->at++);
        if (!node)
            fail_msg("there is no %s, or it is out of order", name);
    } while (!of_net(node, c->net) || strstr(node->name, ".exp_avg"));
    assert_string_equal(node->name, name);
    if (!px_shape_equal(node->shape, shape) || node->kind != kind || node->state != is_state)
        fail_msg("%s has shape (%d,%d,%d,%d)", name, node->shape.n, node->shape.c, node->shape.h, node->shape.w);
}

static void expect_keys(const px_graph *graph, char net, const key *keys, size_t count, px_norm_type norm)
{
    cursor c = {graph, net, 0};
    for (size_t i = 0; i < count; i++) {
        const key *k = &keys[i];
        const bool is_norm = k->what == 'n';
        const bool has_bias = k->what == 'B' || (k->what == 'b' && norm == PX_NORM_INSTANCE);
        if (is_norm && norm != PX_NORM_BATCH)
            continue;
        /* A transposed convolution's outputs are its second size; up is told by the caller through a negative d1. */
        const int d1 = k->shape[1] < 0 ? -k->shape[1] : k->shape[1];
        const px_shape vector = {1, is_norm || k->shape[1] >= 0 ? k->shape[0] : d1, 1, 1};
        const px_shape weight = {k->shape[0], d1, k->shape[2], k->shape[2]};
        expect_variable(&c, k->path, "weight", is_norm ? vector : weight, is_norm ? PX_PLAIN : PX_WEIGHT, false);
        if (is_norm || has_bias)
            expect_variable(&c, k->path, "bias", vector, PX_PLAIN, false);
        if (is_norm) {
            expect_variable(&c, k->path, "running_mean", vector, PX_PLAIN, true);
            expect_variable(&c, k->path, "running_var", vector, PX_PLAIN, true);
        }
    }
    for (; c.at < graph->count; c.at++) {
        const px_node_info *node = &graph->nodes[c.at];
        if (of_net(node, net) && !strstr(node->name, ".exp_avg"))
            fail_msg("%s should not be there", node->name);
    }
}

#define P0 "model.model"
#define P1 P0 ".1.model"
#define P2 P1 ".3.model"
#define P3 P2 ".3.model"
#define P4 P3 ".3.model"
#define P5 P4 ".3.model"
#define P6 P5 ".3.model"
#define P7 P6 ".3.model"

static const key unet_256_keys[] = {
    {P0 ".0", {64, 3, 4}, 'b'},      {P1 ".1", {128, 64, 4}, 'b'},
    {P1 ".2", {128}, 'n'},           {P2 ".1", {256, 128, 4}, 'b'},
    {P2 ".2", {256}, 'n'},           {P3 ".1", {512, 256, 4}, 'b'},
    {P3 ".2", {512}, 'n'},           {P4 ".1", {512, 512, 4}, 'b'},
    {P4 ".2", {512}, 'n'},           {P5 ".1", {512, 512, 4}, 'b'},
    {P5 ".2", {512}, 'n'},           {P6 ".1", {512, 512, 4}, 'b'},
    {P6 ".2", {512}, 'n'},           {P7 ".1", {512, 512, 4}, 'b'},
    {P7 ".3", {512, -512, 4}, 'b'},  {P7 ".4", {512}, 'n'},
    {P6 ".5", {1024, -512, 4}, 'b'}, {P6 ".6", {512}, 'n'},
    {P5 ".5", {1024, -512, 4}, 'b'}, {P5 ".6", {512}, 'n'},
    {P4 ".5", {1024, -512, 4}, 'b'}, {P4 ".6", {512}, 'n'},
    {P3 ".5", {1024, -256, 4}, 'b'}, {P3 ".6", {256}, 'n'},
    {P2 ".5", {512, -128, 4}, 'b'},  {P2 ".6", {128}, 'n'},
    {P1 ".5", {256, -64, 4}, 'b'},   {P1 ".6", {64}, 'n'},
    {P0 ".3", {128, -3, 4}, 'B'},
};

static const key unet_128_keys[] = {
    {P0 ".0", {64, 3, 4}, 'b'},      {P1 ".1", {128, 64, 4}, 'b'},    {P1 ".2", {128}, 'n'},
    {P2 ".1", {256, 128, 4}, 'b'},   {P2 ".2", {256}, 'n'},           {P3 ".1", {512, 256, 4}, 'b'},
    {P3 ".2", {512}, 'n'},           {P4 ".1", {512, 512, 4}, 'b'},   {P4 ".2", {512}, 'n'},
    {P5 ".1", {512, 512, 4}, 'b'},   {P5 ".2", {512}, 'n'},           {P6 ".1", {512, 512, 4}, 'b'},
    {P6 ".3", {512, -512, 4}, 'b'},  {P6 ".4", {512}, 'n'},           {P5 ".5", {1024, -512, 4}, 'b'},
    {P5 ".6", {512}, 'n'},           {P4 ".5", {1024, -512, 4}, 'b'}, {P4 ".6", {512}, 'n'},
    {P3 ".5", {1024, -256, 4}, 'b'}, {P3 ".6", {256}, 'n'},           {P2 ".5", {512, -128, 4}, 'b'},
    {P2 ".6", {128}, 'n'},           {P1 ".5", {256, -64, 4}, 'b'},   {P1 ".6", {64}, 'n'},
    {P0 ".3", {128, -3, 4}, 'B'},
};

static const key patchgan_3_keys[] = {
    {"model.0", {64, 6, 4}, 'B'},    {"model.2", {128, 64, 4}, 'b'}, {"model.3", {128}, 'n'},
    {"model.5", {256, 128, 4}, 'b'}, {"model.6", {256}, 'n'},        {"model.8", {512, 256, 4}, 'b'},
    {"model.9", {512}, 'n'},         {"model.11", {1, 512, 4}, 'B'},
};

static const key patchgan_1_keys[] = {{"model.0", {64, 6, 4}, 'B'},
                                      {"model.2", {128, 64, 4}, 'b'},
                                      {"model.3", {128}, 'n'},
                                      {"model.5", {1, 128, 4}, 'B'}};

static const key pixelgan_keys[] = {
    {"net.0", {64, 6, 1}, 'B'}, {"net.2", {128, 64, 1}, 'b'}, {"net.3", {128}, 'n'}, {"net.5", {1, 128, 1}, 'b'}};

static void keys_and_shapes_are_the_reference_s(void **state)
{
    static const px_norm_type norms[] = {PX_NORM_BATCH, PX_NORM_INSTANCE, PX_NORM_NONE};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        px_model_options o = defaults();
        o.norm = norms[i];
        px_training *t = pix2pix(&o);
        expect_keys(t->graph, 'G', unet_256_keys, sizeof unet_256_keys / sizeof(key), o.norm);
        expect_keys(t->graph, 'D', patchgan_3_keys, sizeof patchgan_3_keys / sizeof(key), o.norm);
        px_training_destroy(&t);
        o.netG = "unet_128";
        o.netD = "n_layers";
        o.n_layers_D = 1;
        t = pix2pix(&o);
        expect_keys(t->graph, 'G', unet_128_keys, sizeof unet_128_keys / sizeof(key), o.norm);
        expect_keys(t->graph, 'D', patchgan_1_keys, sizeof patchgan_1_keys / sizeof(key), o.norm);
        px_training_destroy(&t);
        o.netD = "pixel";
        t = pix2pix(&o);
        expect_keys(t->graph, 'D', pixelgan_keys, sizeof pixelgan_keys / sizeof(key), o.norm);
        px_training_destroy(&t);
    }
}

/* The generator for inference has the variables of the one that was trained, whichever statistics it uses. */
static void inference_has_the_variables_of_training(void **state)
{
    px_model_options o = defaults();

    (void)state;
    for (int eval = 0; eval < 2; eval++) {
        px_training *t = generator(&o, eval);
        expect_keys(t->graph, 'G', unet_256_keys, sizeof unet_256_keys / sizeof(key), o.norm);
        px_training_destroy(&t);
    }
}

static int count_op(const px_graph *graph, px_op op, int stage)
{
    int count = 0;
    for (size_t i = 0; i < graph->count; i++)
        count += graph->nodes[i].op == op && graph->nodes[i].stage == stage;
    return count;
}

/* 16 convolutions in unet_256's G, 5 in D. */
static void a_step_computes_the_gradients_it_needs_and_no_other(void **state)
{
    px_model_options o = defaults();
    px_training *t = pix2pix(&o);

    (void)state;
    assert_int_equal(count_op(t->graph, PX_OP_CONV_WGRAD, 0), 0);
    assert_int_equal(count_op(t->graph, PX_OP_CONV_WGRAD, 1), 2 * 5); /* D on the fake and on the real pair */
    assert_int_equal(count_op(t->graph, PX_OP_CONV_WGRAD, 2), 16);    /* of G alone */
    assert_int_equal(count_op(t->graph, PX_OP_CONV, 1), 2 * 5);
    assert_int_equal(count_op(t->graph, PX_OP_CONV_T, 1), 2 * 4); /* not towards D's input */
    assert_int_equal(count_op(t->graph, PX_OP_CONV, 2), 5 + 8);   /* D forward, G's up-convs backward */
    assert_int_equal(count_op(t->graph, PX_OP_CONV_T, 2), 5 + 7); /* through D, G's down-convs but the first */
    assert_int_equal(count_op(t->graph, PX_OP_TANH, 0), 1);       /* G forward, once */
    assert_int_equal(count_op(t->graph, PX_OP_TANH_GRAD, 1), 0);

    /* Every value is read by a later node or by the caller, but for the sums of losses, of which only gradients are
     * taken. */
    bool *used = px_calloc(t->graph->count, sizeof *used, NULL);
    for (size_t i = t->graph->count; i-- > 0;) {
        const px_node_info *node = &t->graph->nodes[i];
        const px_op_class op_class = px_op_describe(node->op)->op_class;
        const bool is_total = node->op == PX_OP_SCALE || (node->op == PX_OP_ADD && px_shape_count(node->shape) == 1);
        if (!used[i] && !node->output && op_class != PX_EFFECT && op_class != PX_SOURCE && !is_total)
            fail_msg("node %zu (%s) is computed for nothing", i, px_op_describe(node->op)->name);
        for (int k = 0; k < node->input_count; k++)
            used[node->inputs[k]] = true;
    }
    px_free(used);
    px_training_destroy(&t);
}

/* Index of the first or last node of that op in a stage. */
static size_t find_op(const px_graph *graph, px_op op, int stage, bool last)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].op == op && graph->nodes[i].stage == stage && (last || found == SIZE_MAX))
            found = i;
    assert_true(found != SIZE_MAX);
    return found;
}

static void each_stage_ends_with_the_adam_steps_of_its_net(void **state)
{
    static const char nets[] = {'?', 'D', 'G'};
    px_model_options o = defaults();
    px_training *t = pix2pix(&o);
    int steps[3] = {0}, weights[3] = {0};

    (void)state;
    for (size_t i = 0; i < t->graph->count; i++) {
        const px_node_info *node = &t->graph->nodes[i];
        weights[1] += of_net(node, 'D') && !node->state;
        weights[2] += of_net(node, 'G') && !node->state;
        if (node->op != PX_OP_ADAM)
            continue;
        const px_node_info *variable = &t->graph->nodes[node->inputs[0]];
        assert_in_range(node->stage, 1, 2);
        assert_int_equal(variable->name[0], nets[node->stage]);
        assert_int_equal(node->attrs.id, node->stage == 1 ? 1 : 0); /* optimiser 0 is G's */
        assert_false(variable->state);
        assert_true(t->graph->nodes[node->inputs[2]].state && t->graph->nodes[node->inputs[3]].state);
        steps[node->stage]++;
    }
    assert_int_equal(steps[0], 0);
    assert_int_equal(steps[1], weights[1]);
    assert_int_equal(steps[2], weights[2]);
    for (int stage = 1; stage <= 2; stage++)
        for (size_t i = find_op(t->graph, PX_OP_ADAM, stage, false); t->graph->nodes[i].stage == stage; i++) {
            const px_op op = t->graph->nodes[i].op;
            assert_true(op == PX_OP_ADAM || op == PX_OP_VARIABLE); /* their moments */
            if (i + 1 == t->graph->count)
                break;
        }
    assert_true(find_op(t->graph, PX_OP_ADAM, 1, true) < find_op(t->graph, PX_OP_CONV, 2, false));
    px_training_destroy(&t);
}

/* What the planner's fusion counts on. */
static void activations_stand_where_they_can_be_fused(void **state)
{
    px_model_options o = defaults();
    px_training *t = pix2pix(&o);
    const px_node_info *nodes = t->graph->nodes;

    (void)state;
    for (size_t i = 0; i < t->graph->count; i++) {
        if (nodes[i].op == PX_OP_LEAKY)
            assert_int_not_equal(nodes[nodes[i].inputs[0]].op, PX_OP_CONCAT);
        if (nodes[i].op == PX_OP_NORM_UPDATE)
            assert_int_equal(nodes[i - 1].op, PX_OP_NORM_STATS);
        if (nodes[i].op == PX_OP_LEAKY && nodes[i].stage == 0 && nodes[i].attrs.value > 0) {
            assert_int_equal(nodes[i + 1].op, PX_OP_LEAKY);
            assert_true(nodes[i + 1].attrs.value == 0);
            assert_int_equal(nodes[i].inputs[0], nodes[i + 1].inputs[0]);
            assert_int_equal(nodes[i].inputs[0], i - 1);
        }
    }
    px_training_destroy(&t);
}

static void statistics_are_the_mode_s(void **state)
{
    px_model_options o = defaults();
    px_training *t = pix2pix(&o);

    (void)state;
    assert_int_equal(count_op(t->graph, PX_OP_NORM_UPDATE, 0), 13);
    assert_int_equal(count_op(t->graph, PX_OP_NORM_UPDATE, 1), 2 * 3);
    assert_int_equal(count_op(t->graph, PX_OP_NORM_UPDATE, 2), 3); /* D is in training mode in G's step too */
    px_training_destroy(&t);

    t = generator(&o, true);
    assert_int_equal(count_op(t->graph, PX_OP_NORM_STATS, 0), 0);
    assert_int_equal(count_op(t->graph, PX_OP_NORM_RUNNING, 0), 13);
    px_training_destroy(&t);

    t = generator(&o, false);
    assert_int_equal(count_op(t->graph, PX_OP_NORM_STATS, 0), 13);
    assert_int_equal(count_op(t->graph, PX_OP_NORM_UPDATE, 0), 0);
    px_training_destroy(&t);

    o.norm = PX_NORM_INSTANCE;
    t = generator(&o, true);
    assert_int_equal(count_op(t->graph, PX_OP_NORM_STATS, 0), 13);
    assert_true(t->graph->nodes[find_op(t->graph, PX_OP_NORM_STATS, 0, false)].attrs.per_image);
    px_training_destroy(&t);
}

static void dropout_is_on_the_middle_levels(void **state)
{
    px_model_options o = defaults();
    px_training *t = generator(&o, true);

    (void)state;
    assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), 3);
    for (size_t i = 0; i < t->graph->count; i++)
        if (t->graph->nodes[i].op == PX_OP_DROPOUT) {
            assert_true(t->graph->nodes[i].attrs.value == 0.5f);
            assert_in_range(t->graph->nodes[i].shape.h, 4, 16); /* levels 6, 5, 4 */
        }
    px_training_destroy(&t);
    o.netG = "unet_128";
    t = generator(&o, true);
    assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), 2);
    px_training_destroy(&t);
    o.dropout = false;
    t = generator(&o, true);
    assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), 0);
    px_training_destroy(&t);
}

static void ends_are_named_and_shaped(void **state)
{
    static const char *const names[] = {"G_GAN", "G_L1", "D_real", "D_fake"};
    px_model_options o = small();
    o.batch = 2;
    o.input_nc = 1;
    o.width = 64;
    px_training *t = pix2pix(&o);

    (void)state;
    assert_int_equal(px_graph_find(t->graph, "real_A"), t->real_A);
    assert_int_equal(px_graph_find(t->graph, "real_B"), t->real_B);
    assert_true(px_shape_equal(t->graph->nodes[t->real_A].shape, (px_shape){2, 1, 32, 64}));
    assert_true(px_shape_equal(t->graph->nodes[t->fake_B].shape, (px_shape){2, 3, 32, 64}));
    assert_true(t->graph->nodes[t->fake_B].output);
    assert_int_equal(t->loss_count, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(t->losses[i].name, names[i]);
        assert_true(t->graph->nodes[t->losses[i].node].output);
        assert_true(px_shape_equal(t->graph->nodes[t->losses[i].node].shape, (px_shape){1, 1, 1, 1}));
    }
    px_training_destroy(&t);
    assert_null(t);
    px_training_destroy(&t);

    t = generator(&o, false);
    assert_int_equal(t->real_B, PX_NONE);
    assert_int_equal(t->loss_count, 0);
    px_training_destroy(&t);
}

static void patches_have_the_reference_s_sizes(void **state)
{
    static const int sides[] = {126, 62, 30, 14, 6}; /* the reference: output map at 256 px, n = 1 to 5 */

    (void)state;
    for (int n = 1; n <= 5; n++) {
        px_model_options o = defaults();
        o.netD = "n_layers";
        o.n_layers_D = n;
        px_training *t = pix2pix(&o);
        const px_node_info *loss = &t->graph->nodes[t->losses[2].node];
        assert_string_equal(t->losses[2].name, "D_real");
        assert_int_equal(t->graph->nodes[loss->inputs[0]].shape.h, sides[n - 1]);
        px_training_destroy(&t);
    }
}

static void expect_refusal(px_model_options o, const char *part)
{
    pixcl_error err = {0};
    px_training *t = px_training_pix2pix(&o, &err);
    if (t) {
        px_training_destroy(&t);
        fail_msg("was built, and should have said \"%s\"", part);
    }
    assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);
    if (!strstr(err.message, part))
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

static void wrong_options_are_refused_with_the_cure(void **state)
{
    px_model_options o;

    (void)state;
#define REFUSED(words, ...)                                                                                            \
    do {                                                                                                               \
        o = small();                                                                                                   \
        __VA_ARGS__;                                                                                                   \
        expect_refusal(o, words);                                                                                      \
    } while (0)
    REFUSED("--netG resnet: there is no such generator; there are unet_256, unet_128", o.netG = "resnet");
    REFUSED("--netG unet_: ", o.netG = "unet_");
    REFUSED("--netG unet_100: ", o.netG = "unet_100");
    REFUSED("--netG unet_256x: ", o.netG = "unet_256x");
    REFUSED("--netG unet_99999999999999999999: ", o.netG = "unet_99999999999999999999");
    REFUSED("--netG (none): ", o.netG = NULL);
    REFUSED("--netD patch: there is no such discriminator; there are basic", o.netD = "patch");
    REFUSED("--netD (none): ", o.netD = NULL);
    REFUSED("--n_layers_D 6: must be from 1 to 5", o.netD = "n_layers", o.n_layers_D = 6);
    REFUSED("--n_layers_D -1: must be from 1 to 5", o.netD = "n_layers", o.n_layers_D = -1);
    REFUSED("--n_layers_D 0: must be from 1 to 5", o.netD = "n_layers", o.n_layers_D = 0);
    REFUSED("pictures of 32x32 pixels: --netD n_layers with 4 layers needs at least 48x48", o.netD = "n_layers",
            o.n_layers_D = 4);
    REFUSED("pictures of 40x32 pixels: unet_32 halves them down to one, so both sides must be multiples of 32",
            o.width = 40);
    REFUSED("multiples of 32", o.height = 48);
    REFUSED("--ngf 0", o.ngf = 0);
    REFUSED("--ndf -3", o.ndf = -3);
    REFUSED("--input_nc 0", o.input_nc = 0);
    REFUSED("--output_nc 99999999", o.output_nc = 99999999);
    REFUSED("--batch_size 0", o.batch = 0);
    REFUSED("pictures of 32x0 pixels", o.height = 0);
    REFUSED("--beta1 1", o.beta1 = 1);
    REFUSED("--beta1 nan", o.beta1 = NAN);
    REFUSED("2^31 elements", o.batch = 65536, o.height = o.width = 1024);
#undef REFUSED
    o = small();
    o.netD = "n_layers";
    o.n_layers_D = 5;
    o.height = o.width = 96; /* the smallest it takes */
    px_training *t = pix2pix(&o);
    px_training_destroy(&t);
}

static void sides_are_multiples_of_what_the_net_says(void **state)
{
    (void)state;
    assert_int_equal(px_model_multiple("unet_256"), 256);
    assert_int_equal(px_model_multiple("unet_128"), 128);
    assert_int_equal(px_model_multiple("unet_4"), 4);
    assert_int_equal(px_model_multiple("unet_2"), 0);
    assert_int_equal(px_model_multiple("resnet_9blocks"), 0);
    assert_int_equal(px_model_multiple(NULL), 0);
}

static void running_out_of_memory_is_reported(void **state)
{
    const px_model_options o = small();
    bool built = false;

    (void)state;
    for (long n = 1; !built; n++) {
        pixcl_error err = {0};
        px_fail_allocation(n);
        px_training *t = px_training_pix2pix(&o, &err);
        px_fail_allocation(0);
        built = t != NULL;
        assert_int_equal(err.status, built ? PIXCL_OK : PIXCL_ERROR_MEMORY);
        px_training_destroy(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameter_counts_are_the_reference_s),
        cmocka_unit_test(keys_and_shapes_are_the_reference_s),
        cmocka_unit_test(inference_has_the_variables_of_training),
        cmocka_unit_test(a_step_computes_the_gradients_it_needs_and_no_other),
        cmocka_unit_test(each_stage_ends_with_the_adam_steps_of_its_net),
        cmocka_unit_test(activations_stand_where_they_can_be_fused),
        cmocka_unit_test(statistics_are_the_mode_s),
        cmocka_unit_test(dropout_is_on_the_middle_levels),
        cmocka_unit_test(ends_are_named_and_shaped),
        cmocka_unit_test(patches_have_the_reference_s_sizes),
        cmocka_unit_test(wrong_options_are_refused_with_the_cure),
        cmocka_unit_test(sides_are_multiples_of_what_the_net_says),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
