/* How near a picture comes to what it should be. Thread-safe. */
#ifndef PIXCL_COMPARE_H
#define PIXCL_COMPARE_H

#include "pixcl/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Differences between a picture and what it should be. Colour values count as 0..255, all channels alike. */
typedef struct pixcl_metrics {
    double l1;   /* mean absolute difference, divided by 255: 0 (equal) to 1 */
    double psnr; /* 10 log10(255^2 / mean squared difference), dB; infinite for equal pictures */
    double ssim; /* structural similarity, -1 to 1 (equal); NaN when a side is below 11 pixels */
} pixcl_metrics;

/* Compares two pictures of the same size and channels.
 *
 * SSIM is that of Wang, Bovik, Sheikh and Simoncelli (IEEE Trans. Image Processing 13, 2004): Gaussian window of 11 x
 * 11 pixels and sigma 1.5, K1 = 0.01, K2 = 0.03, biased covariance, the mean over all places where the window fits, per
 * channel and then over channels. It equals scikit-image's structural_similarity(a, b, channel_axis=2,
 * gaussian_weights=True, use_sample_covariance=False, data_range=255). */
PIXCL_API pixcl_status pixcl_compare(const pixcl_image *a, const pixcl_image *b, pixcl_metrics *metrics,
                                     pixcl_error *err);

#ifdef __cplusplus
}
#endif
#endif
