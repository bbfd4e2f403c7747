/* Each member becomes a statement `const V t<i> = ..;`. Elements are loaded once each as x<i>, per-channel values are
 * prepared before the pixel loop, and names count from 0 within the group, so that equal groups of different layers
 * give one program. */
#include "plan/pointwise_code.h"

#include <stdio.h>

#include "base/format.h"

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

typedef struct name {
    char text[24];
} name;

/* The variable that holds an element of `node`: a member's result or a load. */
static name element(px_code *code, px_node node)
{
    name result;
    int member = member_index(code, node);
    if (member >= 0) {
        snprintf(result.text, sizeof result.text, "t%d", member);
        return result;
    }
    bool is_new;
    int index = input_index(code, node, PX_ACCESS_ELEMENT, &is_new);
    if (is_new)
        px_text_add(&code->body, "    const V x%d = LOAD(i%d + e); \\\n", index, index);
    snprintf(result.text, sizeof result.text, "x%d", index);
    return result;
}

/* Row `row` of a per-channel input, as a vector prepared before the loop. */
static name channel(px_code *code, px_node node, int row)
{
    name result;
    bool is_new;
    int index = input_index(code, node, PX_ACCESS_CHANNEL, &is_new);
    snprintf(result.text, sizeof result.text, "LOAD(i%d%s)", index, row ? " + C" : "");
    return result;
}

/* A scalar, or the picture's own. */
static name scalar(px_code *code, px_node node)
{
    name result;
    bool is_new;
    int index = input_index(code, node, PX_ACCESS_SCALAR, &is_new);
    snprintf(result.text, sizeof result.text, "i%d[0]", index);
    return result;
}

/* A launch argument f<i>. */
static name argument(px_code *code, double value)
{
    name result;
    code->floats[code->float_count] = (float)value;
    snprintf(result.text, sizeof result.text, "f%d", code->float_count++);
    return result;
}

/* mean<i> and rstd<i> of a normalisation that is member i. */
static void prepare_stats(px_code *code, int i, px_node stats, float epsilon)
{
    px_text_add(&code->setup, "    const V mean%d = %s; \\\n", i, channel(code, stats, 0).text);
    px_text_add(&code->setup, "    const V rstd%d = (V)(1.0f) / sqrt(%s + (V)(%af)); \\\n", i,
                channel(code, stats, 1).text, (double)epsilon);
}

static double elements_per_statistic(const px_code *code, const px_node_info *info)
{
    px_shape x = px_at(code->planner, info->inputs[0])->shape;
    int samples = px_at(code->planner, info->inputs[1])->shape.n;
    return (double)x.n * x.h * x.w / samples;
}

static void norm(px_code *code, int i, const px_node_info *info)
{
    prepare_stats(code, i, info->inputs[1], info->attrs.value);
    name x = element(code, info->inputs[0]);
    if (info->input_count == 2) {
        px_text_add(&code->body, "    const V t%d = (%s - mean%d) * rstd%d; \\\n", i, x.text, i, i);
        return;
    }
    px_text_add(&code->setup, "    const V gain%d = rstd%d * %s; \\\n", i, i, channel(code, info->inputs[2], 0).text);
    px_text_add(&code->setup, "    const V beta%d = %s; \\\n", i, channel(code, info->inputs[3], 0).text);
    px_text_add(&code->body, "    const V t%d = (%s - mean%d) * gain%d + beta%d; \\\n", i, x.text, i, i, i);
}

/* average<of><i> and slope<of><i>: v - average - (x - mean) * slope is v without its mean and its share of xhat, by v's
 * sums. */
static void prepare_projection(px_code *code, int i, const char *of, px_node sums, name inverse)
{
    px_text_add(&code->setup, "    const V average%s%d = %s * %s; \\\n", of, i, channel(code, sums, 0).text,
                inverse.text);
    px_text_add(&code->setup, "    const V slope%s%d = %s * %s * rstd%d; \\\n", of, i, channel(code, sums, 1).text,
                inverse.text, i);
}

