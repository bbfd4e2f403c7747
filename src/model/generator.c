/* From options to networks: which exist, what they can take. */
#include <stdlib.h>
#include <string.h>

#include "model/net.h"

#define MOST_LAYERS 5
enum { FEWEST_DOWNS = 2, MOST_DOWNS = 12, MOST_BLOCKS = 64 };

/* The number between two parts of a name, 0 when the name is not so made. */
static long number_in(const char *name, const char *before, const char *after)
{
    const size_t length = strlen(before);
    char *end;
    if (!name || strncmp(name, before, length) != 0 || name[length] < '1' || name[length] > '9')
        return 0;
    const long number = strtol(name + length, &end, 10);
    return strcmp(end, after) == 0 ? number : 0;
}

/* Halvings of "<kind>_<2^downs>", 0 when the name is no such. */
static int halvings(const char *netG, const char *kind)
{
    const long size = number_in(netG, kind, "");
    for (int downs = FEWEST_DOWNS; downs <= MOST_DOWNS; downs++)
        if (size == 1L << downs)
            return downs;
    return 0;
}

/* Of a U-Net, with or without skips. */
static int unet_downs(const char *netG)
{
    const int downs = halvings(netG, "unet_");
    return downs ? downs : halvings(netG, "encoder_decoder_");
}

/* n of "resnet_<n>blocks", 0 when the name is no such. */
static int resnet_blocks(const char *netG)
{
    const long blocks = number_in(netG, "resnet_", "blocks");
    return blocks <= MOST_BLOCKS ? (int)blocks : 0;
}

int px_model_multiple(const char *netG)
{
    const int downs = unet_downs(netG);
    return downs ? 1 << downs : resnet_blocks(netG) ? 4 : 0;
}

int px_model_smallest(const char *netG)
{
    return resnet_blocks(netG) ? 8 : px_model_multiple(netG);
}

pixcl_status px_model_check_name(const char *netG, pixcl_error *err)
{
    if (px_model_multiple(netG))
        return PIXCL_OK;
    return px_fail(
        err, PIXCL_ERROR_ARGUMENT,
        "--netG %s: there is no such generator; there are unet_256, unet_128, unet_ and encoder_decoder_ with any "
        "other power of two from 4 to %d, resnet_9blocks, resnet_6blocks, and resnet_<n>blocks with n from 1 to %d",
        netG ? netG : "(none)", 1 << MOST_DOWNS, MOST_BLOCKS);
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
    const int multiple = px_model_multiple(o->netG), smallest = px_model_smallest(o->netG);
    pixcl_status status = px_model_check_name(o->netG, err);
    if (status == PIXCL_OK)
        status = check_common(o, err);
    if (status == PIXCL_OK)
        status = check_filters("ngf", o->ngf, err);
    if (status != PIXCL_OK)
        return status;
    if (o->height % multiple == 0 && o->width % multiple == 0 && o->height >= smallest && o->width >= smallest)
        return PIXCL_OK;
    if (resnet_blocks(o->netG))
        return px_fail(
            err, PIXCL_ERROR_ARGUMENT,
            "pictures of %dx%d pixels: %s halves them twice, so both sides must be multiples of %d, and at least %d; "
            "crop or resize them",
            o->width, o->height, o->netG, multiple, smallest);
    return px_fail(
        err, PIXCL_ERROR_ARGUMENT,
        "pictures of %dx%d pixels: %s halves them down to one, so both sides must be multiples of %d; crop or "
        "resize them, or take one with a smaller number or a ResNet",
        o->width, o->height, o->netG, multiple);
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
    const int blocks = resnet_blocks(o->netG);
    return blocks ? px_resnet(net, x, blocks, o) : px_unet(net, x, unet_downs(o->netG), halvings(o->netG, "unet_"), o);
}

px_node px_discriminator(const px_net *net, px_node x, const px_model_options *o)
{
    const int layers = patch_layers(o);
    return layers ? px_patchgan(net, x, layers, o->ndf) : px_pixelgan(net, x, o->ndf);
}
