/* Looking for networks: the whole file, else each dictionary in it, and those within. */
#include "weights/networks.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_DEPTH = 4, LEAST_CONVOLUTIONS = 3 };

/* Of the tensors of that prefix; *same: the first component that they have in common behind it, with the dot, as a
 * length, 0 when they differ. */
static size_t count_convolutions(const px_tensor_file *file, const char *prefix, size_t *same)
{
    const size_t length = strlen(prefix);
    const char *first = NULL;
    size_t count = 0;
    *same = 0;
    for (size_t i = 0; i < px_tensor_file_count(file); i++) {
        const px_tensor *tensor = px_tensor_file_at(file, i);
        if (strncmp(tensor->name, prefix, length) != 0)
            continue;
        const char *rest = tensor->name + length, *dot = strchr(rest, '.');
        const size_t component = dot ? (size_t)(dot - rest) + 1 : 0;
        if (!first) {
            first = rest;
            *same = component;
        } else if (component != *same || strncmp(first, rest, component) != 0) {
            *same = 0;
        }
        count += tensor->rank == 4;
    }
    return count;
}

static pixcl_status find_below(const px_tensor_file *file, const char *prefix, int depth, px_network_list *list,
                               px_recognised *scratch, pixcl_error *err)
{
    const size_t length = strlen(prefix);
    size_t same, begin = 0;
    pixcl_status status = PIXCL_OK;
    if (list->count == PX_MOST_NETWORKS || count_convolutions(file, prefix, &same) < LEAST_CONVOLUTIONS)
        return PIXCL_OK;
    if (px_recognise(file, prefix, scratch, NULL)) {
        list->prefixes[list->count] = px_strdup(prefix, err);
        if (!list->prefixes[list->count])
            return PIXCL_ERROR_MEMORY;
        list->guesses[list->count++] = scratch->guess;
        return PIXCL_OK;
    }
    if (depth == MOST_DEPTH)
        return PIXCL_OK;
    /* Tensors of one dictionary follow each other. */
    const char *before = NULL;
    for (; status == PIXCL_OK && begin < px_tensor_file_count(file); begin++) {
        const char *name = px_tensor_file_at(file, begin)->name;
        const char *dot = strncmp(name, prefix, length) == 0 ? strchr(name + length, '.') : NULL;
        if (!dot)
            continue;
        const size_t whole = (size_t)(dot - name) + 1;
        if (before && strncmp(before, name, whole) == 0)
            continue;
        before = name;
        char *inner = px_format(err, "%.*s", (int)whole, name);
        status = inner ? find_below(file, inner, depth + 1, list, scratch, err) : PIXCL_ERROR_MEMORY;
        px_free(inner);
    }
    return status;
}

pixcl_status px_networks_find(const px_tensor_file *file, px_network_list *list, pixcl_error *err)
{
    px_recognised *scratch = px_calloc(1, sizeof *scratch, err);
    memset(list, 0, sizeof *list);
    const pixcl_status status = scratch ? find_below(file, "", 0, list, scratch, err) : PIXCL_ERROR_MEMORY;
    px_free(scratch);
    if (status != PIXCL_OK)
        px_networks_free(list);
    return status;
}

void px_networks_free(px_network_list *list)
{
    for (int i = 0; i < list->count; i++)
        px_free(list->prefixes[i]);
    list->count = 0;
}

/* Whether a prefix is what a person calls `name`: all of it or its last dictionary. */
static bool is_called(const char *prefix, const char *name)
{
    const size_t length = strlen(name), whole = strlen(prefix);
    return whole == length + 1 ? strncmp(prefix, name, length) == 0
                               : whole > length + 1 && strncmp(prefix + whole - length - 1, name, length) == 0 &&
                                     prefix[whole - length - 2] == '.';
}

/* "netG_A2B, netG_B2A" */
static void list_generators(const px_network_list *list, px_text *text)
{
    for (int i = 0; i < list->count; i++) {
        const char *prefix = list->prefixes[i];
        if (list->guesses[i].generator)
            px_text_add(text, "%s%.*s", text->length ? ", " : "", *prefix ? (int)strlen(prefix) - 1 : 9,
                        *prefix ? prefix : "(unnamed)");
    }
}

/* The file has no generator: says which it is nearest to. What all tensors have in front of them is left off. */
static pixcl_status explain(const px_tensor_file *file, const px_network_list *list, px_recognised *scratch,
                            pixcl_error *err)
{
    const char *source = px_tensor_file_source(file);
    char prefix[PX_MAX_TENSOR_NAME + 1] = "", *why = NULL;
    size_t same;
    if (list->count > 0) {
        char text[PX_GUESS_TEXT];
        return px_fail(err, PIXCL_ERROR_FORMAT, "%s: there is no generator in it, but %s", source,
                       px_guess_text(&list->guesses[0], text));
    }
    while (count_convolutions(file, prefix, &same) > 0 && same > 0 && strlen(prefix) + same < sizeof prefix) {
        const char *name = px_tensor_file_at(file, 0)->name;
        if (strncmp(name, prefix, strlen(prefix)) != 0)
            break;
        memcpy(prefix, name, strlen(prefix) + same);
    }
    (void)px_recognise(file, prefix, scratch, &why);
    const pixcl_status status =
        px_fail(err, PIXCL_ERROR_FORMAT, "%s: no generator of the reference: %s", source, why ? why : "out of memory");
    px_free(why);
    return status;
}

pixcl_status px_networks_generator(const px_tensor_file *file, const char *network, px_recognised *generator,
                                   pixcl_error *err)
{
    const bool named = network && *network;
    px_network_list list;
    px_text names = {0};
    int found = -1, generators = 0, called = 0;
    pixcl_status status = px_networks_find(file, &list, err);
    if (status != PIXCL_OK)
        return status;
    for (int i = 0; i < list.count; i++) {
        if (!list.guesses[i].generator)
            continue;
        generators++;
        if (named && !is_called(list.prefixes[i], network))
            continue;
        called++;
        found = i;
    }
    list_generators(&list, &names);
    if (generators == 0)
        status = explain(file, &list, generator, err);
    else if (named && called == 0)
        status = px_fail(err, PIXCL_ERROR_ARGUMENT, "--network %.80s: %s has no such generator; it has %s", network,
                         px_tensor_file_source(file), names.data ? names.data : "");
    else if (called > 1)
        status = px_fail(err, PIXCL_ERROR_ARGUMENT, "%s has several generators: give one of %s as --network",
                         px_tensor_file_source(file), names.data ? names.data : "");
    else if (!px_recognise(file, list.prefixes[found], generator, NULL))
        status = px_fail(err, PIXCL_ERROR_MEMORY, "out of memory, at the weights of %s", px_tensor_file_source(file));
    px_text_free(&names);
    px_networks_free(&list);
    return status;
}

void px_options_of_network(const px_guess *guess, pixcl_options *options)
{
    px_options_default(options, PIXCL_FOR_TRAIN);
    if (guess->input_nc == 1 && guess->output_nc == 2)
        snprintf(options->model, sizeof options->model, "colorization");
    snprintf(options->netG, sizeof options->netG, "%s", guess->network);
    snprintf(options->norm, sizeof options->norm, "%s", guess->norm);
    snprintf(options->upsample, sizeof options->upsample, "%s", guess->resize ? "resize" : "conv_t");
    options->input_nc = (int)guess->input_nc;
    options->output_nc = (int)guess->output_nc;
    options->ngf = (int)guess->filters;
    /* A U-Net's keys do not tell. */
    options->no_dropout = strncmp(guess->network, "resnet", 6) == 0 && !guess->dropout;
}
