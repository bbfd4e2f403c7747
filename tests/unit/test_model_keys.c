/* model: parameter counts, state_dict keys and shapes are the reference's, in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "model_fixture.h"

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
    } cases[] = {{"unet_256", PX_NORM_BATCH, 54413955},           {"unet_256", PX_NORM_INSTANCE, 54409603},
                 {"unet_128", PX_NORM_BATCH, 41828995},           {"unet_128", PX_NORM_INSTANCE, 41825667},
                 {"resnet_9blocks", PX_NORM_INSTANCE, 11378179},  {"resnet_6blocks", PX_NORM_INSTANCE, 7837699},
                 {"encoder_decoder_256", PX_NORM_BATCH, 39075459}};

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

/* The U-Net's, where the way up takes in nothing but the way up. */
static const key encoder_decoder_128_keys[] = {
    {P0 ".0", {64, 3, 4}, 'b'},     {P1 ".1", {128, 64, 4}, 'b'},   {P1 ".2", {128}, 'n'},
    {P2 ".1", {256, 128, 4}, 'b'},  {P2 ".2", {256}, 'n'},          {P3 ".1", {512, 256, 4}, 'b'},
    {P3 ".2", {512}, 'n'},          {P4 ".1", {512, 512, 4}, 'b'},  {P4 ".2", {512}, 'n'},
    {P5 ".1", {512, 512, 4}, 'b'},  {P5 ".2", {512}, 'n'},          {P6 ".1", {512, 512, 4}, 'b'},
    {P6 ".3", {512, -512, 4}, 'b'}, {P6 ".4", {512}, 'n'},          {P5 ".5", {512, -512, 4}, 'b'},
    {P5 ".6", {512}, 'n'},          {P4 ".5", {512, -512, 4}, 'b'}, {P4 ".6", {512}, 'n'},
    {P3 ".5", {512, -256, 4}, 'b'}, {P3 ".6", {256}, 'n'},          {P2 ".5", {256, -128, 4}, 'b'},
    {P2 ".6", {128}, 'n'},          {P1 ".5", {128, -64, 4}, 'b'},  {P1 ".6", {64}, 'n'},
    {P0 ".3", {64, -3, 4}, 'B'},
};

/* With dropout the second convolution of a block is one further down the sequence. */
#define RESNET_START                                                                                                   \
    {"model.1", {64, 3, 7}, 'b'}, {"model.2", {64}, 'n'}, {"model.4", {128, 64, 3}, 'b'}, {"model.5", {128}, 'n'},     \
        {"model.7", {256, 128, 3}, 'b'},                                                                               \
    {                                                                                                                  \
        "model.8", {256}, 'n'                                                                                          \
    }
#define RESNET_BLOCK(i, conv, norm)                                                                                    \
    {"model." i ".conv_block.1", {256, 256, 3}, 'b'}, {"model." i ".conv_block.2", {256}, 'n'},                        \
        {"model." i ".conv_block." conv, {256, 256, 3}, 'b'},                                                          \
    {                                                                                                                  \
        "model." i ".conv_block." norm, {256}, 'n'                                                                     \
    }
#define RESNET_END(up1, norm1, up2, norm2, last)                                                                       \
    {"model." up1, {256, -128, 3}, 'b'}, {"model." norm1, {128}, 'n'}, {"model." up2, {128, -64, 3}, 'b'},             \
        {"model." norm2, {64}, 'n'},                                                                                   \
    {                                                                                                                  \
        "model." last, {3, 64, 7}, 'B'                                                                                 \
    }

static const key resnet_9_keys[] = {
    RESNET_START,
    RESNET_BLOCK("10", "5", "6"),
    RESNET_BLOCK("11", "5", "6"),
    RESNET_BLOCK("12", "5", "6"),
    RESNET_BLOCK("13", "5", "6"),
    RESNET_BLOCK("14", "5", "6"),
    RESNET_BLOCK("15", "5", "6"),
    RESNET_BLOCK("16", "5", "6"),
    RESNET_BLOCK("17", "5", "6"),
    RESNET_BLOCK("18", "5", "6"),
    RESNET_END("19", "20", "22", "23", "26"),
};

static const key resnet_6_dropout_keys[] = {
    RESNET_START,
    RESNET_BLOCK("10", "6", "7"),
    RESNET_BLOCK("11", "6", "7"),
    RESNET_BLOCK("12", "6", "7"),
    RESNET_BLOCK("13", "6", "7"),
    RESNET_BLOCK("14", "6", "7"),
    RESNET_BLOCK("15", "6", "7"),
    RESNET_END("16", "17", "19", "20", "23"),
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
        o.netG = "encoder_decoder_128";
        t = pix2pix(&o);
        expect_keys(t->graph, 'G', encoder_decoder_128_keys, sizeof encoder_decoder_128_keys / sizeof(key), o.norm);
        px_training_destroy(&t);
        o.netG = "resnet_6blocks";
        t = pix2pix(&o);
        expect_keys(t->graph, 'G', resnet_6_dropout_keys, sizeof resnet_6_dropout_keys / sizeof(key), o.norm);
        px_training_destroy(&t);
        o.netG = "resnet_9blocks";
        o.dropout = false;
        t = pix2pix(&o);
        expect_keys(t->graph, 'G', resnet_9_keys, sizeof resnet_9_keys / sizeof(key), o.norm);
        px_training_destroy(&t);
    }
}

/* With --upsample resize the layers that double the sides are 3x3 convolutions, (out,in,3,3), under the same keys. */
static void expect_resized_keys(const char *netG, const key *keys, size_t count, bool dropout)
{
    key resized[64];
    px_model_options o = defaults();
    o.netG = netG;
    o.norm = PX_NORM_INSTANCE;
    o.dropout = dropout;
    o.upsample = PX_UPSAMPLE_RESIZE;
    assert_true(count <= sizeof resized / sizeof *resized);
    for (size_t i = 0; i < count; i++) {
        resized[i] = keys[i];
        if (keys[i].shape[1] < 0)
            resized[i] = (key){keys[i].path, {-keys[i].shape[1], keys[i].shape[0], 3}, keys[i].what};
    }
    px_training *t = pix2pix(&o);
    expect_keys(t->graph, 'G', resized, count, o.norm);
    px_training_destroy(&t);
}

static void resizing_changes_shapes_but_no_keys(void **state)
{
    (void)state;
    expect_resized_keys("unet_256", unet_256_keys, sizeof unet_256_keys / sizeof(key), true);
    expect_resized_keys("encoder_decoder_128", encoder_decoder_128_keys, sizeof encoder_decoder_128_keys / sizeof(key),
                        true);
    expect_resized_keys("resnet_9blocks", resnet_9_keys, sizeof resnet_9_keys / sizeof(key), false);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameter_counts_are_the_reference_s),
        cmocka_unit_test(keys_and_shapes_are_the_reference_s),
        cmocka_unit_test(resizing_changes_shapes_but_no_keys),
        cmocka_unit_test(inference_has_the_variables_of_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
