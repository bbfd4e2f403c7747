/* Convolutions as products of matrices, and in which of their forms CLBlast copies least. Private to room plan.
 *
 * With W the weights (o, i*k*k), X the columns (i*k*k, pixels) and Y the small map (o, pixels):
 *
 *     conv  Y = W X        conv_t  X = W' Y        conv_wgrad  W = Y X'
 *
 * CLBlast multiplies large matrices by a kernel that wants each in one order, with sizes that its tiles divide, at the
 * start of a buffer. Whatever comes otherwise it copies into scratch memory first, and the result back: two to four
 * kernels instead of one. Which order depends on the device, so the planner asks how much scratch memory each form
 * needs (px_target.gemm_scratch). */
#ifndef PX_PLAN_GEMM_FORM_H
#define PX_PLAN_GEMM_FORM_H

#include "plan/planner.h"

/* As it is in memory: row by row, or column by column where `transposed`; `stride` elements between them. */
typedef struct px_matrix {
    size_t rows, columns, stride;
    bool transposed;
    px_operand at;
} px_matrix;

/* Which of the three are stored transposed: weights as PX_WEIGHT_TRANSPOSED, columns as [pixels][i*k*k], and the small
 * map with its channels last, so that all pictures are one matrix. */
typedef struct px_gemm_form {
    bool weights, columns, small;
} px_gemm_form;

/* A convolution cut into products: of all pictures or of one, and of slices of the columns. */
typedef struct px_gemm_conv {
    px_op op;
    px_shape large, small;
    px_gemm_form form;
    size_t taps, depth, channels; /* k*k; i*k*k; o */
    size_t pictures, pixels;      /* of a product: all pictures with the small map transposed, else one; their pixels */
    bool by_channels;             /* slices are of the large map's channels (conv_t), else of the small map's pixels */
    size_t total, slice;          /* channels or pixels: all, and those of a slice; the last one may have fewer */
    size_t of_one;                /* elements of the columns of one of them */
} px_gemm_conv;

/* Settles how CLBlast is asked for a product of these operands (px_gemm_settle), what it copies of them included. */
bool px_gemm_settle_at(const px_target *target, px_gemm *gemm, const px_operand operands[3]);

/* The form in which CLBlast and pixcl move least. `stored`: the layout of the weights in memory (of the gradient, for a
 * weight gradient); NULL: it is not settled yet and will be what the form says. */
px_gemm_conv px_gemm_conv_of(const px_target *target, const px_conv_problem *problem, const px_weight_layout *stored);
/* The layout of the weights in a form. */
px_weight_layout px_gemm_weights(px_gemm_form form);
/* Whether a value of the small map's shape is in memory as the form has it. */
bool px_gemm_small_fits(const px_gemm_conv *c, const px_value *value);

/* The product of the slice that begins at `first` and has `count` channels or pixels: C = A B, of which the operands'
 * places are those of W, X and Y. */
px_gemm px_gemm_of_slice(const px_gemm_conv *c, size_t first, size_t count, const px_operand places[3],
                         px_operand operands[3]);

#endif
