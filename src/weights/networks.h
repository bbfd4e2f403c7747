/* The networks in a file of weights: a state_dict, or one within dictionaries, as trainers keep them
 * ("netG_A2B.model.1.weight", "state_dict.ema.model.1.weight"). */
#ifndef PX_WEIGHTS_NETWORKS_H
#define PX_WEIGHTS_NETWORKS_H

#include "options/fields.h"
#include "weights/recognise.h"

enum { PX_MOST_NETWORKS = 16 };

/* Where networks of the reference are. */
typedef struct px_network_list {
    char *prefixes[PX_MOST_NETWORKS]; /* "netG_A2B.", or "" for the whole file */
    px_guess guesses[PX_MOST_NETWORKS];
    int count;
} px_network_list;

/* Finds them. On failure, and when there is none, the list is empty. */
pixcl_status px_networks_find(const px_tensor_file *file, px_network_list *list, pixcl_error *err);
void px_networks_free(px_network_list *list);

/* The generator in the file; `network` names one of several by its dictionary ("netG_A2B"), NULL or "" where there is
 * one. PIXCL_ERROR_FORMAT when there is none, with the nearest one and what differs; PIXCL_ERROR_ARGUMENT when there
 * are several and none is named, or none has that name. */
pixcl_status px_networks_generator(const px_tensor_file *file, const char *network, px_recognised *generator,
                                   pixcl_error *err);

/* The options of a run that would have trained such a generator. */
void px_options_of_network(const px_guess *guess, pixcl_options *options);

#endif
