/* model: CycleGAN as a training program: what its options leave out, networks both ways, what each stage does, and
 * refusals. (That it computes what PyTorch does is tests/golden's.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "model_fixture.h"
#include "weights/names.h"

static px_model_options cycle(void)
{
    px_model_options o = small();
    o.model = PX_MODEL_CYCLE_GAN;
    o.netG = "resnet_1blocks";
    o.gan_mode = PX_GAN_LSGAN;
    o.lambda_A = o.lambda_B = 10;
    o.lambda_identity = 0.5f;
    return o;
}

static px_training *build(const px_model_options *o)
{
    pixcl_error err = {0};
    px_training *t = px_training_create(o, &err);
    if (!t)
        fail_msg("%s", err.message);
    if (px_graph_verify(t->graph, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    return t;
}

static const px_node_info *node_named(const px_training *t, const char *name)
{
    const px_node_info *node = px_graph_node(t->graph, px_graph_find(t->graph, name));
    if (!node)
        fail_msg("there is no %s", name);
    return node;
}

static bool is_of(const px_node_info *node, const char *net)
{
    const size_t length = strlen(net);
    return strncmp(node->name, net, length) == 0 && node->name[length] == '.';
}

static int count_op(const px_training *t, px_op op, int stage)
{
    int count = 0;
    for (size_t i = 0; i < t->graph->count; i++)
        count += t->graph->nodes[i].op == op && t->graph->nodes[i].stage == stage;
    return count;
}

/* How often the statistics of a norm are updated in a step: its net's forward passes. */
static int updates(const px_training *t, const char *running_mean)
{
    const px_node variable = px_graph_find(t->graph, running_mean);
    int count = 0;
    assert_int_not_equal(variable, PX_NONE);
    for (size_t i = 0; i < t->graph->count; i++)
        count += t->graph->nodes[i].op == PX_OP_NORM_UPDATE &&
                 (t->graph->nodes[i].inputs[0] == variable || t->graph->nodes[i].inputs[1] == variable);
    return count;
}

