/* The pickle machine: a stack of values, a memo, and one opcode after the other (Python's Lib/pickletools.py
 * describes each). */
#include "store/pickle.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/tensor.h"

/* A state_dict of 1000 tensors takes some 100 KB and 30000 values. */
#define MAX_BYTES  ((size_t)16 * 1024 * 1024)
#define MAX_VALUES ((size_t)2 * 1000 * 1000)

typedef struct machine {
    const uint8_t *bytes;
    size_t size, at;
    const char *const *allowed;
    const char *source;
    pixcl_error *err;
    px_pickle *out;
    int *stack; /* values */
    size_t depth, stack_capacity;
    size_t *marks; /* depths */
    size_t mark_count, mark_capacity;
    int *memo; /* value + 1; 0 is empty */
    size_t memo_count, memo_capacity;
    size_t pushed; /* bounds what a short pickle can make by pushing a value again and again */
} machine;

static pixcl_status fail(const machine *m, const char *what)
{
    return px_fail(m->err, PIXCL_ERROR_FORMAT, "%s: damaged pickle at byte %zu: %s; get or write the file again",
                   m->source, m->at, what);
}

/* The next `count` bytes, or NULL (with the error filled) when the pickle ends before. */
static const uint8_t *take(machine *m, uint64_t count)
{
    const uint8_t *bytes = m->bytes + m->at;

    if (count > m->size - m->at) {
        fail(m, "it ends in the middle of a value");
        return NULL;
    }
    m->at += (size_t)count;
    return bytes;
}

/* An unsigned little-endian number of `width` bytes. */
static bool take_number(machine *m, int width, uint64_t *number)
{
    const uint8_t *bytes = take(m, (uint64_t)width);

    if (!bytes)
        return false;
    *number = 0;
    for (int i = 0; i < width; i++)
        *number |= (uint64_t)bytes[i] << (8 * i);
    return true;
}

/* Up to the next newline, which is passed over. */
static bool take_line(machine *m, const char **line, size_t *length)
{
    const uint8_t *begin = m->bytes + m->at;
    const uint8_t *end = memchr(begin, '\n', m->size - m->at);

    if (!end) {
        fail(m, "a line does not end");
        return false;
    }
    *line = (const char *)begin;
    *length = (size_t)(end - begin);
    m->at += *length + 1;
    return true;
}

static pixcl_status push(machine *m, int value)
{
    pixcl_status status;

    if (++m->pushed > MAX_VALUES)
        return fail(m, "it makes more than 2 million values");
    status = px_grow(&m->stack, &m->stack_capacity, m->depth + 1, sizeof *m->stack, m->err);
    if (status == PIXCL_OK)
        m->stack[m->depth++] = value;
    return status;
}

/* Pushes a new value. */
static pixcl_status push_new(machine *m, px_pickle_value value)
{
    pixcl_status status =
        px_grow(&m->out->values, &m->out->value_capacity, m->out->value_count + 1, sizeof *m->out->values, m->err);

    if (status != PIXCL_OK)
        return status;
    value.first = value.last = -1;
    m->out->values[m->out->value_count] = value;
    return push(m, (int)m->out->value_count++);
}

static pixcl_status push_kind(machine *m, px_pickle_kind kind, int64_t integer)
{
    return push_new(m, (px_pickle_value){.kind = kind, .integer = integer});
}

static pixcl_status push_text(machine *m, px_pickle_kind kind, uint64_t length)
{
    const uint8_t *bytes = take(m, length);

    if (!bytes)
        return PIXCL_ERROR_FORMAT;
    return push_new(m, (px_pickle_value){.kind = kind, .text = {(const char *)bytes, (size_t)length}});
}

/* Where the topmost object group begins: above the last mark, or at the bottom. */
static size_t floor_depth(const machine *m)
{
    return m->mark_count ? m->marks[m->mark_count - 1] : 0;
}

/* Pops one value; -1 (with the error filled) when there is none above the last mark. */
static int pop(machine *m)
{
    if (m->depth <= floor_depth(m)) {
        fail(m, "its stack is empty");
        return -1;
    }
    return m->stack[--m->depth];
}

/* The depth of the last mark, which is removed. */
static bool pop_mark(machine *m, size_t *depth)
{
    if (m->mark_count == 0) {
        fail(m, "a mark is missing");
        return false;
    }
    *depth = m->marks[--m->mark_count];
    return true;
}

