/* Synthetic sets of pictures with a known truth: to try pixcl without data, for demos and for tests. */
#ifndef PIXCL_SYNTH_H
#define PIXCL_SYNTH_H

#include <stdint.h>

#include "pixcl/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Zero is the default everywhere but for `folder`. Same options, same bytes.
 *
 * "facades": pairs for pix2pix. folder/{train,val,test}/NNN.jpg, each 2*size x size: on the left (A) a label map in the
 * colours of the CMP facade set, on the right (B) a drawing of that facade as a photo.
 *
 * "unpaired": for CycleGAN. folder/{trainA,trainB,valA,valB,testA,testB}/NNN.jpg: coloured shapes by day (A) and other
 * ones by night (B). folder/{valA,testA}_truth/NNN.jpg show the very shapes of that A by night, and {valB,testB}_truth
 * those of B by day: what a perfect translation gives. */
typedef struct pixcl_synth_options {
    const char *folder; /* made when it is not there; files of the same names are replaced */
    const char *kind;   /* NULL: "facades"; or "unpaired" */
    int size;           /* pixels, width and height of A and of B, 16..4096; 0: 256 */
    int train;          /* pictures (pairs) for training, up to 100000; 0: 100; negative: none */
    int val;            /* for validation; 0: 10; negative: none */
    int test;           /* for test; 0: 10; negative: none */
    uint64_t seed;
    int quality; /* of the JPEG files, 1..100; 0: 95 */
} pixcl_synth_options;

/* Makes the set. Pictures that are there already stay when it fails half-way. */
PIXCL_API pixcl_status pixcl_synth(pixcl_context *context, const pixcl_synth_options *options, pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
