/* Options and programs that the tests of networks begin from. Included by one test each; not every one needs all. */
#ifndef TEST_MODEL_FIXTURE_H
#define TEST_MODEL_FIXTURE_H

#include "model/model.h"

static inline px_model_options defaults(void)
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

static inline px_model_options small(void)
{
    px_model_options o = defaults();
    o.netG = "unet_32";
    o.ngf = o.ndf = 4;
    o.height = o.width = 32;
    return o;
}

static inline px_training *pix2pix(const px_model_options *o)
{
    pixcl_error err = {0};
    px_training *t = px_training_pix2pix(o, &err);
    if (!t)
        fail_msg("%s", err.message);
    if (px_graph_verify(t->graph, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    return t;
}

static inline px_training *generator(const px_model_options *o, bool eval)
{
    pixcl_error err = {0};
    px_training *t = px_training_generator(o, "G", (px_test_mode){.running = eval, .no_dropout = eval}, &err);
    if (!t)
        fail_msg("%s", err.message);
    if (px_graph_verify(t->graph, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    return t;
}

static inline bool of_net(const px_node_info *node, char net)
{
    return node->op == PX_OP_VARIABLE && node->name[0] == net && node->name[1] == '.';
}

#endif