static pixcl_status add_item(machine *m, int container, int key, int value)
{
    px_pickle_value *c = &m->out->values[container];
    int item = (int)m->out->item_count;
    pixcl_status status =
        px_grow(&m->out->items, &m->out->item_capacity, m->out->item_count + 1, sizeof *m->out->items, m->err);

    if (status != PIXCL_OK)
        return status;
    m->out->items[m->out->item_count++] = (px_pickle_item){key, value, -1};
    if (c->count++ == 0)
        c->first = item;
    else
        m->out->items[c->last].next = item;
    c->last = item;
    return PIXCL_OK;
}

/* Moves the stack from `begin` upwards into a new tuple or list. */
static pixcl_status collect(machine *m, px_pickle_kind kind, size_t begin)
{
    size_t end = m->depth;
    int container;
    pixcl_status status;

    status = push_kind(m, kind, 0);
    container = (int)m->out->value_count - 1;
    for (size_t i = begin; i < end && status == PIXCL_OK; i++)
        status = add_item(m, container, -1, m->stack[i]);
    if (status == PIXCL_OK) {
        m->stack[begin] = container;
        m->depth = begin + 1;
    }
    return status;
}

/* A tuple of the topmost `count` values. */
static pixcl_status small_tuple(machine *m, size_t count)
{
    if (m->depth - floor_depth(m) < count)
        return fail(m, "its stack is empty");
    return collect(m, PX_PICKLE_TUPLE, m->depth - count);
}

/* Adds the stack from `begin` upwards to the container below it. */
static pixcl_status extend(machine *m, size_t begin, bool with_keys)
{
    size_t step = with_keys ? 2 : 1;
    pixcl_status status = PIXCL_OK;
    px_pickle_kind kind;
    int container;

    if (begin <= floor_depth(m) || (m->depth - begin) % step)
        return fail(m, "the values for a list or dict do not match");
    container = m->stack[begin - 1];
    kind = m->out->values[container].kind;
    if (with_keys ? kind != PX_PICKLE_DICT && kind != PX_PICKLE_CALL : kind != PX_PICKLE_LIST)
        return fail(m, "values are added to something that is no list or dict");
    for (size_t i = begin; i < m->depth && status == PIXCL_OK; i += step)
        status =
            with_keys ? add_item(m, container, m->stack[i], m->stack[i + 1]) : add_item(m, container, -1, m->stack[i]);
    m->depth = begin;
    return status;
}

static pixcl_status extend_to_mark(machine *m, bool with_keys)
{
    size_t begin;

    return pop_mark(m, &begin) ? extend(m, begin, with_keys) : PIXCL_ERROR_FORMAT;
}

/* SETITEM and APPEND: the topmost pair or value into the container below. */
static pixcl_status extend_by_one(machine *m, bool with_keys)
{
    size_t count = with_keys ? 2 : 1;

    return m->depth - floor_depth(m) > count ? extend(m, m->depth - count, with_keys) : fail(m, "its stack is empty");
}

static pixcl_status push_global(machine *m, const char *module, size_t module_length, const char *name,
                                size_t name_length)
{
    char shown_module[100], shown_name[100];

    for (int i = 0; m->allowed[i]; i++) {
        const char *full = m->allowed[i];

        if (strlen(full) == module_length + 1 + name_length && memcmp(full, module, module_length) == 0 &&
            full[module_length] == '.' && memcmp(full + module_length + 1, name, name_length) == 0)
            return push_new(m, (px_pickle_value){.kind = PX_PICKLE_GLOBAL, .global = i});
    }
    return px_fail(
        m->err, PIXCL_ERROR_FORMAT,
        "%s: the file wants to use %s.%s, which has no place in a state_dict; nothing of it was executed. Save "
        "only the weights (torch.save(model.state_dict(), path)), and do not open the file elsewhere if you do "
        "not trust its source",
        m->source, px_printable(module, module_length, shown_module, sizeof shown_module),
        px_printable(name, name_length, shown_name, sizeof shown_name));
}

static pixcl_status global_from_lines(machine *m)
{
    const char *module, *name;
    size_t module_length, name_length;

    if (!take_line(m, &module, &module_length) || !take_line(m, &name, &name_length))
        return PIXCL_ERROR_FORMAT;
    return push_global(m, module, module_length, name, name_length);
}

static pixcl_status global_from_stack(machine *m)
{
    int name = pop(m), module = name < 0 ? -1 : pop(m);
    const px_pickle_value *n, *d;

    if (module < 0)
        return PIXCL_ERROR_FORMAT;
    n = &m->out->values[name];
    d = &m->out->values[module];
    if (n->kind != PX_PICKLE_TEXT || d->kind != PX_PICKLE_TEXT)
        return fail(m, "the name of a class is no text");
    return push_global(m, d->text.bytes, d->text.length, n->text.bytes, n->text.length);
}

