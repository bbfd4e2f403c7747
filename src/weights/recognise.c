/* The networks of the reference as lists of convolutions (the tables are in the reference's networks.py and in
 * src/model): a state_dict is taken apart into such a list and compared. */
#include "weights/recognise.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "weights/names.h"

enum { MOST_DIFFERENCES = 3, MOST_CHANNELS = 1 << 20 };

/* -- taking apart */

static bool ends_in(const char *name, const char *leaf)
{
    const char *dot = strrchr(name, '.');
    return strcmp(dot ? dot + 1 : name, leaf) == 0;
}

/* Whether two tensors are of the same module. */
static bool are_siblings(const px_tensor *a, const px_tensor *b)
{
    const char *p = strrchr(a->name, '.'), *q = strrchr(b->name, '.');
    const size_t length = p ? (size_t)(p - a->name) : 0;
    return length == (q ? (size_t)(q - b->name) : 0) && strncmp(a->name, b->name, length) == 0;
}

/* Where a tensor stands in its module. */
static int rank_in_module(const px_tensor *tensor)
{
    static const char *const leaves[] = {"weight", "bias", "running_mean", "running_var"};
    int rank = 0;
    while (rank < 4 && !ends_in(tensor->name, leaves[rank]))
        rank++;
    return rank;
}

