/* The templates of ops.def, filled in. Each member becomes a statement `const V t<i> = ..;` or what it adds to a sum.
 *
 * Inputs are read once each, into x<i> (and y<i>, the second row of statistics): elements in the loop, all others
 * before it. Names count from 0 within the group, and what differs between layers is an argument f<i> of the launch, so
 * that equal groups of different layers give one program. */
#include "plan/pointwise_code.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NO_ARGUMENT = -1 };

/* How a template speaks of an input: t<number>, a member's result, or x<number>, an input of the group. */
typedef struct operand {
    char letter;
    int number;
} operand;

/* What a template may ask of its node by name. */
typedef struct parameter {
    const char *name;
    double (*value)(const px_code *code, const px_node_info *info);
    bool is_argument; /* else a constant of the program */
} parameter;

static double value(const px_code *code, const px_node_info *info)
{
    (void)code;
    return (double)info->attrs.value;
}

static double rescale(const px_code *code, const px_node_info *info)
{
    return 1.0 / (1.0 - value(code, info));
}

static double id(const px_code *code, const px_node_info *info)
{
    (void)code;
    return info->attrs.id;
}

static double inverse_E(const px_code *code, const px_node_info *info)
{
    return 1.0 / (double)px_shape_count(px_at(code->planner, info->inputs[0])->shape);
}

static double inverse_M(const px_code *code, const px_node_info *info)
{
    px_shape x = px_at(code->planner, info->inputs[0])->shape;
    int samples = px_at(code->planner, info->inputs[1])->shape.n;
    return 1.0 / ((double)x.n * x.h * x.w / samples);
}

static const parameter parameters[] = {
    {"value", value, false},        {"rescale", rescale, false},    {"id", id, true},
    {"inverse_E", inverse_E, true}, {"inverse_M", inverse_M, true},
};
enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

typedef struct member {
    int index; /* in the group */
    const px_node_info *info;
    operand inputs[PX_MAX_INPUTS];
    int arguments[PARAMETERS]; /* f<i> of each parameter that is one, NO_ARGUMENT until it is asked for */
} member;

static int member_index(const px_code *code, px_node node)
{
    for (int i = 0; i < code->group->count; i++)
        if (code->group->nodes[i] == node)
            return i;
    return -1;
}

static int input_index(px_code *code, px_node node, px_access access, bool *is_new)
{
    *is_new = false;
    for (int i = 0; i < code->input_count; i++)
        if (code->inputs[i] == node && code->access[i] == access)
            return i;
    *is_new = true;
    code->inputs[code->input_count] = node;
    code->access[code->input_count] = access;
    return code->input_count++;
}

static operand read_input(px_code *code, px_node node, px_access access)
{
    int earlier = member_index(code, node);
    if (access == PX_ACCESS_ELEMENT && earlier >= 0)
        return (operand){'t', earlier};
    bool is_new;
    int i = input_index(code, node, access, &is_new);
    if (!is_new)
        return (operand){'x', i};
    if (access == PX_ACCESS_ELEMENT)
        px_text_add(&code->body, "    const V x%d = LOAD(i%d + e); \\\n", i, i);
    else if (access == PX_ACCESS_SCALAR)
        px_text_add(&code->setup, "    const float x%d = i%d[0]; \\\n", i, i);
    else
        px_text_add(&code->setup, "    const V x%d = LOAD(i%d); \\\n", i, i);
    if (access == PX_ACCESS_STATISTICS)
        px_text_add(&code->setup, "    const V y%d = LOAD(i%d + C); \\\n", i, i);
    return (operand){'x', i};
}

/* "0", "1.0" or "1.1", behind the dollar sign. */
static const char *add_operand(px_text *out, const member *m, const char *s)
{
    operand o = m->inputs[*s - '0'];
    s++;
    bool second = s[0] == '.' && s[1] == '1';
    px_text_add(out, "%c%d", second ? 'y' : o.letter, o.number);
    return s[0] == '.' ? s + 2 : s;
}

static void add_parameter(px_code *code, px_text *out, member *m, int which)
{
    const double number = parameters[which].value(code, m->info);
    if (!parameters[which].is_argument) {
        px_text_add(out, "%af", number);
        return;
    }
    int *argument = &m->arguments[which];
    if (*argument == NO_ARGUMENT) {
        code->floats[code->float_count] = (float)number;
        *argument = code->float_count++;
    }
    px_text_add(out, "f%d", *argument);
}

