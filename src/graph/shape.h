/* Shape rules: from inputs and attributes to a node's shape and kind. */
#ifndef PX_GRAPH_SHAPE_H
#define PX_GRAPH_SHAPE_H

#include "graph/graph.h"

/* Fills node->shape and node->kind; the error names op, node and shapes. Not for sources, whose shape is given. */
pixcl_status px_shape_infer(const px_graph *graph, px_node_info *node, pixcl_error *err);

/* "(1,64,128,128)" into text[48]; returns text. */
char *px_shape_text(px_shape shape, char text[48]);

#endif