/* Compares modules as people count, "model.9" before "model.10", and tensors of a module by PyTorch's order. */
static int by_numbers(const void *a, const void *b)
{
    const px_tensor *first = *(const px_tensor *const *)a, *second = *(const px_tensor *const *)b;
    const char *x = first->name, *y = second->name;
    if (are_siblings(first, second))
        return rank_in_module(first) - rank_in_module(second);
    while (*x && *y) {
        if (isdigit((unsigned char)*x) && isdigit((unsigned char)*y)) {
            char *x_end, *y_end;
            const long p = strtol(x, &x_end, 10), q = strtol(y, &y_end, 10);
            if (p != q)
                return p < q ? -1 : 1;
            x = x_end;
            y = y_end;
        } else if (*x != *y) {
            return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    return (*x != '\0') - (*y != '\0');
}

static bool set_once(const px_tensor **slot, const px_tensor *tensor)
{
    const bool empty = !*slot;
    *slot = tensor;
    return empty;
}

/* Puts a vector where it belongs. False when there is no such place. */
static bool add_vector(px_layer *layer, const px_tensor *tensor)
{
    const bool of_norm = !are_siblings(layer->weight, tensor);
    if (ends_in(tensor->name, "bias"))
        return set_once(of_norm ? &layer->beta : &layer->bias, tensor);
    if (ends_in(tensor->name, "weight") && of_norm)
        return set_once(&layer->gamma, tensor);
    if (ends_in(tensor->name, "running_mean") && of_norm)
        return set_once(&layer->mean, tensor);
    return ends_in(tensor->name, "running_var") && of_norm && set_once(&layer->variance, tensor);
}

/* The list of layers. False when something is no part of one; *odd is the first such tensor. */
static bool take_apart(const px_tensor *const *tensors, size_t count, px_recognised *network, const px_tensor **odd)
{
    network->count = 0;
    for (size_t i = 0; i < count; i++) {
        const px_tensor *tensor = tensors[i];
        *odd = tensor;
        if (tensor->rank == 4 && ends_in(tensor->name, "weight") && network->count < PX_MOST_LAYERS)
            network->layers[network->count++] = (px_layer){.weight = tensor};
        else if (tensor->rank != 1 || network->count == 0 || !add_vector(&network->layers[network->count - 1], tensor))
            return false;
    }
    *odd = NULL;
    return network->count > 0;
}

/* -- what it could be */

static int64_t side(const px_recognised *n, int layer, int which)
{
    return n->layers[layer].weight->shape[which];
}

/* By a layer that has a norm in every network that has norms. Running statistics alone say nothing: old files have them
 * in instance normalisation too. */
static const char *norm_of(const px_layer *layer)
{
    if (layer->gamma)
        return !layer->mean && layer->bias ? "instance_affine" : "batch";
    return layer->bias ? "instance" : "none";
}

/* The number that a module's name ends with, 0 without. */
static long number_of(const px_tensor *weight)
{
    const char *end = strrchr(weight->name, '.'), *begin = end;
    while (begin && begin > weight->name && isdigit((unsigned char)begin[-1]))
        begin--;
    return begin ? strtol(begin, NULL, 10) : 0;
}

/* The nearest network that begins like this one. */
static void guess_generator(const px_recognised *n, px_guess *guess)
{
    const int last = n->count - 1;
    guess->generator = true;
    guess->input_nc = side(n, 0, 1);
    guess->filters = side(n, 0, 0);
    if (side(n, 0, 2) == 7) {
        const int blocks = n->count > 8 ? (n->count - 6) / 2 : 1;
        snprintf(guess->network, sizeof guess->network, "resnet_%dblocks", blocks);
        guess->output_nc = side(n, last, 0);
        guess->norm = norm_of(&n->layers[0]);
        if (n->count < 8)
            return;
        const int up = 3 + 2 * blocks;
        guess->resize = side(n, up, 0) < side(n, up, 1); /* (out,in,k,k), and half the channels go out */
        /* Dropout is a module without weights, which the next one's number counts. */
        guess->dropout = number_of(n->layers[4].weight) - number_of(n->layers[3].weight) == 5;
        return;
    }
    const int downs = n->count / 2;
    guess->resize = side(n, last, 2) == 3;
    guess->output_nc = side(n, last, guess->resize ? 0 : 1); /* a transposed convolution's weight is (in,out,k,k) */
    /* With skips the last layer takes twice what the first one gives. */
    const bool skips = side(n, last, guess->resize ? 1 : 0) != guess->filters;
    snprintf(guess->network, sizeof guess->network, "%s_%d", skips ? "unet" : "encoder_decoder",
             1 << (downs < 5    ? 5
                   : downs > 14 ? 14
                                : downs));
    guess->norm = norm_of(&n->layers[n->count > 1]);
}

static void guess_network(const px_recognised *n, px_guess *guess)
{
    const int last = n->count - 1;
    *guess = (px_guess){.norm = "none", .input_nc = side(n, 0, 1), .filters = side(n, 0, 0), .output_nc = 1};
    if (side(n, 0, 2) == 1 && n->count > 1) {
        snprintf(guess->network, sizeof guess->network, "pixel");
        guess->norm = norm_of(&n->layers[1]);
    } else if (side(n, 0, 2) == 4 && side(n, last, 2) == 4 && side(n, last, 0) == 1 && n->count > 2) {
        snprintf(guess->network, sizeof guess->network, "n_layers");
        guess->layers = n->count - 2;
        guess->norm = norm_of(&n->layers[1]);
    } else {
        guess_generator(n, guess);
    }
}

/* -- what it then must be */

/* A layer as the network has it. */
typedef struct expected {
    int64_t out, in, kernel;
    bool transposed; /* the weight is (in,out,k,k) */
    bool norm;       /* a norm follows, where the network has norms */
    bool bias;       /* whatever the norm */
} expected;

static expected expected_of_resnet(const px_guess *g, int blocks, int layer)
{
    const int64_t n = g->filters;
    const int up = layer - 3 - 2 * blocks;
    if (layer == 0)
        return (expected){n, g->input_nc, 7, .norm = true};
    if (layer < 3)
        return (expected){2 * layer * n, layer * n, 3, .norm = true};
    if (up < 0)
        return (expected){4 * n, 4 * n, 3, .norm = true};
    if (up < 2)
        return (expected){(2 - up) * n, 2 * (2 - up) * n, 3, .transposed = !g->resize, .norm = true};
    return (expected){g->output_nc, n, 7, .bias = true};
}

static expected expected_of_unet(const px_guess *g, int downs, bool skips, int layer)
{
    const int level = layer < downs ? layer : 2 * downs - 1 - layer;
    const int64_t inside = g->filters << (level < 3 ? level : 3);
    const int64_t outside = level == 0 ? 0 : g->filters << (level < 4 ? level - 1 : 3);
    if (layer < downs)
        return (expected){inside, level ? outside : g->input_nc, 4, .norm = level > 0 && level < downs - 1};
    return (expected){level ? outside : g->output_nc,
                      skips && level < downs - 1 ? 2 * inside : inside,
                      g->resize ? 3 : 4,
                      .transposed = !g->resize,
                      .norm = level > 0,
                      .bias = level == 0};
}

static expected expected_of_patchgan(const px_guess *g, int layer)
{
    const int64_t before = layer ? g->filters << (layer - 1 < 3 ? layer - 1 : 3) : g->input_nc;
    const bool ends = layer == g->layers + 1;
    return (expected){ends ? 1 : g->filters << (layer < 3 ? layer : 3), before, 4, .norm = layer > 0 && !ends,
                      .bias = layer == 0 || ends};
}

static expected expected_of_pixelgan(const px_guess *g, int layer)
{
    const int64_t sides[] = {g->input_nc, g->filters, 2 * g->filters, 1};
    return (expected){sides[layer + 1], sides[layer], 1, .norm = layer == 1, .bias = layer == 0};
}

/* How many convolutions the network has. */
static int length_of(const px_guess *g)
{
    int number = 0;
    if (sscanf(g->network, "resnet_%dblocks", &number) == 1)
        return 2 * number + 6;
    if (sscanf(g->network, "unet_%d", &number) == 1 || sscanf(g->network, "encoder_decoder_%d", &number) == 1) {
        int downs = 0;
        while (number > 1) {
            number /= 2;
            downs++;
        }
        return 2 * downs;
    }
    return g->layers > 0 ? g->layers + 2 : 3;
}

static expected expected_of(const px_guess *g, int layer)
{
    const int length = length_of(g);
    if (strncmp(g->network, "resnet", 6) == 0)
        return expected_of_resnet(g, (length - 6) / 2, layer);
    if (g->generator)
        return expected_of_unet(g, length / 2, strncmp(g->network, "unet", 4) == 0, layer);
    return g->layers > 0 ? expected_of_patchgan(g, layer) : expected_of_pixelgan(g, layer);
}

/* -- comparing */

/* Whether a vector is there exactly when it must be, and as long as it must be; says what is wrong. */
static bool fits(const px_tensor *vector, bool wanted, int64_t length, const char *what, const px_tensor *weight,
                 px_text *wrong)
{
    char shape[PX_DIMS_TEXT];
    if (vector && !wanted)
        px_text_add(wrong, "; %s is a %s, which this network does not have there", vector->name, what);
    else if (!vector && wanted)
        px_text_add(wrong, "; %s has no %s behind it", weight->name, what);
    else if (vector && vector->shape[0] != length)
        px_text_add(wrong, "; %s is %s, expected (%lld)", vector->name, px_dims_text(1, vector->shape, shape),
                    (long long)length);
    else
        return true;
    return false;
}

static bool layer_fits(const px_guess *g, const px_layer *layer, int number, px_text *wrong)
{
    const expected e = expected_of(g, number);
    const int64_t shape[4] = {e.transposed ? e.in : e.out, e.transposed ? e.out : e.in, e.kernel, e.kernel};
    char found[PX_DIMS_TEXT], wanted[PX_DIMS_TEXT];
    if (memcmp(layer->weight->shape, shape, sizeof shape) != 0) {
        px_text_add(wrong, "; %s is %s, expected %s", layer->weight->name, px_dims_text(4, layer->weight->shape, found),
                    px_dims_text(4, shape, wanted));
        return false;
    }
    const bool batch = strcmp(g->norm, "batch") == 0, affine = batch || strcmp(g->norm, "instance_affine") == 0;
    /* In front of a norm that takes the mean away, a bias does nothing but shift the running mean. */
    const bool has_bias = e.bias || (strcmp(g->norm, "none") != 0 && !batch) || (batch && e.norm && layer->bias);
    return fits(layer->bias, has_bias, e.out, "bias", layer->weight, wrong) &&
           fits(layer->gamma, affine && e.norm, e.out, "norm's weight", layer->weight, wrong) &&
           fits(layer->beta, affine && e.norm, e.out, "norm's bias", layer->weight, wrong) &&
           fits(layer->mean, layer->mean && e.norm, e.out, "running mean", layer->weight, wrong) &&
           fits(layer->variance, layer->mean && e.norm, e.out, "running variance", layer->weight, wrong);
}

static bool compare(const px_recognised *n, px_text *wrong)
{
    const int length = length_of(&n->guess);
    int differences = 0;
    if (n->count != length) {
        px_text_add(wrong, "; it has %d convolutions, expected %d", n->count, length);
        differences++;
    }
    for (int i = 0; i < n->count && i < length && differences < MOST_DIFFERENCES; i++)
        differences += !layer_fits(&n->guess, &n->layers[i], i, wrong);
    return differences == 0;
}

/* Tensors in that order as a network. */
static bool try_order(const px_tensor *const *tensors, size_t count, px_recognised *network, px_text *wrong)
{
    const px_tensor *odd = NULL;
    char text[PX_GUESS_TEXT], shape[PX_DIMS_TEXT];
    if (count == 0) {
        px_text_add(wrong, "it has no weights");
        return false;
    }
    if (!take_apart(tensors, count, network, &odd)) {
        px_text_add(wrong, "%s, %s, is no part of a network of the reference", odd->name,
                    px_dims_text(odd->rank, odd->shape, shape));
        return false;
    }
    for (int i = 0; i < 2; i++) {
        const int64_t channels = side(network, 0, i);
        if (channels < 1 || channels > MOST_CHANNELS) {
            px_text_add(wrong, "%s, %s, is no convolution of such a network", network->layers[0].weight->name,
                        px_dims_text(4, network->layers[0].weight->shape, shape));
            return false;
        }
    }
    guess_network(network, &network->guess);
    px_text_add(wrong, "the nearest network is %s", px_guess_text(&network->guess, text));
    return compare(network, wrong);
}

bool px_recognise(const px_tensor_file *file, const char *prefix, px_recognised *network, char **why)
{
    const size_t all = px_tensor_file_count(file), length = strlen(prefix);
    const px_tensor **tensors = px_calloc(all, sizeof *tensors, NULL);
    px_text wrong = {0};
    size_t count = 0;
    for (size_t i = 0; tensors && i < all; i++) {
        const px_tensor *tensor = px_tensor_file_at(file, i);
        const px_key_part part = px_key_part_of(tensor->name);
        if (strncmp(tensor->name, prefix, length) == 0 && part != PX_KEY_MOMENT && part != PX_KEY_POOL &&
            !ends_in(tensor->name, "num_batches_tracked"))
            tensors[count++] = tensor;
    }
    bool known = tensors && try_order(tensors, count, network, &wrong);
    if (tensors && !known && count > 0) {
        /* Some programs write tensors in the order of their names. */
        px_text other = {0};
        qsort(tensors, count, sizeof *tensors, by_numbers);
        known = try_order(tensors, count, network, &other);
        px_text_free(&other);
    }
    if (why)
        *why = known ? NULL : px_text_take(&wrong, NULL);
    px_text_free(&wrong);
    px_free(tensors);
    return known;
}
