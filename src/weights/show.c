/* What is inside a file of weights, for people and for programs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/context.h"
#include "base/memory.h"
#include "pixcl/checkpoint.h"
#include "weights/checkpoint.h"
#include "weights/names.h"
#include "weights/networks.h"
#include "weights/tensor_figures.h"

/* A network in the file; the name is "" when the file is one network's state_dict. */
typedef struct net {
    char name[PX_MAX_TENSOR_NAME + 1];
    size_t tensors, parameters; /* of the state_dict: Adam's moments are not counted */
    bool known;
    px_guess guess;
    char *why; /* when it is not known: what it is near to (px_free) */
} net;

typedef struct contents {
    px_tensor_file *file;
    size_t bytes;
    bool checkpoint;
    pixcl_options options; /* of a checkpoint, as is `state` */
    px_run_state state;
    px_net_names names;
    net nets[PX_MOST_NETWORKS];
    int net_count;
    bool moments, pools;
    px_recognised scratch;
    bool verified;
    size_t hashed; /* tensors whose hash was compared */
} contents;

/* The network whose tensors begin with `prefix`: its name and a dot, or "". */
static void add_net(contents *c, const char *prefix)
{
    net *n = &c->nets[c->net_count++];
    snprintf(n->name, sizeof n->name, "%.*s", *prefix ? (int)strlen(prefix) - 1 : 0, prefix);
    for (size_t i = 0; i < px_tensor_file_count(c->file); i++) {
        const px_tensor *tensor = px_tensor_file_at(c->file, i);
        px_key_part part = px_key_part_of(tensor->name);
        if (strncmp(tensor->name, prefix, strlen(prefix)) != 0)
            continue;
        c->moments = c->moments || part == PX_KEY_MOMENT;
        n->tensors += part != PX_KEY_MOMENT;
        n->parameters += part == PX_KEY_WEIGHT ? tensor->count : 0;
    }
    n->known = px_recognise(c->file, prefix, &c->scratch, &n->why);
    n->guess = c->scratch.guess;
}

/* The networks in a file of another program. */
static pixcl_status add_others(contents *c, pixcl_error *err)
{
    px_network_list list;
    const pixcl_status status = px_networks_find(c->file, &list, err);
    if (status != PIXCL_OK)
        return status;
    for (int i = 0; i < list.count; i++)
        add_net(c, list.prefixes[i]);
    if (list.count == 0)
        add_net(c, "");
    px_networks_free(&list);
    return PIXCL_OK;
}

static pixcl_status open_contents(contents *c, const char *path, pixcl_error *err)
{
    char *located = px_checkpoint_locate(path, err);
    c->file = located ? px_tensor_file_open(located, err) : NULL;
    px_free(located);
    if (!c->file)
        return err->status;
    c->checkpoint = px_is_checkpoint(c->file);
    c->bytes = px_tensor_file_size(c->file);
    if (!c->checkpoint)
        return add_others(c, err);
    for (size_t i = 0; i < px_tensor_file_count(c->file); i++) {
        const char *name = px_tensor_file_at(c->file, i)->name;
        c->pools = c->pools || px_key_part_of(name) == PX_KEY_POOL;
        if (!px_net_names_add(&c->names, name))
            return px_fail(err, PIXCL_ERROR_FORMAT,
                           "%s: the tensor \"%.200s\" belongs to no network: the file was changed after pixcl wrote it",
                           px_tensor_file_source(c->file), name);
    }
    for (int i = 0; i < c->names.count; i++) {
        char prefix[PX_NET_NAME_SIZE + 1];
        snprintf(prefix, sizeof prefix, "%s.", c->names.names[i]);
        add_net(c, prefix);
    }
    return px_checkpoint_read(c->file, &c->options, &c->state, err);
}

