/* Networks and training programs as graphs.
 *
 * Weights are variables named "<net>.<state_dict key of the reference>" ("G.model.model.0.weight"), so checkpoints
 * need no translation table; Adam's moments are "<weight>.exp_avg" and "<weight>.exp_avg_sq". */
#ifndef PX_MODEL_MODEL_H
#define PX_MODEL_MODEL_H

#include "graph/graph.h"

/* Instance normalisation has no weights in the papers; affine, it has a scale and a shift of each channel. */
typedef enum px_norm_type { PX_NORM_BATCH, PX_NORM_INSTANCE, PX_NORM_INSTANCE_AFFINE, PX_NORM_NONE } px_norm_type;
typedef enum px_gan_mode { PX_GAN_VANILLA, PX_GAN_LSGAN, PX_GAN_WGANGP, PX_GAN_NONE } px_gan_mode;
typedef enum px_reconstruction {
    PX_RECONSTRUCTION_L1,
    PX_RECONSTRUCTION_L2,
    PX_RECONSTRUCTION_SMOOTH_L1,
    PX_RECONSTRUCTION_NONE
} px_reconstruction;
typedef enum px_init_type { PX_INIT_NORMAL, PX_INIT_XAVIER, PX_INIT_KAIMING, PX_INIT_ORTHOGONAL } px_init_type;

/* How a generator doubles the sides: by a transposed convolution, as in the papers, or by repeating pixels, padding by
 * reflection and a 3x3 convolution, which leaves no checkerboard (Odena et al., "Deconvolution and Checkerboard
 * Artifacts", Distill 2016). */
typedef enum px_upsample_type { PX_UPSAMPLE_CONV_T, PX_UPSAMPLE_RESIZE } px_upsample_type;

/* Colorization is pix2pix from one channel, lightness, to two, the colours of L*a*b*. */
typedef enum px_model_type { PX_MODEL_PIX2PIX, PX_MODEL_CYCLE_GAN, PX_MODEL_COLORIZATION } px_model_type;

typedef struct px_model_options {
    px_model_type model;
    const char *netG; /* "unet_<2^k>", "encoder_decoder_<2^k>", "resnet_<n>blocks" */
    const char *netD; /* "basic", "n_layers", "pixel" */
    int n_layers_D;   /* for "n_layers"; "basic" is 3 */
    int input_nc, output_nc, ngf, ndf;
    px_norm_type norm;
    bool dropout; /* in the generator */
    px_upsample_type upsample;
    px_gan_mode gan_mode;                      /* none: the program has no discriminators */
    float lambda_gp;                           /* wgangp: weight of the gradient penalty; 0 leaves it out */
    px_reconstruction reconstruction;          /* pix2pix */
    float lambda_L1;                           /* pix2pix: its weight, whichever it is */
    bool unconditional_D;                      /* pix2pix: D sees the output alone, not the input beside it */
    float lambda_A, lambda_B, lambda_identity; /* CycleGAN; 0 leaves the loss out */
    int pool_size;                             /* CycleGAN: pictures, 0: none */
    float beta1;                               /* Adam; beta2 0.999, epsilon 1e-8 */
    int batch, height, width;
} px_model_options;

typedef struct px_loss {
    char name[24]; /* "G_GAN": the reference's name, as logged */
    px_node node;
} px_loss;

/* A picture that a program shows, under the reference's name. */
typedef struct px_visual {
    char label[16]; /* "fake_B" */
    px_node node;
    px_node lightness; /* PX_NONE, or `node` holds the colours and this the lightness of one picture in L*a*b* */
} px_visual;

enum { PX_MAX_LOSSES = 16, PX_MAX_VISUALS = 6 };

/* A graph with its ends. Inputs and outputs a program does not have are PX_NONE. */
typedef struct px_training {
    px_graph *graph;
    px_node real_A, real_B; /* inputs (batch,nc,height,width) in [-1,1] */
    px_node fake_B;         /* output */
    px_visual visuals[PX_MAX_VISUALS];
    int visual_count;
    px_loss losses[PX_MAX_LOSSES];
    int loss_count;
} px_training;

/* The training program of options->model. */
px_training *px_training_create(const px_model_options *options, pixcl_error *err);

/* One step of pix2pix (Isola et al., 1611.07004; reference: pix2pix_model.py): stage 0 runs G, stage 1 updates D
 * with 0.5*(D(A,fake) against 0 + D(A,B) against 1), stage 2 updates G with the new D: GAN + lambda_L1 * L1. Losses
 * G_GAN, G_L1 (or G_L2, G_smooth_L1), D_real, D_fake as the reference logs them, and D_gp for the gradient penalty;
 * those that the options leave out are missing. Optimiser 0 is G's, 1 is D's. */
px_training *px_training_pix2pix(const px_model_options *options, pixcl_error *err);

/* One step of CycleGAN (Zhu et al., 1703.10593; reference: cycle_gan_model.py): stage 0 updates the generators G_A
 * (A to B) and G_B by GAN, cycle and identity losses, stage 1 the discriminators D_A (which judges B) and D_B, with
 * what the generators made before their update, through the pools. Losses D_A, G_A, cycle_A, idt_A, and the same for
 * B, as the reference logs them; those of weight 0 are left out. Optimiser 0 is the generators', 1 the
 * discriminators'. */
px_training *px_training_cycle_gan(const px_model_options *options, pixcl_error *err);

/* How a trained generator runs. Zero: as in training; PyTorch's eval() sets both. */
typedef struct px_test_mode {
    bool running;    /* batch normalisation by the running statistics instead of the picture's */
    bool no_dropout; /* dropout lets everything pass */
} px_test_mode;

/* Only the generator of that name ("G", or "G_A" and "G_B", which goes back), for inference. That the net was trained
 * with dropout must be said in the options whatever the mode, since a ResNet's keys depend on it. */
px_training *px_training_generator(const px_model_options *options, const char *net, px_test_mode mode,
                                   pixcl_error *err);

/* The generator with the gradients of the mean |fake_B - real_B| (loss "L1") towards all its weights, as outputs
 * "<weight>.grad": what a training step does between two optimiser steps, to be measured by itself. */
px_training *px_training_generator_gradients(const px_model_options *options, pixcl_error *err);

void px_training_destroy(px_training **training);

/* Initial value of every variable (the reference's init_net): convolution weights by type and gain, biases 0, norm
 * weights normal(1, gain), running_mean 0, running_var 1, moments 0. Depends on seed and name alone, not on the
 * order. */
pixcl_status px_model_initial(const px_graph *graph, px_node variable, px_init_type type, float gain, uint64_t seed,
                              float *values, pixcl_error *err);
/* Whether that is zeros, as variables of a new px_exec are: they need not be made and written. */
bool px_model_starts_as_zeros(const px_graph *graph, px_node variable);

/* The sides of a picture that the generator takes are multiples of one number (2^k for a U-Net with k downs, 4 for a
 * ResNet) and not smaller than another (8 for a ResNet, whose blocks reflect a row of the quarter). 0 for an unknown
 * name. */
int px_model_multiple(const char *netG);
int px_model_smallest(const char *netG);
/* PIXCL_OK when there is a generator of that name, else the error says which there are. */
pixcl_status px_model_check_name(const char *netG, pixcl_error *err);

#endif
