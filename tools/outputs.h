/* Which picture becomes which file: settled, and checked, before the first of them is written. */
#ifndef PIXCL_TOOLS_OUTPUTS_H
#define PIXCL_TOOLS_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct output_item {
    char *input, *path; /* owned */
} output_item;

/* Zero-initialise. */
typedef struct output_list {
    output_item *items;
    size_t count, capacity;
} output_list;

/* Adds a picture, which goes to `target` itself, or with `to_folder` to target/<stem of the input>.png. False when
 * there is no memory. */
bool outputs_add(output_list *list, const char *input, const char *target, bool to_folder);

/* The part of a path after the last separator. */
const char *outputs_name(const char *path);

/* Whether every picture gets a file of its own that is none of the inputs. Otherwise says on stderr which do not, and
 * what to do. */
bool outputs_check(const output_list *list, const char *command);

void outputs_free(output_list *list);

#endif