/* The first damaged tensor is the error; how many there are goes before it. */
static pixcl_status verify(contents *c, pixcl_error *err)
{
    pixcl_error one = {0};
    size_t damaged = 0;
    c->verified = true;
    for (size_t i = 0; i < px_tensor_file_count(c->file); i++) {
        const px_tensor *tensor = px_tensor_file_at(c->file, i);
        c->hashed += tensor->hashed;
        if (px_tensor_file_verify(c->file, tensor, &one) != PIXCL_OK && damaged++ == 0)
            *err = one;
    }
    return damaged == 0
               ? PIXCL_OK
               : px_fail_context(err, "%zu of %zu tensors are damaged", damaged, px_tensor_file_count(c->file));
}

static void print_verified(const contents *c, px_text *text)
{
    if (c->hashed > 0)
        px_text_add(text, "  verified: %zu tensors have the hash that was written with them\n", c->hashed);
    else
        px_text_add(text, "  not verified: the file has no hashes, as other programs and older versions write it%s\n",
                    strcmp(px_tensor_file_format(c->file), "PyTorch (zip)") == 0
                        ? "; but the checksums of the archive are right"
                        : "");
}

/* 54413955 as "54,413,955". */
static const char *grouped(size_t number, char text[32])
{
    char digits[32];
    int count = snprintf(digits, sizeof digits, "%zu", number), length = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            text[length++] = ',';
        text[length++] = digits[i];
    }
    text[length] = '\0';
    return text;
}

static void print_networks(const contents *c, px_text *text)
{
    char count[32], about[PX_GUESS_TEXT];
    for (int i = 0; i < c->net_count; i++) {
        const net *n = &c->nets[i];
        px_text_add(text, "  %s%s%s: %s parameters in %zu tensors\n", n->name, *n->name ? "  " : "",
                    n->known ? px_guess_text(&n->guess, about) : "no network of the reference",
                    grouped(n->parameters, count), n->tensors);
        if (n->why)
            px_text_add(text, "    %s\n", n->why);
    }
    if (c->moments)
        px_text_add(text, "  and the moments of Adam\n");
    if (c->pools)
        px_text_add(text, "  and the pools of old pictures\n");
}

/* Whether an option of the checkpoint differs from the default; its value goes into `value`. */
static bool changed(const contents *c, const pixcl_option_info *info, char value[PIXCL_OPTION_TEXT_SIZE])
{
    pixcl_options defaults;
    char usual[PIXCL_OPTION_TEXT_SIZE];
    px_options_default(&defaults, PIXCL_FOR_TRAIN);
    pixcl_options_get(&defaults, info->name, usual, sizeof usual, NULL);
    pixcl_options_get(&c->options, info->name, value, PIXCL_OPTION_TEXT_SIZE, NULL);
    return strcmp(value, usual) != 0;
}

static void print_run(const contents *c, px_text *text)
{
    const px_run_state *s = &c->state;
    char value[PIXCL_OPTION_TEXT_SIZE];
    long long epochs = (long long)c->options.n_epochs + c->options.n_epochs_decay;
    px_text_add(text, "\nrun %s of %s\n", c->options.name, c->options.model);
    if (s->epoch > epochs)
        px_text_add(text, "  %lld steps, %lld pictures: all %lld epochs are done\n", s->step, s->pictures, epochs);
    else
        px_text_add(text, "  %lld steps, %lld pictures; goes on in epoch %d of %lld after %lld of its pictures\n",
                    s->step, s->pictures, s->epoch, epochs, s->iter);
    if (s->best.epoch > 0)
        px_text_add(text, "  best validation before its own: %s %.4g after epoch %d\n", s->best.metric, s->best.value,
                    s->best.epoch);
    px_text_add(text, "\noptions that differ from the defaults\n");
    for (int i = 0; i < PX_OPTION_COUNT; i++)
        if (changed(c, pixcl_option_at(i), value))
            px_text_add(text, "  --%s %s\n", pixcl_option_at(i)->name, value);
}

