/* What a network is, in words. */
#include "weights/guess.h"

#include <stdio.h>
#include <string.h>

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
    const char *norm = strcmp(guess->norm, "none") == 0              ? "no"
                       : strcmp(guess->norm, "instance_affine") == 0 ? "affine instance"
                                                                     : guess->norm;
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
