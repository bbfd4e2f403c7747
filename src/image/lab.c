/* Every constant is scikit-image's, down to 0.008856 and 7.787 for (6/29)^3 and (29/6)^2/3. Like there, the arithmetic
 * is double between planes of floats. */
#include "image/lab.h"

#include <stddef.h>

#include "base/math.h"

static const double xyz_from_rgb[3][3] = {
    {0.412453, 0.357580, 0.180423}, {0.212671, 0.715160, 0.072169}, {0.019334, 0.119193, 0.950227}};
/* Its inverse. */
static const double rgb_from_xyz[3][3] = {{3.2404813432005266, -1.5371515162713185, -0.4985363261688878},
                                          {-0.9692549499965682, 1.8759900014898907, 0.04155592655829284},
                                          {0.05564663913517716, -0.20404133836651123, 1.0573110696453443}};
static const double white[3] = {0.95047, 1.0, 1.08883};

static void multiply(const double matrix[3][3], const double in[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = matrix[i][0] * in[0] + matrix[i][1] * in[1] + matrix[i][2] * in[2];
}

void px_image_to_lab(const pixcl_image *image, float *lightness, float *colour)
{
    double linear[256];
    for (int v = 0; v < 256; v++)
        linear[v] = v / 255.0 > 0.04045 ? px_pow((v / 255.0 + 0.055) / 1.055, 2.4) : v / 255.0 / 12.92;
    size_t count = (size_t)image->width * image->height;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *pixel = image->pixels + 3 * i;
        const double rgb[3] = {linear[pixel[0]], linear[pixel[1]], linear[pixel[2]]};
        double xyz[3], f[3];
        multiply(xyz_from_rgb, rgb, xyz);
        for (int c = 0; c < 3; c++) {
            double t = xyz[c] / white[c];
            f[c] = t > 0.008856 ? px_exp(px_ln(t) / 3) : 7.787 * t + 16.0 / 116.0;
        }
        lightness[i] = (float)(116.0 * f[1] - 16.0) / 50.0f - 1.0f;
        colour[i] = (float)(500.0 * (f[0] - f[1])) / 110.0f;
        colour[count + i] = (float)(200.0 * (f[1] - f[2])) / 110.0f;
    }
}

static void rgb_from_lab(double L, double a, double b, double rgb[3])
{
    double y = (L + 16.0) / 116.0, z = y - b / 200.0, xyz[3];
    const double f[3] = {a / 500.0 + y, y, z < 0.0 ? 0.0 : z};
    for (int c = 0; c < 3; c++)
        xyz[c] = white[c] * (f[c] > 0.2068966 ? f[c] * f[c] * f[c] : (f[c] - 16.0 / 116.0) / 7.787);
    multiply(rgb_from_xyz, xyz, rgb);
    for (int c = 0; c < 3; c++)
        rgb[c] = rgb[c] > 0.0031308 ? 1.055 * px_pow(rgb[c], 1 / 2.4) - 0.055 : 12.92 * rgb[c];
}

pixcl_image *px_image_from_lab(const float *lightness, const float *colour, int height, int width, bool truncate,
                               pixcl_error *err)
{
    pixcl_image *image = pixcl_image_create(width, height, 3, err);
    if (!image)
        return NULL;
    size_t count = (size_t)width * height;
    for (size_t i = 0; i < count; i++) {
        double rgb[3];
        rgb_from_lab((lightness[i] + 1.0f) * 50.0f, colour[i] * 110.0f, colour[count + i] * 110.0f, rgb);
        for (int c = 0; c < 3; c++) {
            double v = rgb[c] * 255.0 + (truncate ? 0.0 : 0.5);
            /* Written so that NaN fails the first comparison. */
            image->pixels[3 * i + c] = (uint8_t)(!(v > 0.0) ? 0 : v >= 255.0 ? 255 : (int)v);
        }
    }
    return image;
}
