/* model: the order of a training step, what fusion counts on, dropout, statistics, refusals. Keys: test_model_keys.c.
 * */
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
#include "model_fixture.h"

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

/* The same layers as in the U-Net, one ReLU on the way up, and nothing that a skip would need. */
static void an_encoder_decoder_is_a_u_net_without_skips(void **state)
{
    px_model_options o = defaults();
    px_training *unet = generator(&o, false), *t;

    (void)state;
    o.netG = "encoder_decoder_256";
    t = generator(&o, false);
    assert_int_equal(count_op(unet->graph, PX_OP_CONCAT, 0), 7);
    assert_int_equal(count_op(t->graph, PX_OP_CONCAT, 0), 0);
    assert_int_equal(count_op(t->graph, PX_OP_LEAKY, 0), count_op(unet->graph, PX_OP_LEAKY, 0) - 7);
    static const px_op same[] = {PX_OP_CONV, PX_OP_CONV_T, PX_OP_NORM, PX_OP_DROPOUT, PX_OP_TANH};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        assert_int_equal(count_op(t->graph, same[i], 0), count_op(unet->graph, same[i], 0));
    assert_true(px_shape_equal(t->graph->nodes[t->fake_B].shape, (px_shape){1, 3, 256, 256}));
    px_training_destroy(&unet);
    px_training_destroy(&t);
}