/* The losses, the pictures and the passes of each network that a step has, by the weights of its losses; in order. */
static void weights_of_zero_leave_out_what_they_weigh(void **state)
{
    static const struct {
        float A, B, identity;
        const char *losses, *visuals;
    } cases[] = {
        {10, 10, 0.5f, "D_A G_A cycle_A idt_A D_B G_B cycle_B idt_B", "real_A fake_B rec_A real_B fake_A rec_B"},
        {10, 10, 0, "D_A G_A cycle_A D_B G_B cycle_B", "real_A fake_B rec_A real_B fake_A rec_B"},
        {0, 10, 0.5f, "D_A G_A idt_A D_B G_B cycle_B", "real_A fake_B real_B fake_A rec_B"},
        {10, 0, 0.5f, "D_A G_A cycle_A D_B G_B idt_B", "real_A fake_B rec_A real_B fake_A"},
        {0, 0, 0.5f, "D_A G_A D_B G_B", "real_A fake_B real_B fake_A"},
    };
    static const struct {
        const char *name, *running_mean;
    } nets[] = {{"G_A", "G_A.model.2.running_mean"},
                {"G_B", "G_B.model.2.running_mean"},
                {"D_A", "D_A.model.3.running_mean"},
                {"D_B", "D_B.model.3.running_mean"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char losses[256] = "", visuals[256] = "";
        px_model_options o = cycle();
        pixcl_options options;
        o.lambda_A = cases[i].A;
        o.lambda_B = cases[i].B;
        o.lambda_identity = cases[i].identity;
        px_training *t = build(&o);
        for (int l = 0; l < t->loss_count; l++)
            snprintf(losses + strlen(losses), 32, "%s%s", l ? " " : "", t->losses[l].name);
        for (int v = 0; v < t->visual_count; v++)
            snprintf(visuals + strlen(visuals), 32, "%s%s", v ? " " : "", t->visuals[v].label);
        assert_string_equal(losses, cases[i].losses);
        assert_string_equal(visuals, cases[i].visuals);

        px_options_default(&options, PIXCL_FOR_TRAIN);
        pixcl_options_set(&options, "model", "cycle_gan", NULL);
        options.lambda_A = cases[i].A;
        options.lambda_B = cases[i].B;
        options.lambda_identity = cases[i].identity;
        for (size_t n = 0; n < sizeof nets / sizeof *nets; n++)
            assert_int_equal(updates(t, nets[n].running_mean), px_net_passes(&options, nets[n].name));
        px_training_destroy(&t);
    }
}

/* G_A leads from A to B and D_A judges pictures like B; G_B and D_B the other way. */
static void networks_have_the_channels_of_their_direction(void **state)
{
    static const struct {
        const char *name;
        px_shape shape;
    } weights[] = {
        {"G_A.model.1.weight", {4, 1, 7, 7}},   {"G_A.model.18.weight", {3, 4, 7, 7}},
        {"G_B.model.1.weight", {4, 3, 7, 7}},   {"G_B.model.18.weight", {1, 4, 7, 7}},
        {"D_A.model.0.weight", {4, 3, 4, 4}},   {"D_B.model.0.weight", {4, 1, 4, 4}},
        {"D_A.model.11.weight", {1, 32, 4, 4}},
    };
    px_model_options o = cycle();

    (void)state;
    o.input_nc = 1;
    o.lambda_identity = 0;
    o.batch = 2;
    px_training *t = build(&o);
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
        assert_true(px_shape_equal(node_named(t, weights[i].name)->shape, weights[i].shape));
    for (int v = 0; v < t->visual_count; v++) {
        const char *label = t->visuals[v].label;
        const px_shape shape = {2, label[strlen(label) - 1] == 'A' ? 1 : 3, 32, 32};
        assert_true(px_shape_equal(t->graph->nodes[t->visuals[v].node].shape, shape));
    }
    assert_int_equal(t->fake_B, t->visuals[1].node);
    px_training_destroy(&t);
}

/* Stage 0 trains the generators, each weight once, stage 1 the discriminators. No gradient is taken that nobody needs,
 * and no generator runs again for the discriminators: they see what it made before its update. */
static void each_stage_trains_its_networks(void **state)
{
    enum { CONVS_OF_G = 3 + 2 + 3, CONVS_OF_D = 5, PASSES = 6 };
    px_model_options o = cycle();
    px_training *t = build(&o);
    int steps[2] = {0}, weights[2] = {0};

    (void)state;
    for (size_t i = 0; i < t->graph->count; i++) {
        const px_node_info *node = &t->graph->nodes[i];
        if (node->op == PX_OP_VARIABLE && !node->state)
            weights[is_of(node, "D_A") || is_of(node, "D_B")]++;
        if (node->op != PX_OP_ADAM)
            continue;
        const px_node_info *weight = &t->graph->nodes[node->inputs[0]];
        assert_int_equal(weight->name[0], node->stage == 0 ? 'G' : 'D');
        assert_int_equal(node->attrs.id, node->stage);
        steps[node->stage]++;
    }
    assert_int_equal(steps[0], weights[0]);
    assert_int_equal(steps[1], weights[1]);
    assert_int_equal(count_op(t, PX_OP_TANH, 0), PASSES);
    assert_int_equal(count_op(t, PX_OP_TANH, 1), 0);
    assert_int_equal(count_op(t, PX_OP_CONV_WGRAD, 0), PASSES * CONVS_OF_G);
    assert_int_equal(count_op(t, PX_OP_CONV_WGRAD, 1), 4 * CONVS_OF_D); /* two networks, each real and fake */
    px_training_destroy(&t);
}

static void pools_stand_before_the_discriminators_own_step(void **state)
{
    px_model_options o = cycle();

    (void)state;
    o.pool_size = 7;
    o.batch = 2;
    o.output_nc = 1;
    o.lambda_identity = 0;
    px_training *t = build(&o);
    assert_true(px_shape_equal(node_named(t, "fake_A.pool")->shape, (px_shape){7, 3, 32, 32}));
    assert_true(px_shape_equal(node_named(t, "fake_B.pool")->shape, (px_shape){7, 1, 32, 32}));
    assert_int_equal(count_op(t, PX_OP_POOL_PICK, 0), 0);
    assert_int_equal(count_op(t, PX_OP_POOL_PICK, 1), 2);
    px_training_destroy(&t);
    o.pool_size = 0;
    t = build(&o);
    assert_int_equal(px_graph_find(t->graph, "fake_A.pool"), PX_NONE);
    px_training_destroy(&t);
}

static void wrong_options_are_refused_with_the_cure(void **state)
{
    px_model_options o;
    pixcl_error err;

    (void)state;
#define REFUSED(text, ...)                                                                                             \
    do {                                                                                                               \
        o = cycle();                                                                                                   \
        err = (pixcl_error){0};                                                                                        \
        __VA_ARGS__;                                                                                                   \
        assert_null(px_training_create(&o, &err));                                                                     \
        assert_int_equal(err.status, PIXCL_ERROR_ARGUMENT);                                                            \
        if (!strstr(err.message, text))                                                                                \
            fail_msg("\"%s\" in place of \"%s\"", err.message, text);                                                  \
    } while (0)
    REFUSED("--lambda_identity 0.5: needs --input_nc 1 and --output_nc 3 to be equal; give --lambda_identity 0",
            o.input_nc = 1);
    REFUSED("--input_nc 0", o.input_nc = 0);
    REFUSED("--output_nc 0", o.output_nc = 0);
    REFUSED("--netG resnet: there is no such generator", o.netG = "resnet");
    REFUSED("--netD patch: there is no such discriminator", o.netD = "patch");
    REFUSED("pictures of 34x32 pixels", o.width = 34);
    REFUSED("--beta1 1", o.beta1 = 1);
#undef REFUSED
}

static void running_out_of_memory_is_reported(void **state)
{
    px_model_options o = cycle();
    bool built = false;

    (void)state;
    o.pool_size = 3;
    for (long n = 1; !built; n++) {
        pixcl_error err = {0};
        px_fail_allocation(n);
        px_training *t = px_training_create(&o, &err);
        px_fail_allocation(0);
        built = t != NULL;
        assert_int_equal(err.status, built ? PIXCL_OK : PIXCL_ERROR_MEMORY);
        px_training_destroy(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_of_zero_leave_out_what_they_weigh),
        cmocka_unit_test(networks_have_the_channels_of_their_direction),
        cmocka_unit_test(each_stage_trains_its_networks),
        cmocka_unit_test(pools_stand_before_the_discriminators_own_step),
        cmocka_unit_test(wrong_options_are_refused_with_the_cure),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
