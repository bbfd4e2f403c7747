/* A plan as text for people, as Graphviz dot, as JSON. */
#include "base/json.h"
#include "base/memory.h"
#include "plan/estimate.h"

static const char *kind_name(px_kind kind)
{
    static const char *const names[] = {"activation", "weight", "plain"};
    return names[kind];
}

static const char *layout_name(px_weight_layout layout)
{
    static const char *const names[] = {"plain", "axis0", "axis1", "transposed"};
    return names[layout];
}

static void sum_plan(const px_plan *plan, double *flops, size_t *persistent)
{
    *flops = 0;
    *persistent = 0;
    for (size_t i = 0; i < plan->launch_count; i++)
        *flops += plan->launches[i].flops;
    for (size_t i = 0; i < plan->buffer_count; i++)
        if (plan->buffers[i].persistent && plan->buffers[i].first >= 0)
            *persistent += plan->buffers[i].elements * 4;
}

static bool has_products(const px_plan *plan)
{
    for (size_t i = 0; i < plan->launch_count; i++)
        if (plan->launches[i].type == PX_LAUNCH_GEMM)
            return true;
    return false;
}

/* "0.29 s a step on cpu (measured 480 GFLOP/s, 47 GB/s, 2.5 us a launch): arithmetic 81%, memory 17%, launches 2%" */
static void add_estimate(px_text *text, const px_estimate *e)
{
    const double percent = e->seconds > 0 ? 100 / e->seconds : 0;
    px_text_add(text, e->seconds < 99.5 ? "%.2g s a step on %s (%s" : "%.0f s a step on %s (%s", e->seconds,
                e->speed.device, e->speed.measured ? "measured" : "modelled, not measured:");
    px_text_add(text, " %.0f GFLOP/s, %.0f GB/s, %.2g us a launch): arithmetic %.0f%%, memory %.0f%%, launches %.0f%%",
                e->speed.gflops, e->speed.gbps, 1e6 * e->speed.launch_seconds, percent * e->arithmetic,
                percent * e->memory, percent * e->launching);
}

static char *dump_text(const px_plan *plan, const px_estimate *estimate, pixcl_error *err)
{
    px_text text = {0};
    double flops;
    size_t persistent;
    sum_plan(plan, &flops, &persistent);
    px_text_add(&text, "graph: %d nodes\n", plan->node_count);
    for (px_node i = 0; i < plan->node_count; i++) {
        const px_node_info *node = &plan->nodes[i];
        const px_value *value = &plan->values[i];
        px_text_add(&text, "%5d  stage %d  %-11s (%d,%d,%d,%d)", i, node->stage, px_op_describe(node->op)->name,
                    node->shape.n, node->shape.c, node->shape.h, node->shape.w);
        for (int k = 0; k < node->input_count; k++)
            px_text_add(&text, "%s%d", k ? "," : "  <- ", node->inputs[k]);
        if (value->buffer < 0)
            px_text_add(&text, "  in registers");
        else if (node->kind == PX_ACTIVATION)
            px_text_add(&text, "  buffer %d+%zu block %d", value->buffer, value->offset, value->block);
        else
            px_text_add(&text, "  buffer %d+%zu %s", value->buffer, value->offset,
                        node->kind == PX_WEIGHT ? layout_name(value->layout) : "");
        px_text_add(&text, "  %s\n", node->name);
    }
    px_text_add(&text, "\nlaunches: %zu\n%5s  %-5s %-28s %22s %10s %10s\n", plan->launch_count, "", "stage", "kernel",
                "global", "MFLOP", "MB");
    for (size_t i = 0; i < plan->launch_count; i++) {
        const px_launch *l = &plan->launches[i];
        px_text_add(&text, "%5zu  %-5d %-60s %6zu x%6zu x%6zu %10.2f %10.3f\n", i, l->stage, l->label, l->global[0],
                    l->global[1], l->global[2], l->flops / 1e6, l->bytes / 1e6);
    }
    px_text_add(&text,
                "\nmemory: %zu bytes in %zu chunk%s: %zu live from step to step, %zu for what comes and goes, %zu GEMM "
                "scratch\n",
                plan->bytes, plan->chunk_count, plan->chunk_count == 1 ? "" : "s", persistent,
                plan->bytes - persistent - plan->gemm_scratch, plan->gemm_scratch);
    px_text_add(&text, "work: %.3f GFLOP in %zu launches of %zu programs\n", flops / 1e9, plan->launch_count,
                plan->program_count);
    if (estimate) {
        px_text_add(&text, "estimate: ");
        add_estimate(&text, estimate);
        px_text_add(&text, "\nbound by %s: %.4g GFLOP, %.4g GB, %zu launches%s\n", px_estimate_bound(estimate),
                    estimate->flops / 1e9, estimate->bytes / 1e9, estimate->launches,
                    has_products(plan) && plan->target.gemm_scratch == px_gemm_kernel_scratch
                        ? "; what CLBlast copies is a guess"
                        : "");
    }
    return px_text_take(&text, err);
}

