/* What things are called: the variables of a run ("G.model.model.0.weight.exp_avg": net, key of the reference's
 * state_dict, moment of Adam; "fake_A.pool") and the files of its networks ("latest_net_G.pth"). Names are put
 * together and taken apart here alone. */
#ifndef PX_WEIGHTS_NAMES_H
#define PX_WEIGHTS_NAMES_H

#include <stdbool.h>

#include "base/error.h"
#include "options/fields.h"

enum { PX_NET_NAME_SIZE = 16, PX_MAX_NETS = 8 };

/* What the end of a key tells. */
typedef enum px_key_part {
    PX_KEY_WEIGHT,    /* learned: counted as a parameter */
    PX_KEY_STATISTIC, /* running_mean, running_var, num_batches_tracked */
    PX_KEY_MOMENT,    /* of Adam; no part of a state_dict */
    PX_KEY_POOL       /* old pictures ("fake_A.pool"); of no network */
} px_key_part;

px_key_part px_key_part_of(const char *key);

/* Splits a variable's name: `net` takes what stands before the first '.'. Returns the key after it, or NULL when the
 * name has no net. */
const char *px_name_split(const char *name, char net[PX_NET_NAME_SIZE]);

/* The networks of a run, in the order in which their variables come. Zero-initialise. */
typedef struct px_net_names {
    char names[PX_MAX_NETS][PX_NET_NAME_SIZE];
    int count;
} px_net_names;

/* Takes note of the net of a variable; a pool belongs to none. False when the name is no variable's, or there are too
 * many nets. */
bool px_net_names_add(px_net_names *nets, const char *variable);

/* "<folder>/latest_net_<net>.<extension>" (px_free), as the reference calls a network's weights. */
char *px_net_path(const char *folder, const char *net, const char *extension, pixcl_error *err);

/* How often a step runs the net forward: what PyTorch counts in num_batches_tracked. A discriminator judges the fake
 * and the real in its own step, with a gradient penalty also what is between them, and the fake once more in the
 * generator's. 0 for a net nobody knows. */
int px_net_passes(const pixcl_options *options, const char *net);

#endif