static pixcl_status reduce(machine *m)
{
    int arguments = pop(m), callable = arguments < 0 ? -1 : pop(m);

    if (callable < 0)
        return PIXCL_ERROR_FORMAT;
    if (m->out->values[callable].kind != PX_PICKLE_GLOBAL || m->out->values[arguments].kind != PX_PICKLE_TUPLE)
        return fail(m, "it calls something that is no function, or without arguments");
    return push_new(m, (px_pickle_value){
                           .kind = PX_PICKLE_CALL, .global = m->out->values[callable].global, .arguments = arguments});
}

/* BUILD gives an object its attributes. State_dicts carry one, _metadata, that nobody needs. */
static pixcl_status drop_attributes(machine *m)
{
    int state = pop(m);

    if (state < 0)
        return PIXCL_ERROR_FORMAT;
    if (m->depth <= floor_depth(m))
        return fail(m, "its stack is empty");
    return PIXCL_OK;
}

static pixcl_status persistent(machine *m)
{
    int arguments = pop(m);

    if (arguments < 0)
        return PIXCL_ERROR_FORMAT;
    return push_new(m, (px_pickle_value){.kind = PX_PICKLE_PERSISTENT, .arguments = arguments});
}

static pixcl_status remember(machine *m, uint64_t slot)
{
    pixcl_status status;

    if (m->depth <= floor_depth(m))
        return fail(m, "its stack is empty");
    if (slot >= MAX_VALUES)
        return fail(m, "its memo is too large");
    status = px_grow(&m->memo, &m->memo_capacity, (size_t)slot + 1, sizeof *m->memo, m->err);
    if (status != PIXCL_OK)
        return status;
    m->memo_count += m->memo[slot] == 0;
    m->memo[slot] = m->stack[m->depth - 1] + 1;
    return PIXCL_OK;
}

static pixcl_status recall(machine *m, uint64_t slot)
{
    if (slot >= m->memo_capacity || m->memo[slot] == 0)
        return fail(m, "it uses a memo that was never set");
    return push(m, m->memo[slot] - 1);
}

/* A little-endian two's complement integer of any length. */
static pixcl_status push_long(machine *m, uint64_t length)
{
    const uint8_t *bytes;
    uint64_t bits;

    if (length > 8)
        return push_text(m, PX_PICKLE_LONG, length);
    bytes = take(m, length);
    if (!bytes)
        return PIXCL_ERROR_FORMAT;
    bits = length && bytes[length - 1] & 0x80 ? UINT64_MAX : 0;
    for (uint64_t i = length; i-- > 0;)
        bits = bits << 8 | bytes[i];
    return push_kind(m, PX_PICKLE_INTEGER, (int64_t)bits);
}

/* An eight-byte big-endian double. */
static pixcl_status push_float(machine *m)
{
    const uint8_t *bytes = take(m, 8);
    uint64_t bits = 0;
    double real;

    if (!bytes)
        return PIXCL_ERROR_FORMAT;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | bytes[i];
    memcpy(&real, &bits, sizeof real);
    return push_new(m, (px_pickle_value){.kind = PX_PICKLE_FLOAT, .real = real});
}

/* Opcodes followed by a number of `width` bytes, for which *meaning is what to do with it. */
typedef enum meaning { NUMBER_NONE, PUT, GET, INTEGER, SIGNED32, TEXT, LONG, SKIP } meaning;

static meaning number_opcode(uint8_t opcode, int *width)
{
    static const struct {
        uint8_t opcode, width, meaning;
    } table[] = {
        {'q', 1, PUT},     {'r', 4, PUT},      {'h', 1, GET},   {'j', 4, GET},   {'K', 1, INTEGER},
        {'M', 2, INTEGER}, {'J', 4, SIGNED32}, {'U', 1, TEXT},  {'T', 4, TEXT},  {'X', 4, TEXT},
        {0x8c, 1, TEXT},   {0x8d, 8, TEXT},    {'C', 1, TEXT},  {'B', 4, TEXT},  {0x8e, 8, TEXT},
        {0x8a, 1, LONG},   {0x8b, 4, LONG},    {0x80, 1, SKIP}, {0x95, 8, SKIP},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].opcode == opcode) {
            *width = table[i].width;
            return (meaning)table[i].meaning;
        }
    }
    return NUMBER_NONE;
}

