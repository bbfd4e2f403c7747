/* OpenCL C for a group of pointwise nodes: the body of cl/pointwise.cl. Private to room plan. */
#ifndef PX_PLAN_POINTWISE_CODE_H
#define PX_PLAN_POINTWISE_CODE_H

#include "plan/planner.h"

/* Enough for any group: each member has at most PX_MAX_INPUTS inputs, one output and two launch arguments. */
enum {
    PX_CODE_INPUTS = PX_GROUP_NODES * PX_MAX_INPUTS,
    PX_CODE_OUTPUTS = PX_GROUP_NODES,
    PX_CODE_FLOATS = PX_GROUP_NODES * 2
};

typedef struct px_code {
    const px_planner *planner;
    const px_group *group;
    px_node inputs[PX_CODE_INPUTS];
    px_access access[PX_CODE_INPUTS]; /* how each is read */
    int input_count;
    px_node outputs[PX_CODE_OUTPUTS]; /* stored values, in member order */
    int output_count;
    float floats[PX_CODE_FLOATS]; /* launch arguments: what differs between layers without making another program */
    int float_count;
    bool uses_step; /* random numbers */
    int rows;       /* sums per channel: 0 for a plain map, 1 or 2 for a reduction */
    bool moments;   /* the reduction is mean and variance */
    px_text setup, body;
} px_code;

/* Fills the lists and texts (which may have failed for want of memory: px_text). */
void px_code_generate(px_code *code, const px_planner *p, const px_group *group);
void px_code_free(px_code *code);

#endif