static char *dump_dot(const px_plan *plan, const px_estimate *estimate, pixcl_error *err)
{
    px_text text = {0};
    px_text_add(&text, "digraph plan {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
    if (estimate) {
        px_text_add(&text, "  fontname=\"sans-serif\";\n  label=\"estimate: ");
        add_estimate(&text, estimate);
        px_text_add(&text, "\";\n");
    }
    for (px_node i = 0; i < plan->node_count; i++) {
        const px_node_info *node = &plan->nodes[i];
        bool source = px_op_describe(node->op)->op_class == PX_SOURCE;
        px_text_add(&text, "  n%d [label=\"%s%s%s\\n(%d,%d,%d,%d)\"%s];\n", i, px_op_describe(node->op)->name,
                    node->name[0] ? "\\n" : "", node->name, node->shape.n, node->shape.c, node->shape.h, node->shape.w,
                    source ? ", style=filled, fillcolor=\"#eeeeee\"" : "");
        for (int k = 0; k < node->input_count; k++)
            px_text_add(&text, "  n%d -> n%d;\n", node->inputs[k], i);
    }
    px_text_add(&text, "}\n");
    return px_text_take(&text, err);
}

static cJSON *node_json(const px_plan *plan, px_node i)
{
    const px_node_info *node = &plan->nodes[i];
    const px_value *value = &plan->values[i];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "id", i);
    cJSON_AddStringToObject(object, "op", px_op_describe(node->op)->name);
    cJSON_AddStringToObject(object, "name", node->name);
    cJSON_AddStringToObject(object, "kind", kind_name(node->kind));
    cJSON_AddNumberToObject(object, "stage", node->stage);
    const int sides[4] = {node->shape.n, node->shape.c, node->shape.h, node->shape.w};
    cJSON_AddItemToObject(object, "shape", cJSON_CreateIntArray(sides, 4));
    cJSON_AddItemToObject(object, "inputs", px_json_ints(node->inputs, node->input_count));
    cJSON_AddNumberToObject(object, "buffer", value->buffer);
    cJSON_AddNumberToObject(object, "block", value->block);
    return object;
}

static cJSON *launch_json(const px_launch *launch)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "label", launch->label);
    cJSON_AddNumberToObject(object, "node", launch->node);
    cJSON_AddNumberToObject(object, "stage", launch->stage);
    const double global[3] = {(double)launch->global[0], (double)launch->global[1], (double)launch->global[2]};
    cJSON_AddItemToObject(object, "global", cJSON_CreateDoubleArray(global, 3));
    cJSON_AddNumberToObject(object, "flops", launch->flops);
    cJSON_AddNumberToObject(object, "bytes", launch->bytes);
    return object;
}

static cJSON *estimate_json(const px_estimate *e)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "device", e->speed.device);
    cJSON_AddBoolToObject(object, "measured", e->speed.measured);
    cJSON_AddNumberToObject(object, "gflops", e->speed.gflops);
    cJSON_AddNumberToObject(object, "gbps", e->speed.gbps);
    cJSON_AddNumberToObject(object, "launch_seconds", e->speed.launch_seconds);
    cJSON_AddNumberToObject(object, "seconds_per_step", e->seconds);
    cJSON_AddNumberToObject(object, "arithmetic_seconds", e->arithmetic);
    cJSON_AddNumberToObject(object, "memory_seconds", e->memory);
    cJSON_AddNumberToObject(object, "launching_seconds", e->launching);
    cJSON_AddStringToObject(object, "bound", px_estimate_bound(e));
    cJSON_AddNumberToObject(object, "flops", e->flops);
    cJSON_AddNumberToObject(object, "bytes", e->bytes);
    cJSON_AddNumberToObject(object, "launches", (double)e->launches);
    return object;
}

static char *dump_json(const px_plan *plan, const px_estimate *estimate, pixcl_error *err)
{
    double flops;
    size_t persistent;
    sum_plan(plan, &flops, &persistent);
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "bytes", (double)plan->bytes);
    cJSON_AddNumberToObject(root, "persistent_bytes", (double)persistent);
    cJSON_AddNumberToObject(root, "gemm_scratch_bytes", (double)plan->gemm_scratch);
    cJSON_AddNumberToObject(root, "flops", flops);
    cJSON_AddNumberToObject(root, "block", plan->target.block);
    cJSON *nodes = cJSON_AddArrayToObject(root, "nodes");
    for (px_node i = 0; i < plan->node_count; i++)
        cJSON_AddItemToArray(nodes, node_json(plan, i));
    cJSON *launches = cJSON_AddArrayToObject(root, "launches");
    for (size_t i = 0; i < plan->launch_count; i++)
        cJSON_AddItemToArray(launches, launch_json(&plan->launches[i]));
    if (estimate)
        cJSON_AddItemToObject(root, "estimate", estimate_json(estimate));
    char *text = px_json_print(root, 1, err);
    cJSON_Delete(root);
    return text;
}

char *px_plan_dump(const px_plan *plan, px_dump_format format, const px_estimate *estimate, pixcl_error *err)
{
    switch (format) {
    case PX_DUMP_DOT:
        return dump_dot(plan, estimate, err);
    case PX_DUMP_JSON:
        return dump_json(plan, estimate, err);
    case PX_DUMP_TEXT:
        break;
    }
    return dump_text(plan, estimate, err);
}