typedef struct projection {
    char text[128];
} projection;

static projection project(name v, int i, const char *of, name x)
{
    projection result;
    snprintf(result.text, sizeof result.text, "(%s - average%s%d - (%s - mean%d) * slope%s%d)", v.text, of, i, x.text,
             i, of, i);
    return result;
}

/* gain<i> = rstd, times gamma where there is one. */
static void prepare_gain(px_code *code, int i, const px_node_info *info, int gamma)
{
    px_text_add(&code->setup, "    const V gain%d = rstd%d", i, i);
    if (info->input_count > gamma)
        px_text_add(&code->setup, " * %s", channel(code, info->inputs[gamma], 0).text);
    px_text_add(&code->setup, "; \\\n");
}

static void norm_grad(px_code *code, int i, const px_node_info *info)
{
    prepare_stats(code, i, info->inputs[1], info->attrs.value);
    prepare_projection(code, i, "", info->inputs[3], argument(code, 1.0 / elements_per_statistic(code, info)));
    prepare_gain(code, i, info, 4);
    name x = element(code, info->inputs[0]), dy = element(code, info->inputs[2]);
    px_text_add(&code->body, "    const V t%d = gain%d * %s; \\\n", i, i, project(dy, i, "", x).text);
}

static void norm_grad_dot(px_code *code, int i, const px_node_info *info)
{
    prepare_stats(code, i, info->inputs[1], info->attrs.value);
    prepare_projection(code, i, "", info->inputs[3], argument(code, 1.0 / elements_per_statistic(code, info)));
    name x = element(code, info->inputs[0]), dy = element(code, info->inputs[2]), u = element(code, info->inputs[4]);
    px_text_add(&code->body, "    sum0 += %s * %s; \\\n", u.text, project(dy, i, "", x).text);
    code->rows = 1;
}

static void norm_grad_x(px_code *code, int i, const px_node_info *info)
{
    prepare_stats(code, i, info->inputs[1], info->attrs.value);
    name inverse = argument(code, 1.0 / elements_per_statistic(code, info));
    prepare_projection(code, i, "_dy", info->inputs[3], inverse);
    prepare_projection(code, i, "_u", info->inputs[5], inverse);
    px_text_add(&code->setup, "    const V curve%d = %s * %s * rstd%d * rstd%d; \\\n", i,
                channel(code, info->inputs[6], 0).text, inverse.text, i, i);
    prepare_gain(code, i, info, 7);
    name x = element(code, info->inputs[0]), dy = element(code, info->inputs[2]), u = element(code, info->inputs[4]);
    px_text_add(&code->body,
                "    const V t%d = -gain%d * ((%s - mean%d) * curve%d + slope_dy%d * %s + slope_u%d * %s); \\\n", i, i,
                x.text, i, i, i, project(u, i, "_u", x).text, i, project(dy, i, "_dy", x).text);
}

static void norm_sums(px_code *code, int i, const px_node_info *info)
{
    prepare_stats(code, i, info->inputs[1], info->attrs.value);
    name x = element(code, info->inputs[0]), dy = element(code, info->inputs[2]);
    px_text_add(&code->body, "    sum0 += %s; sum1 += %s * ((%s - mean%d) * rstd%d); \\\n", dy.text, dy.text, x.text, i,
                i);
    code->rows = 2;
}

static void moments(px_code *code, const px_node_info *info)
{
    /* Sums of x minus the part's first value, so that a large mean does not swallow the variance. */
    name x = element(code, info->inputs[0]);
    px_text_add(&code->body,
                "    shift = p == begin ? %s : shift; sum0 += %s - shift; sum1 += (%s - shift) * (%s - shift); \\\n",
                x.text, x.text, x.text, x.text);
    code->rows = 2;
    code->moments = true;
}

static void add_sum(px_code *code, const char *format, const char *a, const char *b, double c)
{
    char expression[160];
    px_snprintf(expression, sizeof expression, format, a, b, c);
    px_text_add(&code->body, "    sum0 += %s; \\\n", expression);
    code->rows = 1;
}

