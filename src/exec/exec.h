/* Running a graph: one small interface with two engines behind it, `exec/opencl` (a plan on a device) and
 * `exec/reference` (the graph itself in plain C, accumulating in double; slow and simple, the oracle).
 *
 * Values cross this interface as float in PyTorch's order: activations and weights row-major (N,C,H,W), whatever the
 * engine stores. An exec is used by one thread at a time. */
#ifndef PX_EXEC_EXEC_H
#define PX_EXEC_EXEC_H

#include "graph/graph.h"

typedef struct px_exec px_exec;

/* What changes from step to step. */
typedef struct px_step {
    uint64_t seed;
    uint64_t step;     /* 1 for the first; Adam's bias correction and the dropout masks depend on it */
    uint64_t pictures; /* of the steps before, since the pools were empty: how full they are follows from it */
    float lr[PX_MAX_OPTIMISERS];
} px_step;

/* The reference engine; the graph must outlive it. Variables start as zeros. OpenCL's is made in exec/opencl/exec.h. */
px_exec *px_exec_create_reference(const px_graph *graph, pixcl_error *err);
void px_exec_destroy(px_exec **exec);

/* Sets an input or a variable: px_shape_count() floats. */
pixcl_status px_exec_write(px_exec *exec, px_node node, const float *values, pixcl_error *err);
/* Sets an input row by row, in the engine's own layout at once: `rows` puts element x of row y of channel c of picture
 * n at to[x * step]. */
typedef void (*px_exec_rows)(void *context, int n, int c, int y, float *to, size_t step);
pixcl_status px_exec_write_rows(px_exec *exec, px_node input, px_exec_rows rows, void *context, pixcl_error *err);
/* Reads a variable, or a node marked with px_graph_output(), waiting for the work queued before. */
pixcl_status px_exec_read(px_exec *exec, px_node node, float *values, pixcl_error *err);
/* Queues one run of every stage. Returns before the device is done. */
pixcl_status px_exec_run(px_exec *exec, const px_step *step, pixcl_error *err);
/* Waits for all queued work. */
pixcl_status px_exec_finish(px_exec *exec, pixcl_error *err);

/* For the engines: what is behind the handle, embedded as their first member. */
typedef struct px_exec_calls {
    void (*destroy)(px_exec *exec);
    pixcl_status (*write)(px_exec *exec, px_node node, const float *values, pixcl_error *err);
    pixcl_status (*write_rows)(px_exec *exec, px_node input, px_exec_rows rows, void *context, pixcl_error *err);
    pixcl_status (*read)(px_exec *exec, px_node node, float *values, pixcl_error *err);
    pixcl_status (*run)(px_exec *exec, const px_step *step, pixcl_error *err);
    pixcl_status (*finish)(px_exec *exec, pixcl_error *err);
} px_exec_calls;

struct px_exec {
    const px_exec_calls *calls;
};

#endif
