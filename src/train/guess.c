/* The networks of the reference, by their keys (the tables are in the reference's networks.py and in src/model). */
#include "train/guess.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"

enum { MOST_LEVELS = 14, MOST_BLOCKS = 64, MOST_LAYERS = 8 };

/* Where to look. */
typedef struct view {
    const px_tensor_file *file;
    const char *prefix;
} view;

/* The tensor of that key and rank, or NULL. */
static const px_tensor *get(const view *v, int rank, const char *format, ...) PX_PRINTF(3, 4);
static const px_tensor *get(const view *v, int rank, const char *format, ...)
{
    char name[PX_MAX_TENSOR_NAME + 1];
    int length = snprintf(name, sizeof name, "%s", v->prefix);
    va_list arguments;
    va_start(arguments, format);
    int more = px_vsnprintf(name + length, sizeof name - (size_t)length, format, arguments);
    va_end(arguments);
    if (more < 0 || (size_t)(length + more) >= sizeof name)
        return NULL;
    const px_tensor *tensor = px_tensor_file_find(v->file, name);
    return tensor && tensor->rank == rank ? tensor : NULL;
}

/* BatchNorm has a weight of its own; with instance normalisation the convolution before it has a bias. Running
 * statistics say nothing: old files have them in instance normalisation too. */
static const char *norm_of(const view *v, const char *norm_slot, const char *convolution)
{
    if (get(v, 1, "%s.weight", norm_slot))
        return "batch";
    return get(v, 1, "%s.bias", convolution) ? "instance" : "none";
}

static bool guess_unet(const view *v, px_guess *guess)
{
    const px_tensor *first = get(v, 4, "model.model.0.weight"), *last = get(v, 4, "model.model.3.weight");
    char path[PX_MAX_TENSOR_NAME] = "model.model.1.model";
    int downs = 1;
    if (!first || !last)
        return false;
    while (downs < MOST_LEVELS && get(v, 4, "%s.1.weight", path)) {
        downs++;
        strcat(path, ".3.model");
    }
    guess->generator = true;
    guess->input_nc = first->shape[1];
    guess->resize = last->shape[2] == 3;
    guess->output_nc = last->shape[guess->resize ? 0 : 1]; /* a transposed convolution's weight is (in,out,k,k) */
    guess->filters = first->shape[0];
    /* With skips the last layer takes twice what the first one gives. */
    bool skips = last->shape[guess->resize ? 1 : 0] != guess->filters;
    snprintf(guess->network, sizeof guess->network, "%s_%d", skips ? "unet" : "encoder_decoder", 1 << downs);
    guess->norm = norm_of(v, "model.model.1.model.2", "model.model.0");
    return downs > 1;
}

static bool guess_resnet(const view *v, px_guess *guess)
{
    const px_tensor *first = get(v, 4, "model.1.weight"), *last = NULL;
    int blocks = 0;
    while (blocks < MOST_BLOCKS && get(v, 4, "model.%d.conv_block.1.weight", 10 + blocks))
        blocks++;
    const px_tensor *up = get(v, 4, "model.%d.weight", 10 + blocks);
    if (!first || blocks == 0 || !up || !(last = get(v, 4, "model.%d.weight", 17 + blocks)))
        return false;
    snprintf(guess->network, sizeof guess->network, "resnet_%dblocks", blocks);
    guess->generator = true;
    guess->input_nc = first->shape[1];
    guess->output_nc = last->shape[0];
    guess->filters = first->shape[0];
    guess->norm = norm_of(v, "model.2", "model.1");
    guess->dropout = get(v, 4, "model.10.conv_block.6.weight") != NULL;
    guess->resize = up->shape[0] < up->shape[1]; /* (out,in,k,k), and half the channels go out */
    return true;
}

static bool guess_patchgan(const view *v, px_guess *guess)
{
    const px_tensor *first = get(v, 4, "model.0.weight"), *last = NULL, *next;
    int layers = -1; /* the last convolution is no layer */
    while (layers < MOST_LAYERS && (next = get(v, 4, "model.%d.weight", 5 + 3 * layers))) {
        last = next;
        layers++;
    }
    if (!first || layers < 1 || last->shape[0] != 1)
        return false;
    snprintf(guess->network, sizeof guess->network, "n_layers");
    guess->layers = layers;
    guess->input_nc = first->shape[1];
    guess->output_nc = 1;
    guess->filters = first->shape[0];
    guess->norm = norm_of(v, "model.3", "model.2");
    return true;
}

static bool guess_pixelgan(const view *v, px_guess *guess)
{
    const px_tensor *first = get(v, 4, "net.0.weight");
    if (!first || !get(v, 4, "net.2.weight") || !get(v, 4, "net.5.weight"))
        return false;
    snprintf(guess->network, sizeof guess->network, "pixel");
    guess->input_nc = first->shape[1];
    guess->output_nc = 1;
    guess->filters = first->shape[0];
    guess->norm = norm_of(v, "net.3", "net.2");
    return true;
}

bool px_guess_network(const px_tensor_file *file, const char *prefix, px_guess *guess)
{
    static bool (*const kinds[])(const view *, px_guess *) = {guess_unet, guess_resnet, guess_patchgan, guess_pixelgan};
    const view v = {file, prefix};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        *guess = (px_guess){.norm = "none"};
        if (kinds[i](&v, guess))
            return true;
    }
    return false;
}

/* Pixels of the picture that one logit sees: the last two convolutions go by 1, those before by 2, all are 4 wide. */
static int receptive_field(int layers)
{
    int field = 7;
    for (int i = 0; i < layers; i++)
        field = (field - 1) * 2 + 4;
    return field;
}

const char *px_guess_text(const px_guess *guess, char text[PX_GUESS_TEXT])
{
    char kind[80];
    const char *norm = strcmp(guess->norm, "none") == 0 ? "no" : guess->norm;
    if (guess->layers > 0)
        snprintf(kind, sizeof kind, "PatchGAN of %d layer%s, %dx%d", guess->layers, guess->layers == 1 ? "" : "s",
                 receptive_field(guess->layers), receptive_field(guess->layers));
    else
        snprintf(kind, sizeof kind, "%s", strcmp(guess->network, "pixel") == 0 ? "PixelGAN" : guess->network);
    if (guess->generator)
        snprintf(text, PX_GUESS_TEXT, "%s, %lld to %lld channels, ngf %lld, %s norm%s%s", kind,
                 (long long)guess->input_nc, (long long)guess->output_nc, (long long)guess->filters, norm,
                 guess->dropout ? ", dropout" : "", guess->resize ? ", upsample resize" : "");
    else
        snprintf(text, PX_GUESS_TEXT, "%s, %lld channels, ndf %lld, %s norm", kind, (long long)guess->input_nc,
                 (long long)guess->filters, norm);
    return text;
}
