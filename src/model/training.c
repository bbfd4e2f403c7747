/* Training programs: what all of them share, and the generator alone. */
#include <stdio.h>

#include "base/memory.h"
#include "graph/build.h"
#include "model/net.h"

pixcl_status px_training_check(const px_model_options *o, pixcl_error *err)
{
    const bool cycle = o->model == PX_MODEL_CYCLE_GAN, gan = o->gan_mode != PX_GAN_NONE;
    const bool reconstructs =
        cycle ? o->lambda_A > 0 || o->lambda_B > 0 : o->reconstruction != PX_RECONSTRUCTION_NONE && o->lambda_L1 > 0;
    pixcl_status status = px_generator_check(o, err);
    if (status == PIXCL_OK && gan)
        status = px_discriminator_check(o, err);
    if (status != PIXCL_OK)
        return status;
    if (!gan && !reconstructs)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--gan_mode none leaves nothing to learn from without %s",
                       cycle ? "--lambda_A or --lambda_B above 0"
                             : "--reconstruction L1, L2 or smooth_L1 and --lambda_L1 above 0");
    if (!(o->beta1 >= 0 && o->beta1 < 1))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--beta1 %g: must be in [0,1)", (double)o->beta1);
    return PIXCL_OK;
}

px_training *px_training_start(pixcl_error *err)
{
    px_training *training = px_calloc(1, sizeof *training, err);
    if (!training)
        return NULL;
    training->real_A = training->real_B = training->fake_B = PX_NONE;
    training->graph = px_graph_create(err);
    if (!training->graph)
        px_training_destroy(&training);
    return training;
}

px_node px_training_loss(px_training *t, const char *name, px_node node)
{
    if (node == PX_NONE || t->loss_count == PX_MAX_LOSSES)
        return node;
    px_loss *loss = &t->losses[t->loss_count++];
    snprintf(loss->name, sizeof loss->name, "%s", name);
    loss->node = px_graph_output(t->graph, node, name);
    return node;
}

px_node px_training_visual(px_training *t, const char *label, px_node node, px_node lightness)
{
    if (node == PX_NONE || t->visual_count == PX_MAX_VISUALS)
        return node;
    px_visual *visual = &t->visuals[t->visual_count++];
    snprintf(visual->label, sizeof visual->label, "%s", label);
    visual->node = node;
    visual->lightness = lightness;
    /* Inputs can be read anyway, and keep their names. */
    return t->graph->nodes[node].op == PX_OP_INPUT ? node : px_graph_output(t->graph, node, label);
}

px_training *px_training_finish(px_training *training, pixcl_error *err)
{
    if (px_graph_check(training->graph, err) != PIXCL_OK)
        px_training_destroy(&training);
    return training;
}

void px_training_destroy(px_training **training)
{
    if (!training || !*training)
        return;
    px_graph_destroy(&(*training)->graph);
    px_free(*training);
    *training = NULL;
}

px_training *px_training_create(const px_model_options *options, pixcl_error *err)
{
    return options->model == PX_MODEL_CYCLE_GAN ? px_training_cycle_gan(options, err)
                                                : px_training_pix2pix(options, err);
}

px_training *px_training_generator(const px_model_options *o, const char *net, px_test_mode mode, pixcl_error *err)
{
    if (px_generator_check(o, err) != PIXCL_OK)
        return NULL;
    px_training *t = px_training_start(err);
    if (!t)
        return NULL;
    const px_net G = {t->graph, net, o->norm, mode.running ? PX_NET_RUNNING : PX_NET_BATCH, mode.no_dropout};
    t->real_A = px_input(t->graph, (px_shape){o->batch, o->input_nc, o->height, o->width}, "real_A");
    t->fake_B = px_graph_output(t->graph, px_generator(&G, t->real_A, o), "fake_B");
    return px_training_finish(t, err);
}

px_training *px_training_generator_gradients(const px_model_options *o, pixcl_error *err)
{
    if (px_generator_check(o, err) != PIXCL_OK)
        return NULL;
    px_training *t = px_training_start(err);
    if (!t)
        return NULL;
    const px_net G = {.graph = t->graph, .name = "G", .norm = o->norm};
    px_gradients of_G = {0};
    t->real_A = px_input(t->graph, (px_shape){o->batch, o->input_nc, o->height, o->width}, "real_A");
    t->real_B = px_input(t->graph, (px_shape){o->batch, o->output_nc, o->height, o->width}, "real_B");
    t->fake_B = px_graph_output(t->graph, px_generator(&G, t->real_A, o), "fake_B");
    px_node loss = px_training_loss(t, "L1", px_l1(t->graph, t->fake_B, t->real_B));
    px_differentiate(t->graph, loss, (const char *const[]){"G", NULL}, &of_G);
    px_keep_gradients(t->graph, &of_G);
    return px_training_finish(t, err);
}
