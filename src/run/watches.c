/* From a session to the watches: thumbnails and losses of a step. */
#include "run/watches.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "run/watch.h"

/* What belongs together: visuals, and by model the losses that judge them. */
static const struct {
    const char *output, *real, *D[2], *G;
} ROWS[] = {
    {"fake_B", "real_B", {"D_real", "D_fake"}, "G_GAN"},
    {"fake_B_rgb", "real_B_rgb", {"D_real", "D_fake"}, "G_GAN"},
    {"fake_B", "real_B", {"D_A", "D_A"}, "G_A"},
    {"fake_A", "real_A", {"D_B", "D_B"}, "G_B"},
};
enum { MOST = 2 };

typedef struct generator {
    px_watch *watch;
    px_node output, real;
    bool judged;
    int D[2], G; /* indices of losses */
} generator;

struct px_watches {
    generator generators[MOST];
    int count;
    float *planes; /* room for the largest visual */
    float output[PX_WATCH_VALUES], real[PX_WATCH_VALUES];
};

static px_node visual_of(const px_training *training, const char *label)
{
    for (int i = 0; i < training->visual_count; i++)
        if (strcmp(training->visuals[i].label, label) == 0)
            return training->visuals[i].node;
    return PX_NONE;
}

static int loss_of(const px_training *training, const char *name)
{
    for (int i = 0; i < training->loss_count; i++)
        if (strcmp(training->losses[i].name, name) == 0)
            return i;
    return -1;
}

/* The watch of an output, made on its first row. NULL on failure. */
static generator *find(px_watches *w, const px_training *training, size_t row, const char *gan_mode, pixcl_error *err)
{
    const px_node output = visual_of(training, ROWS[row].output), real = visual_of(training, ROWS[row].real);
    for (int i = 0; i < w->count; i++)
        if (w->generators[i].output == output)
            return &w->generators[i];
    generator *g = &w->generators[w->count];
    *g = (generator){px_watch_create(ROWS[row].output, ROWS[row].real, gan_mode, err), output, real, false, {0}, 0};
    w->count += g->watch != NULL;
    return g->watch ? g : NULL;
}

px_watches *px_watches_create(const px_training *training, const char *gan_mode, pixcl_error *err)
{
    px_watches *w = px_calloc(1, sizeof *w, err);
    size_t most = 0;
    bool complete = w != NULL;
    for (size_t row = 0; complete && row < sizeof ROWS / sizeof *ROWS; row++) {
        if (visual_of(training, ROWS[row].output) == PX_NONE)
            continue;
        generator *g = find(w, training, row, gan_mode, err);
        complete = g != NULL;
        if (!complete || g->judged)
            continue;
        g->D[0] = loss_of(training, ROWS[row].D[0]);
        g->D[1] = loss_of(training, ROWS[row].D[1]);
        g->G = loss_of(training, ROWS[row].G);
        g->judged = g->D[0] >= 0 && g->D[1] >= 0 && g->G >= 0;
    }
    for (int i = 0; complete && i < training->visual_count; i++) {
        const size_t count = px_shape_count(px_graph_node(training->graph, training->visuals[i].node)->shape);
        most = count > most ? count : most;
    }
    if (complete)
        w->planes = px_calloc(most, sizeof *w->planes, err);
    if (!complete || !w->planes)
        px_watches_destroy(&w);
    return w;
}

void px_watches_destroy(px_watches **watches)
{
    if (!watches || !*watches)
        return;
    for (int i = 0; i < MOST; i++)
        px_watch_destroy(&(*watches)->generators[i].watch);
    px_free((*watches)->planes);
    px_free(*watches);
    *watches = NULL;
}

/* Of the first picture of the batch. */
static pixcl_status thumbnail(const px_watches *w, const px_session *session, px_node node, float *out,
                              pixcl_error *err)
{
    const px_shape shape = px_graph_node(session->training->graph, node)->shape;
    pixcl_status status = px_exec_read(session->exec, node, w->planes, err);
    if (status == PIXCL_OK)
        px_watch_thumbnail(w->planes, shape.c, shape.h, shape.w, out);
    return status;
}

pixcl_status px_watches_step(px_watches *w, const px_session *session, const float *losses, long long step, double lr,
                             char warning[PX_WARNING_SIZE], pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    *warning = '\0';
    for (int i = 0; status == PIXCL_OK && i < w->count; i++) {
        const generator *g = &w->generators[i];
        status = thumbnail(w, session, g->output, w->output, err);
        if (status == PIXCL_OK)
            status = thumbnail(w, session, g->real, w->real, err);
        px_watch_step seen = {.step = step, .lr = lr, .output = w->output, .real = w->real, .judged = g->judged};
        if (g->judged) {
            seen.loss_D = ((double)losses[g->D[0]] + (double)losses[g->D[1]]) / 2;
            seen.loss_G = (double)losses[g->G];
        }
        char text[PX_WARNING_SIZE] = "";
        if (status == PIXCL_OK)
            px_watch_add(g->watch, &seen, text, sizeof text);
        const size_t length = strlen(warning);
        if (*text)
            snprintf(warning + length, PX_WARNING_SIZE - length, "%s%s", length ? " " : "", text);
    }
    return status;
}