static void loss_gradient(px_code *code, int i, const px_node_info *info)
{
    px_node g = info->inputs[info->input_count - 1];
    px_shape shape = px_at(code->planner, info->inputs[0])->shape;
    name inverse = argument(code, 1.0 / (double)px_shape_count(shape)), factor = scalar(code, g);
    px_text_add(&code->setup, "    const V g%d = (V)(%s * %s); \\\n", i, factor.text, inverse.text);
    if (info->op == PX_OP_MEAN_GRAD) { /* of x the shape alone counts */
        px_text_add(&code->body, "    const V t%d = g%d; \\\n", i, i);
        return;
    }
    name a = element(code, info->inputs[0]), b = {""};
    if (info->op == PX_OP_L1_GRAD || info->op == PX_OP_L2_GRAD)
        b = element(code, info->inputs[1]);
    double target = (double)info->attrs.value;
    if (info->op == PX_OP_BCE_GRAD)
        px_text_add(&code->body, "    const V t%d = ((V)(1.0f) / ((V)(1.0f) + exp(-%s)) - (V)(%af)) * g%d; \\\n", i,
                    a.text, target, i);
    else if (info->op == PX_OP_MSE_GRAD)
        px_text_add(&code->body, "    const V t%d = (V)(2.0f) * (%s - (V)(%af)) * g%d; \\\n", i, a.text, target, i);
    else if (info->op == PX_OP_L1_GRAD)
        px_text_add(&code->body, "    const V t%d = sign(%s - %s) * g%d; \\\n", i, a.text, b.text, i);
    else
        px_text_add(&code->body, "    const V t%d = (V)(2.0f) * (%s - %s) * g%d; \\\n", i, a.text, b.text, i);
}

