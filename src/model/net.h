/* What the networks share: layers whose weights are variables with the reference's state_dict keys, and the networks
 * themselves.
 *
 * A network may be applied several times in one graph: a layer finds its variables by name, and makes them the first
 * time. So the variables of one net, states and weights together, are those of its state_dict (but
 * num_batches_tracked), in its order. */
#ifndef PX_MODEL_NET_H
#define PX_MODEL_NET_H

#include "model/model.h"

/* Where batch normalisation takes its statistics from (instance normalisation always takes the picture's). */
typedef enum px_net_mode {
    PX_NET_TRAIN,  /* the batch, which also moves the running statistics */
    PX_NET_BATCH,  /* the batch; nothing changes: the test phase without --eval */
    PX_NET_RUNNING /* the running statistics: evaluation */
} px_net_mode;

/* Mode and no_dropout are those of training where they are left at zero. */
typedef struct px_net {
    px_graph *graph;
    const char *name; /* "G": variables are "G.<key>" */
    px_norm_type norm;
    px_net_mode mode;
    bool no_dropout; /* dropout lets everything pass, whatever the mode */
} px_net;

/* Convolutions next to a norm slot have a bias exactly when the norm is instance's, which has no beta of its own in the
 * reference; an affine one has both, as PyTorch's users build it. */
bool px_net_has_bias(const px_net *net);
/* Layer `index` of the sequence `path`: "model" and 2 for the key "model.2.weight". y has `channels` channels. */
px_node px_net_conv(const px_net *net, px_node x, const char *path, int index, int channels, int kernel, int stride,
                    int pad, bool bias);
/* The layer that doubles the sides: a transposed convolution with a kernel of 3 or 4 and stride 2, or what stands in
 * its place. */
px_node px_net_up(const px_net *net, px_upsample_type type, px_node x, const char *path, int index, int channels,
                  int kernel, bool bias);
/* The norm slot there: x itself when the net has none. */
px_node px_net_norm(const px_net *net, px_node x, const char *path, int index);
/* Dropout with probability one half; x itself with no_dropout. */
px_node px_net_dropout(const px_net *net, px_node x);

/* The generators, with output_nc, ngf, dropout and upsample of the options: x (N,any,H,W) to (N,output_nc,H,W) in
 * [-1,1].
 *
 * U-Net of `downs` halvings, H and W multiples of 2^downs; without `skips` it is the encoder-decoder. */
px_node px_unet(const px_net *net, px_node x, int downs, bool skips, const px_model_options *options);
/* ResNet of `blocks` residual blocks, H and W multiples of 4 and at least 8. */
px_node px_resnet(const px_net *net, px_node x, int blocks, const px_model_options *options);
/* PatchGAN: logits, one for each patch. Layers 1 to 5; the sides must be at least px_patchgan_smallest(layers). */
px_node px_patchgan(const px_net *net, px_node x, int layers, int ndf);
int px_patchgan_smallest(int layers);
/* PixelGAN: logits, one for each pixel. */
px_node px_pixelgan(const px_net *net, px_node x, int ndf);

/* The networks that the options name. x of G (batch,input_nc,height,width), of D (batch,any,height,width). */
px_node px_generator(const px_net *net, px_node x, const px_model_options *options);
px_node px_discriminator(const px_net *net, px_node x, const px_model_options *options);
/* Whether the options can be built, the error naming the option, its value and what is possible. */
pixcl_status px_generator_check(const px_model_options *options, pixcl_error *err);
pixcl_status px_discriminator_check(const px_model_options *options, pixcl_error *err);

/* The pool of old pictures in front of a discriminator (ops.def): x (N,C,H,W) to as many pictures, some of them old
 * ones from the variable "<name>.pool" (size,C,H,W), which takes new ones. Size 0: x itself. No gradient goes back to
 * x. */
px_node px_net_pool(px_graph *graph, px_node x, int size, const char *name);

/* Mean loss of logits against real (1) or fake (0). Not for PX_GAN_NONE. */
px_node px_gan_loss(px_graph *graph, px_gan_mode mode, px_node logits, bool real);

/* The gradient penalty of D between the real and the fake pictures that it was shown, times lambda_gp: a scalar, or
 * PX_NONE where the options ask for none. Runs D once more. */
px_node px_gradient_penalty(const px_net *D, px_node real, px_node fake, const px_model_options *options);

/* Gradients towards the weights of networks, summed over losses. Start from zeros. */
typedef struct px_gradients {
    int count;
    px_node *weights, *gradients; /* a gradient is PX_NONE where no loss depends on the weight */
} px_gradients;

/* Adds to *sum the gradients of `loss` towards every weight of the networks `nets`, a list of names that NULL ends. The
 * networks' earlier weights must still be in the list when a second loss is added. */
void px_differentiate(px_graph *graph, px_node loss, const char *const *nets, px_gradients *sum);
/* One Adam step of `optimiser` for each weight. Frees the sum. */
void px_optimise(px_graph *graph, px_gradients *sum, int optimiser);
/* The gradients as outputs, "<weight>.grad". Frees the sum. */
void px_keep_gradients(px_graph *graph, px_gradients *sum);

/* Whether the options of a training program can be built: networks, losses and optimiser. */
pixcl_status px_training_check(const px_model_options *options, pixcl_error *err);
/* Marks a loss or a picture for the caller to read, under the reference's name. PX_NONE is passed over. `lightness`: as
 * in px_visual. */
px_node px_training_loss(px_training *training, const char *name, px_node node);
px_node px_training_visual(px_training *training, const char *label, px_node node, px_node lightness);
/* An empty training program with a graph; px_training_finish checks the graph and returns the program, or destroys
 * it and returns NULL. */
px_training *px_training_start(pixcl_error *err);
px_training *px_training_finish(px_training *training, pixcl_error *err);

#endif