static void print_tensors(const contents *c, px_text *text)
{
    const size_t count = px_tensor_file_count(c->file);
    size_t widest = 4;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(px_tensor_file_at(c->file, i)->name);
        widest = length > widest && length <= 80 ? length : widest;
    }
    px_text_add(text, "\n%-*s  dtype  %-18s %12s %12s %12s %12s\n", (int)widest, "tensor", "shape", "mean", "std",
                "min", "max");
    for (size_t i = 0; i < count; i++) {
        const px_tensor *tensor = px_tensor_file_at(c->file, i);
        const px_figures f = px_tensor_figures(tensor);
        char shape[PX_DIMS_TEXT];
        px_text_add(text, "%-*s  %-5s  %-18s %12.5g %12.5g %12.5g %12.5g", (int)widest, tensor->name,
                    px_dtype_name(tensor->dtype), px_dims_text(tensor->rank, tensor->shape, shape), f.mean, f.std,
                    f.lowest, f.highest);
        if (f.not_finite > 0)
            px_text_add(text, "  %zu not finite", f.not_finite);
        px_text_add(text, "\n");
    }
}

static char *print_text(const contents *c, bool tensors, pixcl_error *err)
{
    px_text text = {0};
    const char *version = px_tensor_file_metadata(c->file, "pixcl");
    char bytes[32];
    px_text_add(&text, "%s: %s%s%s, %s bytes, %zu tensors\n", px_tensor_file_source(c->file),
                c->checkpoint ? "checkpoint of pixcl " : px_tensor_file_format(c->file), c->checkpoint ? version : "",
                c->checkpoint ? "" : " file", grouped(c->bytes, bytes), px_tensor_file_count(c->file));
    print_networks(c, &text);
    if (c->verified)
        print_verified(c, &text);
    if (c->checkpoint)
        print_run(c, &text);
    if (tensors)
        print_tensors(c, &text);
    return px_text_take(&text, err);
}

static void add_networks(const contents *c, cJSON *networks)
{
    for (int i = 0; i < c->net_count; i++) {
        const net *n = &c->nets[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddItemToArray(networks, object);
        cJSON_AddStringToObject(object, "name", n->name);
        cJSON_AddNumberToObject(object, "parameters", (double)n->parameters);
        cJSON_AddNumberToObject(object, "tensors", (double)n->tensors);
        if (!n->known) {
            cJSON_AddNullToObject(object, "network");
            continue;
        }
        cJSON_AddStringToObject(object, "network", n->guess.network);
        cJSON_AddBoolToObject(object, "generator", n->guess.generator);
        if (n->guess.layers > 0)
            cJSON_AddNumberToObject(object, "n_layers_D", n->guess.layers);
        cJSON_AddNumberToObject(object, "input_nc", (double)n->guess.input_nc);
        cJSON_AddNumberToObject(object, "output_nc", (double)n->guess.output_nc);
        cJSON_AddNumberToObject(object, n->guess.generator ? "ngf" : "ndf", (double)n->guess.filters);
        cJSON_AddStringToObject(object, "norm", n->guess.norm);
        if (n->guess.generator)
            cJSON_AddStringToObject(object, "upsample", n->guess.resize ? "resize" : "conv_t");
    }
}

static void add_run(const contents *c, cJSON *object)
{
    char value[PIXCL_OPTION_TEXT_SIZE];
    cJSON *run = cJSON_AddObjectToObject(object, "run");
    cJSON_AddNumberToObject(run, "step", (double)c->state.step);
    cJSON_AddNumberToObject(run, "epoch", c->state.epoch);
    cJSON_AddNumberToObject(run, "iter", (double)c->state.iter);
    cJSON_AddNumberToObject(run, "pictures", (double)c->state.pictures);
    if (c->state.best.epoch > 0) {
        cJSON *best = cJSON_AddObjectToObject(run, "best");
        cJSON_AddStringToObject(best, "metric", c->state.best.metric);
        cJSON_AddNumberToObject(best, "value", c->state.best.value);
        cJSON_AddNumberToObject(best, "epoch", c->state.best.epoch);
    }
    cJSON *options = cJSON_AddObjectToObject(run, "options"), *names = cJSON_AddArrayToObject(run, "changed");
    for (int i = 0; i < PX_OPTION_COUNT; i++) {
        const pixcl_option_info *info = pixcl_option_at(i);
        if (changed(c, info, value))
            cJSON_AddItemToArray(names, cJSON_CreateString(info->name));
        cJSON_AddStringToObject(options, info->name, value);
    }
}

static void add_figure(cJSON *object, const char *name, double value)
{
    if (isfinite(value))
        cJSON_AddNumberToObject(object, name, value);
    else
        cJSON_AddNullToObject(object, name);
}

static void add_tensors(const contents *c, cJSON *list)
{
    for (size_t i = 0; i < px_tensor_file_count(c->file); i++) {
        const px_tensor *tensor = px_tensor_file_at(c->file, i);
        const px_figures f = px_tensor_figures(tensor);
        cJSON *object = cJSON_CreateObject();
        cJSON_AddItemToArray(list, object);
        cJSON_AddStringToObject(object, "name", tensor->name);
        cJSON_AddStringToObject(object, "dtype", px_dtype_name(tensor->dtype));
        cJSON *shape = cJSON_AddArrayToObject(object, "shape");
        for (int d = 0; d < tensor->rank; d++)
            cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)tensor->shape[d]));
        add_figure(object, "mean", f.mean);
        add_figure(object, "std", f.std);
        add_figure(object, "min", f.lowest);
        add_figure(object, "max", f.highest);
        cJSON_AddNumberToObject(object, "not_finite", (double)f.not_finite);
    }
}