/* A name behind the dollar sign: the step, a parameter, or a variable of this member's own. */
static const char *add_name(px_code *code, px_text *out, member *m, const char *s)
{
    size_t length = 0;
    while (isalnum((unsigned char)s[length]) || s[length] == '_')
        length++;
    if (length == strlen("step") && strncmp(s, "step", length) == 0) {
        code->uses_step = true;
        px_text_add(out, "step");
        return s + length;
    }
    for (int i = 0; i < PARAMETERS; i++)
        if (strlen(parameters[i].name) == length && strncmp(parameters[i].name, s, length) == 0) {
            add_parameter(code, out, m, i);
            return s + length;
        }
    px_text_add_bytes(out, s, length);
    px_text_add(out, "_%d", m->index);
    return s + length;
}

/* Whether the inputs are there that a bracket speaks of. */
static bool is_complete(const member *m, const char *s)
{
    for (; *s != ']'; s++)
        if (s[0] == '$' && isdigit((unsigned char)s[1]) && s[1] - '0' >= m->info->input_count)
            return false;
    return true;
}

static void fill_in(px_code *code, px_text *out, member *m, const char *template)
{
    const char *s = template;
    while (*s) {
        if (s[0] == '$')
            s = isdigit((unsigned char)s[1]) ? add_operand(out, m, s + 1) : add_name(code, out, m, s + 1);
        else if (s[0] == '[' && !is_complete(m, s))
            s = strchr(s, ']') + 1;
        else if (s[0] == '[' || s[0] == ']')
            s++;
        else
            px_text_add_bytes(out, s++, 1);
    }
}

static void add_statement(px_code *code, member *m, const char *before, const char *template)
{
    px_text_add(&code->body, "    %s", before);
    fill_in(code, &code->body, m, template);
    px_text_add(&code->body, "; \\\n");
}

/* Sums of the terms minus the part's first one, so that a large mean does not swallow the variance. */
static void add_moments(px_code *code, member *m, const char *template)
{
    px_text term = {0};
    fill_in(code, &term, m, template);
    const char *x = term.data ? term.data : "";
    code->body.failed = code->body.failed || term.failed;
    px_text_add(&code->body,
                "    shift = p == begin ? %s : shift; sum0 += %s - shift; sum1 += (%s - shift) * (%s - shift); \\\n", x,
                x, x, x);
    px_text_free(&term);
    code->rows = 2;
    code->moments = true;
}

static void add_sums(px_code *code, member *m, const px_op_info *op)
{
    if (op->sum == PX_SUM_MOMENTS) {
        add_moments(code, m, op->body);
        return;
    }
    add_statement(code, m, "sum0 += ", op->body);
    if (op->second)
        add_statement(code, m, "sum1 += ", op->second);
    code->rows = op->second ? 2 : 1;
}

static void add_member(px_code *code, int index)
{
    const px_node_info *info = px_at(code->planner, code->group->nodes[index]);
    const px_op_info *op = px_op_describe(info->op);
    member m = {.index = index, .info = info};
    for (int i = 0; i < PARAMETERS; i++)
        m.arguments[i] = NO_ARGUMENT;
    for (int k = 0; k < info->input_count; k++)
        if (op->access[k] != PX_ACCESS_SHAPE)
            m.inputs[k] = read_input(code, info->inputs[k], (px_access)op->access[k]);
    if (op->setup) {
        px_text_add(&code->setup, "    ");
        fill_in(code, &code->setup, &m, op->setup);
        px_text_add(&code->setup, " \\\n");
    }
    if (op->sum != PX_SUM_NONE) {
        add_sums(code, &m, op);
        return;
    }
    char result[24];
    snprintf(result, sizeof result, "const V t%d = ", index);
    add_statement(code, &m, result, op->body);
    if (px_value_of(code->planner, code->group->nodes[index])->buffer < 0) /* nobody else reads it */
        return;
    px_text_add(&code->body, "    STORE(t%d, q%d + e); \\\n", index, code->output_count);
    code->outputs[code->output_count++] = code->group->nodes[index];
}

void px_code_generate(px_code *code, const px_planner *p, const px_group *group)
{
    *code = (px_code){.planner = p, .group = group};
    px_text_add(&code->setup, " \\\n");
    px_text_add(&code->body, " \\\n");
    for (int i = 0; i < group->count; i++)
        add_member(code, i);
}

void px_code_free(px_code *code)
{
    px_text_free(&code->setup);
    px_text_free(&code->body);
}
