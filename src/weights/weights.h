/* Where the variables of a session come from. */
#ifndef PX_WEIGHTS_WEIGHTS_H
#define PX_WEIGHTS_WEIGHTS_H

#include "store/tensor_file.h"
#include "weights/recognise.h"
#include "weights/session.h"

/* Fresh weights by --init_type, --init_gain and --seed. */
pixcl_status px_weights_initialise(const px_session *session, const pixcl_options *options, pixcl_error *err);

/* Networks' weights from `folder`: latest_net_<net>.safetensors (or .pth) for each network, with the reference's
 * keys. What else a session keeps (moments, old pictures) stays as it is. */
pixcl_status px_weights_init_from(const px_session *session, const char *folder, pixcl_error *err);

/* Every variable of the session from a checkpoint, by its full name ("G.model.model.0.weight"). Pools of old pictures
 * that the checkpoint does not have in this size are empty then, and *emptied is true. */
pixcl_status px_weights_load(const px_session *session, const px_tensor_file *file, bool *emptied, pixcl_error *err);

/* Gives every variable of a graph that is one generator, with its values, from a checkpoint or, if `other` is not NULL,
 * from a generator of another program. `eval`: its running statistics are needed, PIXCL_ERROR_FORMAT when it has none.
 */
typedef pixcl_status (*px_take_values)(void *context, const px_graph *graph, px_node node, const float *values,
                                       pixcl_error *err);
pixcl_status px_weights_of_generator(const px_graph *graph, const px_tensor_file *file, const px_recognised *other,
                                     bool eval, px_take_values take, void *context, pixcl_error *err);
/* The same into a session. */
pixcl_status px_weights_load_generator(const px_session *session, const px_tensor_file *file,
                                       const px_recognised *other, bool eval, pixcl_error *err);

/* Every variable of a session from another session on the same device, which has one of the same name. */
pixcl_status px_weights_copy(const px_session *to, const px_session *from, pixcl_error *err);

/* PyTorch's shape of a variable: (O,I,k,k), (N,C,H,W) for pictures, or (C) for a vector. Returns the rank. */
int px_variable_shape(const px_node_info *variable, int64_t shape[4]);

#endif