static void statement(px_code *code, int i)
{
    const px_node_info *info = px_at(code->planner, code->group->nodes[i]);
    double value = (double)info->attrs.value;
    name a = {""}, b = {""};
    switch (info->op) { /* the common operands; channel and scalar ones are fetched below */
    case PX_OP_ADD:
    case PX_OP_LEAKY_GRAD:
    case PX_OP_TANH_GRAD:
    case PX_OP_MIX:
    case PX_OP_L1:
    case PX_OP_L2:
        a = element(code, info->inputs[0]);
        b = element(code, info->inputs[1]);
        break;
    case PX_OP_BIAS:
    case PX_OP_SCALE:
    case PX_OP_LEAKY:
    case PX_OP_TANH:
    case PX_OP_DROPOUT:
    case PX_OP_CHANNEL_SUM:
    case PX_OP_SAMPLE_NORM:
    case PX_OP_SAMPLE_NORM_GRAD:
    case PX_OP_MEAN:
    case PX_OP_BCE:
    case PX_OP_MSE:
        a = element(code, info->inputs[0]);
        break;
    default:
        break;
    }
    switch (info->op) {
    case PX_OP_BIAS:
        px_text_add(&code->setup, "    const V bias%d = %s; \\\n", i, channel(code, info->inputs[1], 0).text);
        px_text_add(&code->body, "    const V t%d = %s + bias%d; \\\n", i, a.text, i);
        break;
    case PX_OP_ADD:
        px_text_add(&code->body, "    const V t%d = %s + %s; \\\n", i, a.text, b.text);
        break;
    case PX_OP_SCALE:
        px_text_add(&code->body, "    const V t%d = %s * %af; \\\n", i, a.text, value);
        break;
    case PX_OP_LEAKY:
        px_text_add(&code->body, "    const V t%d = %s > (V)(0.0f) ? %s : %s * %af; \\\n", i, a.text, a.text, a.text,
                    value);
        break;
    case PX_OP_LEAKY_GRAD:
        px_text_add(&code->body, "    const V t%d = %s > (V)(0.0f) ? %s : %s * %af; \\\n", i, a.text, b.text, b.text,
                    value);
        break;
    case PX_OP_TANH:
        px_text_add(&code->body, "    const V t%d = tanh(%s); \\\n", i, a.text);
        break;
    case PX_OP_TANH_GRAD:
        px_text_add(&code->body, "    const V t%d = %s * ((V)(1.0f) - %s * %s); \\\n", i, b.text, a.text, a.text);
        break;
    case PX_OP_DROPOUT:
        code->uses_step = true;
        /* Ids are launch arguments, exact as floats below 2^24. */
        px_text_add(&code->body,
                    "    const V t%d = dropout(%s, %af, %af, step, (uint)%s, (uint)((n * HW + p) * C + c0)); \\\n", i,
                    a.text, value, 1.0 / (1.0 - value), argument(code, info->attrs.id).text);
        break;
    case PX_OP_MIX:
        code->uses_step = true;
        px_text_add(&code->setup, "    const float alpha%d = mixture(step, (uint)%s, (uint)n); \\\n", i,
                    argument(code, info->attrs.id).text);
        px_text_add(&code->body, "    const V t%d = %s * alpha%d + %s * (1.0f - alpha%d); \\\n", i, a.text, i, b.text,
                    i);
        break;
    case PX_OP_NORM:
        norm(code, i, info);
        break;
    case PX_OP_NORM_GRAD:
        norm_grad(code, i, info);
        break;
    case PX_OP_NORM_GRAD_X:
        norm_grad_x(code, i, info);
        break;
    case PX_OP_NORM_GRAD_DOT:
        norm_grad_dot(code, i, info);
        break;
    case PX_OP_NORM_SUMS:
        norm_sums(code, i, info);
        break;
    case PX_OP_NORM_STATS:
        moments(code, info);
        break;
    case PX_OP_CHANNEL_SUM:
    case PX_OP_MEAN:
        add_sum(code, "%s%s", a.text, "", 0);
        break;
    case PX_OP_SAMPLE_NORM:
        add_sum(code, "(%1$s + %3$af) * (%1$s + %3$af)%2$s", a.text, "", value);
        break;
    case PX_OP_SAMPLE_NORM_GRAD:
        px_text_add(&code->setup, "    const V g%d = (V)(%s / %s); \\\n", i, scalar(code, info->inputs[2]).text,
                    scalar(code, info->inputs[1]).text);
        px_text_add(&code->body, "    const V t%d = (%s + (V)(%af)) * g%d; \\\n", i, a.text, value, i);
        break;
    case PX_OP_BCE:
        add_sum(code, "max(%1$s, (V)(0.0f)) - %1$s * %3$af + log1p(exp(-fabs(%1$s)))%2$s", a.text, "", value);
        break;
    case PX_OP_MSE:
        add_sum(code, "(%1$s - %3$af) * (%1$s - %3$af)%2$s", a.text, "", value);
        break;
    case PX_OP_L1:
        add_sum(code, "fabs(%s - %s)", a.text, b.text, 0);
        break;
    case PX_OP_L2:
        add_sum(code, "(%1$s - %2$s) * (%1$s - %2$s)", a.text, b.text, 0);
        break;
    default: /* gradients of losses */
        loss_gradient(code, i, info);
        break;
    }
}

void px_code_generate(px_code *code, const px_planner *p, const px_group *group)
{
    *code = (px_code){.planner = p, .group = group};
    px_text_add(&code->setup, " \\\n");
    px_text_add(&code->body, " \\\n");
    for (int i = 0; i < group->count; i++) {
        statement(code, i);
        bool is_sum = px_op_describe(px_at(p, group->nodes[i])->op)->op_class == PX_REDUCE;
        if (is_sum || px_value_of(p, group->nodes[i])->buffer < 0)
            continue;
        px_text_add(&code->body, "    STORE(t%d, q%d + e); \\\n", i, code->output_count);
        code->outputs[code->output_count++] = group->nodes[i];
    }
}

void px_code_free(px_code *code)
{
    px_text_free(&code->setup);
    px_text_free(&code->body);
}
