/* What programs see of a trainer, and change in it, between steps. */
#include <string.h>

#include "base/context.h"
#include "base/memory.h"
#include "run/trainer_state.h"
#include "run/training_page.h"
#include "weights/names.h"
#include "weights/state_dict.h"

const pixcl_options *pixcl_trainer_options(const pixcl_trainer *t)
{
    return &t->options;
}

pixcl_status pixcl_trainer_losses(pixcl_trainer *t, pixcl_progress *progress, pixcl_error *err)
{
    PX_ENTER(t->context);
    pixcl_error local = {0};
    pixcl_status status = t->warm ? px_trainer_read_losses(t, err ? err : &local) : PIXCL_OK;
    if (status == PIXCL_OK)
        *progress = px_trainer_progress(t, false);
    return status;
}

pixcl_status pixcl_trainer_save(pixcl_trainer *t, pixcl_error *err)
{
    PX_ENTER(t->context);
    pixcl_error local = {0};
    return px_trainer_save(t, "latest", err ? err : &local);
}

const char *pixcl_trainer_visual_name(const pixcl_trainer *t, int index)
{
    const px_training *training = t->session.training;
    return index >= 0 && index < training->visual_count ? training->visuals[index].label : NULL;
}

pixcl_image *pixcl_trainer_visual(pixcl_trainer *t, const char *name, pixcl_error *err)
{
    PX_ENTER(t->context);
    pixcl_error local = {0};
    err = err ? err : &local;
    const px_training *training = t->session.training;
    if (!t->warm) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "there is no picture %.40s before the first step", name);
        return NULL;
    }
    for (int i = 0; i < training->visual_count; i++)
        if (strcmp(training->visuals[i].label, name) == 0)
            return px_visual_picture(&t->session, &training->visuals[i], err);
    px_fail(err, PIXCL_ERROR_ARGUMENT, "there is no picture %.40s; the first is %s", name, training->visuals[0].label);
    return NULL;
}

static const px_graph *graph_of(const pixcl_trainer *t)
{
    return t->session.training->graph;
}

const char *pixcl_trainer_network(const pixcl_trainer *t, int index)
{
    static const char *const names[] = {"G", "D", "G_A", "G_B", "D_A", "D_B"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (px_state_dict_count(graph_of(t), names[i]) > 0 && index-- == 0)
            return names[i];
    return NULL;
}

size_t pixcl_trainer_weight_count(const pixcl_trainer *t, const char *network)
{
    return px_state_dict_count(graph_of(t), network);
}

pixcl_status pixcl_trainer_weight_at(const pixcl_trainer *t, const char *network, size_t index, pixcl_weight *weight,
                                     pixcl_error *err)
{
    px_node node;
    return px_state_dict_at(graph_of(t), network, index, &node, weight, err);
}

pixcl_status pixcl_trainer_weight_get(pixcl_trainer *t, const char *network, const char *name, float *values,
                                      size_t count, pixcl_error *err)
{
    PX_ENTER(t->context);
    px_node node;
    pixcl_status status = px_state_dict_find(graph_of(t), network, name, count, &node, err);
    return status == PIXCL_OK ? px_exec_read(t->session.exec, node, values, err) : status;
}

pixcl_status pixcl_trainer_weight_set(pixcl_trainer *t, const char *network, const char *name, const float *values,
                                      size_t count, pixcl_error *err)
{
    PX_ENTER(t->context);
    px_node node;
    pixcl_status status = px_state_dict_find(graph_of(t), network, name, count, &node, err);
    return status == PIXCL_OK ? px_exec_write(t->session.exec, node, values, err) : status;
}