static pixcl_status run_number(machine *m, meaning what, int width)
{
    uint64_t number;

    if (!take_number(m, width, &number))
        return PIXCL_ERROR_FORMAT;
    switch (what) {
    case PUT:
        return remember(m, number);
    case GET:
        return recall(m, number);
    case INTEGER:
        return push_kind(m, PX_PICKLE_INTEGER, (int64_t)number);
    case SIGNED32:
        return push_kind(m, PX_PICKLE_INTEGER, (int32_t)number);
    case TEXT:
        return push_text(m, PX_PICKLE_TEXT, number);
    case LONG:
        return push_long(m, number);
    case SKIP: /* the protocol's number, and frames, which only say how far to read ahead */
    case NUMBER_NONE:
        break;
    }
    return PIXCL_OK;
}

static pixcl_status push_mark(machine *m)
{
    pixcl_status status;

    if (++m->pushed > MAX_VALUES)
        return fail(m, "it makes more than 2 million values");
    status = px_grow(&m->marks, &m->mark_capacity, m->mark_count + 1, sizeof *m->marks, m->err);
    if (status == PIXCL_OK)
        m->marks[m->mark_count++] = m->depth;
    return status;
}

static pixcl_status run_opcode(machine *m, uint8_t opcode)
{
    char text[64];
    size_t begin;
    int width;
    meaning what = number_opcode(opcode, &width);

    if (what != NUMBER_NONE)
        return run_number(m, what, width);
    switch (opcode) {
    case '(':
        return push_mark(m);
    case '0': /* POP */
        return pop(m) < 0 ? PIXCL_ERROR_FORMAT : PIXCL_OK;
    case 'N':
        return push_kind(m, PX_PICKLE_NONE, 0);
    case 0x88:
    case 0x89:
        return push_kind(m, PX_PICKLE_BOOL, opcode == 0x88);
    case 'G':
        return push_float(m);
    case '}':
        return push_kind(m, PX_PICKLE_DICT, 0);
    case ']':
        return push_kind(m, PX_PICKLE_LIST, 0);
    case ')':
        return push_kind(m, PX_PICKLE_TUPLE, 0);
    case 't':
        return pop_mark(m, &begin) ? collect(m, PX_PICKLE_TUPLE, begin) : PIXCL_ERROR_FORMAT;
    case 0x85:
    case 0x86:
    case 0x87:
        return small_tuple(m, opcode - 0x84u);
    case 's':
        return extend_by_one(m, true);
    case 'a':
        return extend_by_one(m, false);
    case 'u':
        return extend_to_mark(m, true);
    case 'e':
        return extend_to_mark(m, false);
    case 'c':
        return global_from_lines(m);
    case 0x93:
        return global_from_stack(m);
    case 'R':
        return reduce(m);
    case 'b':
        return drop_attributes(m);
    case 'Q':
        return persistent(m);
    case 0x94: /* MEMOIZE: the next free slot */
        return remember(m, m->memo_count);
    default:
        snprintf(text, sizeof text, "opcode 0x%02x is not one of a state_dict's", opcode);
        return fail(m, text);
    }
}

pixcl_status px_pickle_parse(const uint8_t *bytes, size_t size, const char *const *allowed, const char *source,
                             px_pickle *pickle, size_t *used, pixcl_error *err)
{
    machine m = {.bytes = bytes,
                 .size = size < MAX_BYTES ? size : MAX_BYTES,
                 .allowed = allowed,
                 .source = source,
                 .err = err,
                 .out = pickle};
    pixcl_status status = PIXCL_OK;

    *pickle = (px_pickle){0};
    while (status == PIXCL_OK) {
        const uint8_t *opcode = take(&m, 1);

        if (!opcode)
            status = PIXCL_ERROR_FORMAT;
        else if (*opcode == '.')
            break;
        else
            status = run_opcode(&m, *opcode);
    }
    if (status == PIXCL_OK) {
        pickle->root = pop(&m);
        status = pickle->root < 0 ? PIXCL_ERROR_FORMAT : PIXCL_OK;
    }
    if (used)
        *used = m.at;
    if (status != PIXCL_OK)
        px_pickle_free(pickle);
    px_free(m.stack);
    px_free(m.marks);
    px_free(m.memo);
    return status;
}

void px_pickle_free(px_pickle *pickle)
{
    px_free(pickle->values);
    px_free(pickle->items);
    *pickle = (px_pickle){0};
}

bool px_pickle_is_text(const px_pickle *pickle, int value, const char *text)
{
    const px_pickle_value *v = &pickle->values[value];

    return v->kind == PX_PICKLE_TEXT && v->text.length == strlen(text) &&
           memcmp(v->text.bytes, text, v->text.length) == 0;
}

int px_pickle_item_at(const px_pickle *pickle, int value, int n)
{
    int item = pickle->values[value].first;

    if (n < 0 || n >= pickle->values[value].count)
        return -1;
    while (n-- > 0)
        item = pickle->items[item].next;
    return pickle->items[item].value;
}
