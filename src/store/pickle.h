/* Python's pickle, parsed as data. A pickle is a program that builds objects; here it builds only a tree of values.
 * Names of classes and functions are checked against a list, and calls are kept as "this name with these arguments"
 * for the caller to interpret: nothing is ever called.
 *
 * Protocols 2 to 5 as far as PyTorch's files use them. Limits: 16 MiB of text, 2 million values. */
#ifndef PX_STORE_PICKLE_H
#define PX_STORE_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum px_pickle_kind {
    PX_PICKLE_NONE = 0,
    PX_PICKLE_BOOL,       /* integer: 0 or 1 */
    PX_PICKLE_INTEGER,    /* integer */
    PX_PICKLE_LONG,       /* text: an integer of more than 64 bits, little-endian two's complement */
    PX_PICKLE_FLOAT,      /* real */
    PX_PICKLE_TEXT,       /* text */
    PX_PICKLE_GLOBAL,     /* global: index into the list of allowed names */
    PX_PICKLE_TUPLE,      /* items */
    PX_PICKLE_LIST,       /* items */
    PX_PICKLE_DICT,       /* items with keys */
    PX_PICKLE_CALL,       /* global(arguments), and items with keys that were added to the result */
    PX_PICKLE_PERSISTENT, /* arguments: what the persistent id was made of */
} px_pickle_kind;

/* An item of a container; values, items and containers refer to each other by index. */
typedef struct px_pickle_item {
    int key;   /* value; -1 in tuples and lists */
    int value; /* value */
    int next;  /* item; -1 at the end */
} px_pickle_item;

typedef struct px_pickle_value {
    px_pickle_kind kind;
    int global;             /* call, global */
    int arguments;          /* call, persistent: a value */
    int first, last, count; /* containers and calls: items, -1 when there are none */
    union {
        int64_t integer;
        double real;
        struct {
            const char *bytes; /* within the pickle, not NUL-terminated */
            size_t length;
        } text;
    };
} px_pickle_value;

typedef struct px_pickle {
    px_pickle_value *values;
    size_t value_count, value_capacity;
    px_pickle_item *items;
    size_t item_count, item_capacity;
    int root; /* the value that the pickle stands for. Values may contain each other: bound any walk */
} px_pickle;

/* Parses one pickle. `allowed` holds "module.name" texts, ended by NULL; another name is an error that quotes it.
 * *used (may be NULL) gets the bytes up to the end of the pickle, where another may follow. `source` names the file
 * in errors. Texts point into `bytes`. On failure *pickle is empty. */
pixcl_status px_pickle_parse(const uint8_t *bytes, size_t size, const char *const *allowed, const char *source,
                             px_pickle *pickle, size_t *used, pixcl_error *err);
void px_pickle_free(px_pickle *pickle);

/* True when the value is a text with these bytes. */
bool px_pickle_is_text(const px_pickle *pickle, int value, const char *text);
/* The n-th item's value, -1 when there are fewer. */
int px_pickle_item_at(const px_pickle *pickle, int value, int n);

#endif