/* Repeated pixels, a reflected edge and a 3x3 convolution in the place of each transposed convolution. */
static void sides_are_doubled_as_the_options_say(void **state)
{
    static const struct {
        const char *netG;
        int ups;
    } cases[] = {{"unet_256", 8}, {"encoder_decoder_256", 8}, {"resnet_9blocks", 2}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        px_model_options o = defaults();
        o.netG = cases[i].netG;
        px_training *t = generator(&o, false);
        assert_int_equal(count_op(t->graph, PX_OP_CONV_T, 0), cases[i].ups);
        assert_int_equal(count_op(t->graph, PX_OP_UPSAMPLE, 0), 0);
        px_training_destroy(&t);
        o.upsample = PX_UPSAMPLE_RESIZE;
        t = generator(&o, false);
        assert_int_equal(count_op(t->graph, PX_OP_CONV_T, 0), 0);
        int ups = 0;
        for (size_t k = 0; k < t->graph->count; k++) {
            const px_node_info *conv = &t->graph->nodes[k], *pad, *up;
            if (conv->op != PX_OP_CONV || (pad = &t->graph->nodes[conv->inputs[0]])->op != PX_OP_REFLECT_PAD ||
                (up = &t->graph->nodes[pad->inputs[0]])->op != PX_OP_UPSAMPLE)
                continue;
            assert_true(conv->attrs.kernel == 3 && conv->attrs.stride == 1 && conv->attrs.pad == 0);
            assert_true(conv->shape.h == up->shape.h && conv->shape.w == up->shape.w);
            ups++;
        }
        assert_int_equal(ups, cases[i].ups);
        assert_int_equal(count_op(t->graph, PX_OP_UPSAMPLE, 0), cases[i].ups);
        assert_true(px_shape_equal(t->graph->nodes[t->fake_B].shape, (px_shape){1, 3, 256, 256}));
        px_training_destroy(&t);
    }
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

/* Each block: pad, conv, bias, statistics, norm, ReLU, dropout, pad, conv, bias, statistics, norm, and the sum. */
static void blocks_of_a_resnet_are_in_the_order_to_be_fused(void **state)
{
    static const px_op order[] = {PX_OP_REFLECT_PAD, PX_OP_CONV,    PX_OP_BIAS,        PX_OP_NORM_STATS, PX_OP_NORM,
                                  PX_OP_LEAKY,       PX_OP_DROPOUT, PX_OP_REFLECT_PAD, PX_OP_CONV,       PX_OP_BIAS,
                                  PX_OP_NORM_STATS,  PX_OP_NORM,    PX_OP_ADD};
    const int steps = sizeof order / sizeof order[0];
    px_model_options o = defaults();
    o.netG = "resnet_2blocks";
    o.norm = PX_NORM_INSTANCE;
    px_training *t = generator(&o, false);
    const px_node_info *nodes = t->graph->nodes;
    int blocks = 0;

    (void)state;
    for (size_t i = 0; i < t->graph->count; i++) {
        if (nodes[i].op != PX_OP_ADD)
            continue;
        assert_int_equal(nodes[i].inputs[0], i - 1);
        int step = steps;
        px_node first = PX_NONE;
        for (size_t k = i + 1; step > 0 && k-- > 0;)
            if (nodes[k].op != PX_OP_VARIABLE) {
                assert_int_equal(nodes[k].op, order[--step]);
                first = (px_node)k;
            }
        assert_int_equal(nodes[first].inputs[0], nodes[i].inputs[1]); /* both begin at the block's input */
        assert_true(px_shape_equal(nodes[i].shape, (px_shape){1, 256, 64, 64}));
        blocks++;
    }
    assert_int_equal(blocks, 2);
    assert_int_equal(count_op(t->graph, PX_OP_TANH, 0), 1);
    assert_int_equal(count_op(t->graph, PX_OP_REFLECT_PAD, 0), 2 + 2 * 2);
    assert_true(px_shape_equal(nodes[t->fake_B].shape, (px_shape){1, 3, 256, 256}));
    px_training_destroy(&t);
}

static void gradients_alone_are_outputs_under_their_weights_names(void **state)
{
    static const char *const names[] = {"resnet_1blocks", "unet_32"};

    (void)state;
    for (int which = 0; which < 2; which++) {
        px_model_options o = small();
        pixcl_error err = {0};
        o.netG = names[which];
        px_training *t = px_training_generator_gradients(&o, &err);
        int weights = 0, gradients = 0;
        if (!t)
            fail_msg("%s", err.message);
        assert_int_equal(px_graph_verify(t->graph, &err), PIXCL_OK);
        assert_int_equal(count_op(t->graph, PX_OP_ADAM, 0), 0);
        for (size_t i = 0; i < t->graph->count; i++) {
            const px_node_info *node = &t->graph->nodes[i];
            char name[PX_NAME_SIZE];
            const size_t length = strlen(node->name);
            weights += of_net(node, 'G') && !node->state;
            if (!node->output || length < 5 || strcmp(node->name + length - 5, ".grad") != 0)
                continue;
            gradients++;
            snprintf(name, sizeof name, "%.*s", (int)length - 5, node->name);
            const px_node weight = px_graph_find(t->graph, name);
            assert_int_not_equal(weight, PX_NONE);
            assert_true(px_shape_equal(t->graph->nodes[weight].shape, node->shape));
        }
        assert_true(weights > 10);
        assert_int_equal(gradients, weights);
        assert_string_equal(t->losses[0].name, "L1");
        px_training_destroy(&t);
        o.ngf = 0;
        assert_null(px_training_generator_gradients(&o, &err));
    }
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

static void dropout_is_where_the_reference_has_it(void **state)
{
    px_model_options o = defaults();
    px_training *t = generator(&o, false);

    (void)state;
    assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), 3);
    for (size_t i = 0; i < t->graph->count; i++)
        if (t->graph->nodes[i].op == PX_OP_DROPOUT) {
            assert_true(t->graph->nodes[i].attrs.value == 0.5f);
            assert_in_range(t->graph->nodes[i].shape.h, 4, 16); /* levels 6, 5, 4 */
        }
    px_training_destroy(&t);
    o.netG = "unet_128";
    t = generator(&o, false);
    assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), 2);
    px_training_destroy(&t);
    o.dropout = false;
    t = generator(&o, false);
    assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), 0);
    px_training_destroy(&t);
    o.dropout = true;
    t = generator(&o, true); /* evaluation */
    assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), 0);
    px_training_destroy(&t);
    o.netG = "resnet_9blocks";
    for (int eval = 0; eval < 2; eval++) {
        t = generator(&o, eval);
        assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), eval ? 0 : 9);
        assert_int_not_equal(px_graph_find(t->graph, "G.model.10.conv_block.6.weight"), PX_NONE);
        px_training_destroy(&t);
    }
}

