/* From options to networks: which exist, what they can take, and the generator alone as a program for inference. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/build.h"
#include "model/net.h"

#define UNET        "unet_"
#define MOST_LAYERS 5
enum { FEWEST_DOWNS = 2, MOST_DOWNS = 12 };

/* Halvings of "unet_<2^downs>", 0 when the name is no such. */
static int unet_downs(const char *netG)
{
    char *end;
    if (!netG || strncmp(netG, UNET, strlen(UNET)) != 0 || netG[strlen(UNET)] < '1' || netG[strlen(UNET)] > '9')
        return 0;
    const long size = strtol(netG + strlen(UNET), &end, 10);
    for (int downs = FEWEST_DOWNS; *end == '\0' && downs <= MOST_DOWNS; downs++)
        if (size == 1L << downs)
            return downs;
    return 0;
}

int px_model_multiple(const char *netG)
{
    const int downs = unet_downs(netG);
    return downs ? 1 << downs : 0;
}

static pixcl_status check_common(const px_model_options *o, pixcl_error *err)
{
    const struct {
        const char *name;
        int value;
    } counts[] = {{"input_nc", o->input_nc}, {"output_nc", o->output_nc}, {"batch_size", o->batch}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (counts[i].value < 1 || counts[i].value > 1 << 16)
            return px_fail(err, PIXCL_ERROR_ARGUMENT, "--%s %d: must be from 1 to 65536", counts[i].name,
                           counts[i].value);
    if (o->height < 1 || o->width < 1 || o->height > 1 << 16 || o->width > 1 << 16)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "pictures of %dx%d pixels: each side must be from 1 to 65536",
                       o->width, o->height);
    return PIXCL_OK;
}

static pixcl_status check_filters(const char *option, int value, pixcl_error *err)
{
    if (value < 1 || value > 4096)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--%s %d: must be from 1 to 4096", option, value);
    return PIXCL_OK;
}

pixcl_status px_generator_check(const px_model_options *o, pixcl_error *err)
{
    const int multiple = px_model_multiple(o->netG);
    if (!multiple)
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "--netG %s: there is no such generator; there are unet_256, unet_128, and unet_ with any other power "
            "of two from 4 to 4096",
            o->netG ? o->netG : "(none)");
    pixcl_status status = check_common(o, err);
    if (status == PIXCL_OK)
        status = check_filters("ngf", o->ngf, err);
    if (status == PIXCL_OK && (o->height % multiple != 0 || o->width % multiple != 0))
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "pictures of %dx%d pixels: %s halves them down to one, so both sides must be multiples of %d; crop or "
            "resize them, or take a smaller U-Net",
            o->width, o->height, o->netG, multiple);
    return status;
}

/* Layers of a PatchGAN; 0 for the PixelGAN, -1 when there is no such discriminator. */
static int patch_layers(const px_model_options *o)
{
    if (!o->netD)
        return -1;
    if (strcmp(o->netD, "basic") == 0)
        return 3;
    if (strcmp(o->netD, "n_layers") == 0)
        return o->n_layers_D;
    return strcmp(o->netD, "pixel") == 0 ? 0 : -1;
}

pixcl_status px_discriminator_check(const px_model_options *o, pixcl_error *err)
{
    const bool counted = o->netD && strcmp(o->netD, "n_layers") == 0;
    const int layers = patch_layers(o);
    if (counted && (layers < 1 || layers > MOST_LAYERS))
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--n_layers_D %d: must be from 1 to %d", layers, MOST_LAYERS);
    if (layers < 0)
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "--netD %s: there is no such discriminator; there are basic (n_layers with 3), n_layers and pixel",
            o->netD ? o->netD : "(none)");
    pixcl_status status = check_common(o, err);
    if (status == PIXCL_OK)
        status = check_filters("ndf", o->ndf, err);
    const int smallest = layers ? px_patchgan_smallest(layers) : 1;
    if (status == PIXCL_OK && (o->height < smallest || o->width < smallest))
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "pictures of %dx%d pixels: --netD %s with %d layers needs at least %dx%d; take larger pictures or fewer "
            "--n_layers_D",
            o->width, o->height, o->netD, layers, smallest, smallest);
    return status;
}

px_node px_generator(const px_net *net, px_node x, const px_model_options *o)
{
    return px_unet(net, x, unet_downs(o->netG), o->output_nc, o->ngf, o->dropout);
}

px_node px_discriminator(const px_net *net, px_node x, const px_model_options *o)
{
    const int layers = patch_layers(o);
    return layers ? px_patchgan(net, x, layers, o->ndf) : px_pixelgan(net, x, o->ndf);
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

px_training *px_training_generator(const px_model_options *o, bool eval, pixcl_error *err)
{
    if (px_generator_check(o, err) != PIXCL_OK)
        return NULL;
    px_training *t = px_training_start(err);
    if (!t)
        return NULL;
    const px_net G = {t->graph, "G", o->norm, eval ? PX_NET_RUNNING : PX_NET_BATCH};
    t->real_A = px_input(t->graph, (px_shape){o->batch, o->input_nc, o->height, o->width}, "real_A");
    t->fake_B = px_graph_output(t->graph, px_generator(&G, t->real_A, o), "fake_B");
    return px_training_finish(t, err);
}
