/* Windows of thumbnails and losses. */
#include "run/watch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/memory.h"

struct px_watch {
    char output[16], real[16];
    double limit;    /* of loss_D; 0: it has no scale */
    long long count; /* steps taken in; entry i of the rings holds the step whose number is i modulo the window */
    long long steps[PX_WATCH_WINDOW];
    double loss_D[PX_WATCH_WINDOW], loss_G[PX_WATCH_WINDOW];
    bool judged[PX_WATCH_WINDOW];
    float outputs[PX_WATCH_WINDOW][PX_WATCH_VALUES], reals[PX_WATCH_WINDOW][PX_WATCH_VALUES];
    bool collapsed, beaten; /* said, and not over since */
};

px_watch *px_watch_create(const char *output, const char *real, const char *gan_mode, pixcl_error *err)
{
    px_watch *watch = px_calloc(1, sizeof *watch, err);
    if (!watch)
        return NULL;
    snprintf(watch->output, sizeof watch->output, "%s", output);
    snprintf(watch->real, sizeof watch->real, "%s", real);
    watch->limit = strcmp(gan_mode, "vanilla") == 0 ? 0.02 : strcmp(gan_mode, "lsgan") == 0 ? 0.01 : 0;
    return watch;
}

void px_watch_destroy(px_watch **watch)
{
    if (!watch || !*watch)
        return;
    px_free(*watch);
    *watch = NULL;
}

/* The mean of one cell of the grid. */
static float cell(const float *plane, int height, int width, int row, int column)
{
    const int top = row * height / PX_WATCH_SIDE, left = column * width / PX_WATCH_SIDE;
    int bottom = (row + 1) * height / PX_WATCH_SIDE, right = (column + 1) * width / PX_WATCH_SIDE;
    bottom = bottom > top ? bottom : top + 1;
    right = right > left ? right : left + 1;
    double sum = 0;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++)
            sum += plane[(size_t)y * (size_t)width + (size_t)x];
    return (float)(sum / ((double)(bottom - top) * (right - left)));
}

void px_watch_thumbnail(const float *planes, int channels, int height, int width, float thumbnail[PX_WATCH_VALUES])
{
    memset(thumbnail, 0, PX_WATCH_VALUES * sizeof *thumbnail);
    for (int c = 0; c < channels && c < PX_WATCH_MOST_CHANNELS; c++)
        for (int i = 0; i < PX_WATCH_SIDE * PX_WATCH_SIDE; i++)
            *thumbnail++ = cell(planes + (size_t)c * (size_t)height * (size_t)width, height, width, i / PX_WATCH_SIDE,
                                i % PX_WATCH_SIDE);
}

/* How much thumbnails differ among each other: the deviation of each value over the window, root of the mean square. */
static double spread(const float thumbnails[PX_WATCH_WINDOW][PX_WATCH_VALUES])
{
    double sum = 0;
    for (int v = 0; v < PX_WATCH_VALUES; v++) {
        double mean = 0, squares = 0;
        for (int i = 0; i < PX_WATCH_WINDOW; i++)
            mean += thumbnails[i][v];
        mean /= PX_WATCH_WINDOW;
        for (int i = 0; i < PX_WATCH_WINDOW; i++)
            squares += (thumbnails[i][v] - mean) * (thumbnails[i][v] - mean);
        sum += squares / PX_WATCH_WINDOW;
    }
    return sqrt(sum / PX_WATCH_VALUES);
}

/* True when it wrote a warning. */
static bool warn_of_collapse(px_watch *w, const px_watch_step *step, char *text, size_t size)
{
    const double made = spread(w->outputs), real = spread(w->reals);
    const long long first = w->steps[w->count % PX_WATCH_WINDOW];
    const bool was = w->collapsed;
    /* Over only when well above the limit: a warning a step would be no warning. */
    w->collapsed = made < (was ? 2 : 1) * PX_WATCH_SAME * real && first >= PX_WATCH_FIRST_STEP;
    if (was || !w->collapsed)
        return false;
    char losses[80] = "";
    if (step->judged)
        px_snprintf(losses, sizeof losses, " (GAN loss %.3g, the discriminator's %.3g)", step->loss_G, step->loss_D);
    px_snprintf(
        text, size,
        "%s is the same picture whatever the input: from step %lld to %lld it differed by %.2g %% of what %s did%s. "
        "The generator has collapsed: go back to a checkpoint from before, with a lower --lr than %g, more "
        "pictures, or another --gan_mode.",
        w->output, first, step->step, 100 * made / real, w->real, losses, step->lr);
    return true;
}

/* Mean of the window's entries `begin` to end - 1, the oldest being 0. */
static double mean_of(const px_watch *w, const double values[PX_WATCH_WINDOW], int begin, int end)
{
    double sum = 0;
    for (int i = begin; i < end; i++)
        sum += values[(w->count + i) % PX_WATCH_WINDOW];
    return sum / (end - begin);
}

static void warn_of_defeat(px_watch *w, const px_watch_step *step, char *text, size_t size)
{
    bool judged = w->limit > 0;
    for (int i = 0; i < PX_WATCH_WINDOW; i++)
        judged = judged && w->judged[i];
    if (!judged)
        return;
    const double loss_D = mean_of(w, w->loss_D, 0, PX_WATCH_WINDOW),
                 before = mean_of(w, w->loss_G, 0, PX_WATCH_WINDOW / 2),
                 now = mean_of(w, w->loss_G, PX_WATCH_WINDOW / 2, PX_WATCH_WINDOW);
    const bool was = w->beaten;
    w->beaten = loss_D < (was ? 2 : 1) * w->limit && (was || now >= 0.9 * before);
    if (was || !w->beaten)
        return;
    px_snprintf(
        text, size,
        "%s: the discriminator wins outright: from step %lld to %lld its loss was %.2g in the mean, and the "
        "generator's GAN loss went from %.3g to %.3g. The generator learns little from it any more: try more "
        "pictures, a smaller discriminator (--ndf, or --netD n_layers and fewer --n_layers_D), a larger --ngf or "
        "a lower --lr than %g.",
        w->output, w->steps[w->count % PX_WATCH_WINDOW], step->step, loss_D, before, now, step->lr);
}

void px_watch_add(px_watch *w, const px_watch_step *step, char *warning, size_t size)
{
    const long long at = w->count++ % PX_WATCH_WINDOW;
    w->steps[at] = step->step;
    w->loss_D[at] = step->loss_D;
    w->loss_G[at] = step->loss_G;
    w->judged[at] = step->judged;
    memcpy(w->outputs[at], step->output, sizeof w->outputs[at]);
    memcpy(w->reals[at], step->real, sizeof w->reals[at]);
    *warning = '\0';
    if (w->count < PX_WATCH_WINDOW)
        return;
    if (!warn_of_collapse(w, step, warning, size))
        warn_of_defeat(w, step, warning, size);
}
