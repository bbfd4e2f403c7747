/* The Laplacian pyramid (P. J. Burt and E. H. Adelson, "The Laplacian pyramid as a compact image code", 1983): a plane
 * apart into bands of detail, each of half the size of the one before, and what is left. The window is [1 4 6 4 1]/16
 * both ways, mirrored at the borders about the outermost pixel, as in OpenCV's pyrDown and pyrUp. */
#ifndef PX_IMAGE_PYRAMID_H
#define PX_IMAGE_PYRAMID_H

/* The side of the next level: half, rounded up. */
int px_pyramid_half(int side);

/* coarse[px_pyramid_half(height)][px_pyramid_half(width)] = every second pixel of the blurred fine[height][width].
 * Sides are at least 3; `row` is room for `width` values. */
void px_pyramid_down(const float *fine, int height, int width, float *coarse, float *row);

/* fine -= the coarse plane at twice its size: what stays is the detail that px_pyramid_down() lost. Sides and `row` as
 * there. */
void px_pyramid_subtract(float *fine, int height, int width, const float *coarse, float *row);

#endif
