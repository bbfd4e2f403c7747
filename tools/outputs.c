/* Outputs of a command that takes many pictures, and what stands in their way. */
#include "outputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system.h"

const char *outputs_name(const char *path)
{
    const char *name = path + strlen(path);
    while (name > path && !system_separates(name[-1]))
        name--;
    return name;
}

/* "target/NAME.png", of the name's first bytes; NULL without memory. */
static char *path_in(const char *target, const char *name, int length)
{
    const char *between = system_separates(target[strlen(target) - 1]) ? "" : "/";
    const size_t size = strlen(target) + (size_t)length + sizeof "/.png";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s%s%.*s.png", target, between, length, name);
    return path;
}

bool outputs_add(output_list *list, const char *input, const char *target, bool to_folder)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? 2 * list->capacity : 64;
        output_item *items = realloc(list->items, capacity * sizeof *items);
        if (!items)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    const char *name = outputs_name(input), *dot = strrchr(name, '.');
    const int stem = dot ? (int)(dot - name) : (int)strlen(name);
    output_item made = {strdup(input), to_folder ? path_in(target, name, stem) : strdup(target)};
    if (!made.input || !made.path) {
        free(made.input);
        free(made.path);
        return false;
    }
    list->items[list->count++] = made;
    return true;
}

void outputs_free(output_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].input);
        free(list->items[i].path);
    }
    free(list->items);
    *list = (output_list){0};
}

static int by_path(const void *a, const void *b)
{
    const output_item *const *x = a, *const *y = b;
    const int order = strcmp((*x)->path, (*y)->path);
    return order ? order : (*x > *y) - (*x < *y); /* in the order in which they were added */
}

/* Two pictures that would become one file. */
static bool check_twins(const output_list *list, const output_item **sorted, const char *command)
{
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = &list->items[i];
    qsort(sorted, list->count, sizeof *sorted, by_path);
    for (size_t i = 1; i < list->count; i++) {
        const output_item *first = sorted[i - 1], *second = sorted[i];
        if (strcmp(first->path, second->path) != 0)
            continue;
        if (strcmp(first->input, second->input) == 0)
            fprintf(stderr, "pixcl %s: %s is given twice: leave one out.\n", command, first->input);
        else
            fprintf(stderr,
                    "pixcl %s: %s and %s would both become %s: rename one of them, or translate them into different "
                    "folders. Nothing was written.\n",
                    command, first->input, second->input, first->path);
        return false;
    }
    return true;
}

/* An input as the file system knows it. */
typedef struct identity {
    system_identity file;
    const char *path;
} identity;

static int by_identity(const void *a, const void *b)
{
    const identity *x = a, *y = b;
    if (x->file.device != y->file.device)
        return x->file.device < y->file.device ? -1 : 1;
    return (x->file.number > y->file.number) - (x->file.number < y->file.number);
}

static bool identify(const char *path, identity *found)
{
    found->path = path;
    return system_identify(path, &found->file);
}

/* A file that would be written over an input. */
static bool check_inputs(const output_list *list, identity *inputs, const char *command)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += identify(list->items[i].input, &inputs[count]);
    qsort(inputs, count, sizeof *inputs, by_identity);
    for (size_t i = 0; i < list->count; i++) {
        identity there;
        if (!identify(list->items[i].path, &there))
            continue;
        const identity *input = bsearch(&there, inputs, count, sizeof *inputs, by_identity);
        if (!input)
            continue;
        fprintf(stderr,
                "pixcl %s: %s would become %s, over the input %s: name another --output. Nothing was written.\n",
                command, list->items[i].input, list->items[i].path, input->path);
        return false;
    }
    return true;
}

bool outputs_check(const output_list *list, const char *command)
{
    const output_item **sorted = calloc(list->count + 1, sizeof *sorted);
    identity *inputs = calloc(list->count + 1, sizeof *inputs);
    bool sound = sorted && inputs;
    if (!sound)
        fprintf(stderr, "pixcl %s: out of memory.\n", command);
    sound = sound && check_twins(list, sorted, command) && check_inputs(list, inputs, command);
    free(sorted);
    free(inputs);
    return sound;
}