static char *print_json(const contents *c, bool tensors, pixcl_error *err)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "file", px_tensor_file_source(c->file));
    cJSON_AddNumberToObject(object, "bytes", (double)c->bytes);
    cJSON_AddStringToObject(object, "format", px_tensor_file_format(c->file));
    if (c->checkpoint)
        cJSON_AddStringToObject(object, "pixcl", px_tensor_file_metadata(c->file, "pixcl"));
    else
        cJSON_AddNullToObject(object, "pixcl");
    add_networks(c, cJSON_AddArrayToObject(object, "networks"));
    cJSON_AddNumberToObject(object, "tensors", (double)px_tensor_file_count(c->file));
    if (c->verified)
        cJSON_AddNumberToObject(object, "verified", (double)c->hashed);
    if (c->checkpoint)
        add_run(c, object);
    else
        cJSON_AddNullToObject(object, "run");
    if (tensors)
        add_tensors(c, cJSON_AddArrayToObject(object, "list"));
    char *printed = px_json_print(object, 0, err);
    cJSON_Delete(object);
    px_text text = {0};
    if (printed)
        px_text_add(&text, "%s\n", printed);
    px_free(printed);
    return printed ? px_text_take(&text, err) : NULL;
}

char *pixcl_show(pixcl_context *context, const char *path, const pixcl_show_params *params, pixcl_error *err)
{
    PX_ENTER(context);
    const pixcl_show_params defaults = {0};
    pixcl_error local = {0};
    contents *c = px_calloc(1, sizeof *c, err);
    if (!c)
        return NULL;
    err = err ? err : &local;
    params = params ? params : &defaults;
    char *text = NULL;
    if (open_contents(c, path, err) == PIXCL_OK && (!params->verify || verify(c, err) == PIXCL_OK))
        text = params->json ? print_json(c, params->tensors, err) : print_text(c, params->tensors, err);
    px_tensor_file_close(&c->file);
    for (int i = 0; i < c->net_count; i++)
        px_free(c->nets[i].why);
    px_free(c);
    return text;
}
