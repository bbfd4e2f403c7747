/* A network's variables as the reference's state_dict lists them: weights and running statistics, no moments. */
#ifndef PX_WEIGHTS_STATE_DICT_H
#define PX_WEIGHTS_STATE_DICT_H

#include "graph/graph.h"
#include "pixcl/tensor.h"

/* How many the graph has of `net` ("G"). */
size_t px_state_dict_count(const px_graph *graph, const char *net);
/* Fills *weight and *node with number `index`. PIXCL_ERROR_ARGUMENT past the end. */
pixcl_status px_state_dict_at(const px_graph *graph, const char *net, size_t index, px_node *node, pixcl_weight *weight,
                              pixcl_error *err);
/* The variable of that key. PIXCL_ERROR_ARGUMENT when there is none, or when it has not `count` elements. */
pixcl_status px_state_dict_find(const px_graph *graph, const char *net, const char *key, size_t count, px_node *node,
                                pixcl_error *err);

#endif