/* Statistics and dropout are two choices, though PyTorch's eval() makes them together. */
static void a_trained_generator_s_modes_are_independent(void **state)
{
    px_model_options o = defaults();

    (void)state;
    for (int running = 0; running < 2; running++)
        for (int no_dropout = 0; no_dropout < 2; no_dropout++) {
            px_training *t =
                px_training_generator(&o, "G", (px_test_mode){.running = running, .no_dropout = no_dropout}, NULL);
            assert_non_null(t);
            assert_int_equal(count_op(t->graph, PX_OP_NORM_RUNNING, 0), running ? 13 : 0);
            assert_int_equal(count_op(t->graph, PX_OP_NORM_STATS, 0), running ? 0 : 13);
            assert_int_equal(count_op(t->graph, PX_OP_NORM_UPDATE, 0), 0);
            assert_int_equal(count_op(t->graph, PX_OP_DROPOUT, 0), no_dropout ? 0 : 3);
            px_training_destroy(&t);
        }
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

static void expect_losses(const px_training *t, const char *const *names)
{
    int count = 0;
    for (; names[count]; count++) {
        assert_true(count < t->loss_count);
        assert_string_equal(t->losses[count].name, names[count]);
    }
    assert_int_equal(t->loss_count, count);
}

#define LOSSES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void objectives_are_built_of_the_parts_asked_for(void **state)
{
    (void)state;
    for (int model = 0; model < 2; model++) { /* without a GAN there are no discriminators */
        px_model_options o = small();
        pixcl_error err = {0};
        o.model = model ? PX_MODEL_CYCLE_GAN : PX_MODEL_PIX2PIX;
        o.gan_mode = PX_GAN_NONE;
        o.netD = "n_layers";
        o.n_layers_D = 5; /* too many for these pictures: nobody asks */
        o.lambda_A = 1;
        px_training *t = px_training_create(&o, &err);
        if (!t)
            fail_msg("%s", err.message);
        expect_losses(t, model ? LOSSES("cycle_A") : LOSSES("G_L1"));
        for (size_t i = 0; i < t->graph->count; i++)
            assert_false(t->graph->nodes[i].op == PX_OP_VARIABLE && t->graph->nodes[i].name[0] == 'D');
        px_training_destroy(&t);
    }

    px_model_options o = small();
    o.gan_mode = PX_GAN_WGANGP;
    o.lambda_gp = 10;
    o.reconstruction = PX_RECONSTRUCTION_NONE;
    px_training *t = pix2pix(&o);
    expect_losses(t, LOSSES("G_GAN", "D_real", "D_fake", "D_gp"));
    assert_int_equal(count_op(t->graph, PX_OP_L1, 2), 0);
    assert_int_equal(count_op(t->graph, PX_OP_NORM_UPDATE, 1), 3 * 3); /* PyTorch counts the third pass, too */
    assert_int_equal(count_op(t->graph, PX_OP_NORM_GRAD_X, 1), 3);
    assert_int_equal(t->graph->nodes[px_graph_find(t->graph, "D.model.0.weight")].shape.c, 6);
    px_training_destroy(&t);

    o.lambda_gp = 0;
    o.reconstruction = PX_RECONSTRUCTION_L2;
    o.unconditional_D = true;
    o.input_nc = 1;
    t = pix2pix(&o);
    expect_losses(t, LOSSES("G_GAN", "G_L2", "D_real", "D_fake"));
    px_training_destroy(&t);

    o.reconstruction = PX_RECONSTRUCTION_SMOOTH_L1;
    t = pix2pix(&o);
    expect_losses(t, LOSSES("G_GAN", "G_smooth_L1", "D_real", "D_fake"));
    assert_int_equal(count_op(t->graph, PX_OP_MIX, 1), 0);
    assert_int_equal(t->graph->nodes[px_graph_find(t->graph, "D.model.0.weight")].shape.c, 3);
    px_training_destroy(&t);

    o = small();
    o.model = PX_MODEL_CYCLE_GAN;
    o.gan_mode = PX_GAN_WGANGP;
    o.lambda_gp = 10;
    t = px_training_create(&o, NULL);
    assert_non_null(t);
    expect_losses(t, LOSSES("D_A", "gp_A", "G_A", "D_B", "gp_B", "G_B"));
    assert_int_equal(count_op(t->graph, PX_OP_MIX, 1), 2);
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
    REFUSED("unet_ and encoder_decoder_ with any other power of two", o.netG = "encoder_decoder_100");
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
    REFUSED("pictures of 30x32 pixels: resnet_9blocks halves them twice, so both sides must be multiples of 4, and at "
            "least 8",
            o.netG = "resnet_9blocks", o.width = 30);
    REFUSED("pictures of 32x4 pixels: resnet_1blocks", o.netG = "resnet_1blocks", o.height = 4);
    REFUSED("--netG resnet_0blocks: ", o.netG = "resnet_0blocks");
    REFUSED("--netG resnet_9: ", o.netG = "resnet_9");
    REFUSED("resnet_<n>blocks with n from 1 to 64", o.netG = "resnet_99999999999999999999blocks");
    REFUSED("--ngf 0", o.ngf = 0);
    REFUSED("--ndf -3", o.ndf = -3);
    REFUSED("--input_nc 0", o.input_nc = 0);
    REFUSED("--output_nc 99999999", o.output_nc = 99999999);
    REFUSED("--batch_size 0", o.batch = 0);
    REFUSED("pictures of 32x0 pixels", o.height = 0);
    REFUSED("--beta1 1", o.beta1 = 1);
    REFUSED("--gan_mode none leaves nothing to learn from without --reconstruction", o.gan_mode = PX_GAN_NONE,
            o.reconstruction = PX_RECONSTRUCTION_NONE);
    REFUSED("--gan_mode none leaves nothing to learn from without --reconstruction", o.gan_mode = PX_GAN_NONE,
            o.lambda_L1 = 0);
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
    assert_int_equal(px_model_multiple("encoder_decoder_256"), 256);
    assert_int_equal(px_model_multiple("encoder_decoder_100"), 0);
    assert_int_equal(px_model_multiple("encoder_decoder"), 0);
    assert_int_equal(px_model_multiple("resnet_9blocks"), 4);
    assert_int_equal(px_model_multiple("resnet_64blocks"), 4);
    assert_int_equal(px_model_multiple("resnet_65blocks"), 0);
    assert_int_equal(px_model_multiple("resnet_0blocks"), 0);
    assert_int_equal(px_model_multiple("resnet_9"), 0);
    assert_int_equal(px_model_multiple(NULL), 0);
    assert_int_equal(px_model_smallest("unet_256"), 256);
    assert_int_equal(px_model_smallest("resnet_9blocks"), 8);
    assert_int_equal(px_model_smallest("resnet"), 0);
}

static void running_out_of_memory_is_reported(void **state)
{
    px_model_options o = small();

    (void)state;
    for (int which = 0; which < 4; which++) {
        bool built = false;
        o.netG = which == 0 ? "unet_32" : "resnet_2blocks";
        o.gan_mode = which == 3 ? PX_GAN_WGANGP : PX_GAN_VANILLA;
        o.lambda_gp = 10;
        for (long n = 1; !built; n++) {
            pixcl_error err = {0};
            px_fail_allocation(n);
            px_training *t = which != 2 ? px_training_pix2pix(&o, &err) : px_training_generator_gradients(&o, &err);
            px_fail_allocation(0);
            built = t != NULL;
            assert_int_equal(err.status, built ? PIXCL_OK : PIXCL_ERROR_MEMORY);
            px_training_destroy(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_computes_the_gradients_it_needs_and_no_other),
        cmocka_unit_test(each_stage_ends_with_the_adam_steps_of_its_net),
        cmocka_unit_test(an_encoder_decoder_is_a_u_net_without_skips),
        cmocka_unit_test(sides_are_doubled_as_the_options_say),
        cmocka_unit_test(activations_stand_where_they_can_be_fused),
        cmocka_unit_test(blocks_of_a_resnet_are_in_the_order_to_be_fused),
        cmocka_unit_test(gradients_alone_are_outputs_under_their_weights_names),
        cmocka_unit_test(statistics_are_the_mode_s),
        cmocka_unit_test(dropout_is_where_the_reference_has_it),
        cmocka_unit_test(a_trained_generator_s_modes_are_independent),
        cmocka_unit_test(ends_are_named_and_shaped),
        cmocka_unit_test(objectives_are_built_of_the_parts_asked_for),
        cmocka_unit_test(patches_have_the_reference_s_sizes),
        cmocka_unit_test(wrong_options_are_refused_with_the_cure),
        cmocka_unit_test(sides_are_multiples_of_what_the_net_says),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
