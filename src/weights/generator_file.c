/* Opening files with generators, whoever wrote them. */
#include "weights/generator_file.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "weights/names.h"
#include "weights/networks.h"

/* The file at `path`. A folder stands for the run's latest checkpoint, or for the reference's generator. */
static char *locate(const char *path, const char *direction, pixcl_error *err)
{
    const bool back = direction && strcmp(direction, "BtoA") == 0;
    const char *const nets[] = {"G", back ? "G_B" : "G_A"};
    static const char *const extensions[] = {"pth", "safetensors"};
    char *checkpoint = px_checkpoint_locate(path, err);
    for (int i = 0; i < 4 && checkpoint && px_path_is_folder(path) && !px_path_is_file(checkpoint); i++) {
        char *of_net = px_net_path(path, nets[i / 2], extensions[i % 2], err);
        if (of_net && px_path_is_file(of_net)) {
            px_free(checkpoint);
            return of_net;
        }
        px_free(of_net);
    }
    return checkpoint;
}

/* Opens a checkpoint, or finds the generator in another file. */
static pixcl_status open_file(px_generator_file *g, const char *path, const char *direction, const char *network,
                              pixcl_error *err)
{
    char *located = locate(path, direction, err), text[PX_GUESS_TEXT];
    g->file = located ? px_tensor_file_open(located, err) : NULL;
    px_free(located);
    if (!g->file)
        return err->status;
    if (px_is_checkpoint(g->file)) {
        if (network && *network)
            return px_fail(err, PIXCL_ERROR_ARGUMENT,
                           "--network %.80s: %s is a checkpoint, whose generators go by --direction; leave it out",
                           network, px_tensor_file_source(g->file));
        return px_checkpoint_read(g->file, &g->trained, &g->state, err);
    }
    g->other = px_calloc(1, sizeof *g->other, err);
    if (!g->other)
        return err->status;
    pixcl_status status = px_networks_generator(g->file, network, g->other, err);
    if (status != PIXCL_OK)
        return status;
    px_options_of_network(&g->other->guess, &g->trained);
    if (direction && *direction)
        snprintf(g->trained.direction, sizeof g->trained.direction, "%s", direction);
    px_log(PIXCL_LOG_INFO, "%s: %s", px_tensor_file_source(g->file), px_guess_text(&g->other->guess, text));
    return PIXCL_OK;
}

pixcl_status px_generator_file_open(px_generator_file *generator, const char *path, const char *direction,
                                    const char *network, pixcl_error *err)
{
    memset(generator, 0, sizeof *generator);
    const pixcl_status status = open_file(generator, path, direction, network, err);
    if (status != PIXCL_OK)
        px_generator_file_close(generator);
    return status;
}

void px_generator_file_close(px_generator_file *generator)
{
    px_tensor_file_close(&generator->file);
    px_free(generator->other);
    generator->other = NULL;
}

static bool goes_back(const px_generator_file *generator)
{
    return strcmp(generator->trained.model, "cycle_gan") == 0;
}

pixcl_status px_generator_file_way(const px_generator_file *generator, const char *direction, px_way *way,
                                   pixcl_error *err)
{
    const pixcl_options *trained = &generator->trained;
    *way = PX_FORTH;
    if (!direction || !*direction || strcmp(direction, trained->direction) == 0)
        return PIXCL_OK;
    *way = PX_BACK;
    if (goes_back(generator))
        return PIXCL_OK;
    return px_fail(err, PIXCL_ERROR_ARGUMENT,
                   "--direction %s: this network was trained %s and goes one way only; --model cycle_gan trains both",
                   direction, trained->direction);
}

int px_generator_input_nc(const px_generator_file *generator, px_way way)
{
    return way == PX_FORTH ? generator->trained.input_nc : generator->trained.output_nc;
}

int px_generator_output_nc(const px_generator_file *generator, px_way way)
{
    return way == PX_FORTH ? generator->trained.output_nc : generator->trained.input_nc;
}

const char *px_generator_net(const px_generator_file *generator, px_way way)
{
    static const char *const names[] = {"G_A", "G_B"};
    return goes_back(generator) ? names[way] : "G";
}

px_training *px_generator_program(const px_generator_file *generator, px_way way, px_test_mode mode, int height,
                                  int width, pixcl_error *err)
{
    px_model_options model = px_model_options_of(&generator->trained, 1, height, width);
    model.input_nc = px_generator_input_nc(generator, way);
    model.output_nc = px_generator_output_nc(generator, way);
    return px_training_generator(&model, px_generator_net(generator, way), mode, err);
}
