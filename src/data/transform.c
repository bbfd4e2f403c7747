#include "data/transform.h"

#include <math.h>
#include <stddef.h>

#include "image/geometry.h"

/* The size before cropping. Sides of 0 or beyond every limit can come out; the caller checks. */
static void resized(const px_data_options *options, int width, int height, double *to_width, double *to_height)
{
    *to_width = width;
    *to_height = height;
    switch (options->preprocess) {
    case PX_RESIZE_AND_CROP:
        *to_width = *to_height = options->load_size;
        break;
    case PX_SCALE_WIDTH:
    case PX_SCALE_WIDTH_AND_CROP:
        if (width == options->load_size && height >= options->crop_size)
            break;
        *to_width = options->load_size;
        *to_height = floor(fmax((double)options->load_size * height / width, options->crop_size));
        break;
    case PX_PREPROCESS_NONE: /* rint() rounds half to even, as Python's round() does */
        *to_width = rint(width / 4.0) * 4.0;
        *to_height = rint(height / 4.0) * 4.0;
        break;
    case PX_CROP:
        break;
    }
}

pixcl_status px_transform_draw(const px_data_options *options, int width, int height, px_rng *rng, const char *name,
                               px_transform *transform, pixcl_error *err)
{
    const char *preprocess = px_preprocess_name(options->preprocess);
    double to_width, to_height;
    resized(options, width, height, &to_width, &to_height);
    if (to_width < 1 || to_height < 1 || to_width > PIXCL_IMAGE_MAX_SIDE || to_height > PIXCL_IMAGE_MAX_SIDE)
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "'%s' has %d x %d pixels, which --preprocess %s would make %.0f x %.0f: remove the picture",
                       name, width, height, preprocess, to_width, to_height);
    *transform =
        (px_transform){.width = (int)to_width, .height = (int)to_height, .resize = options->preprocess != PX_CROP};

    bool crops = options->preprocess == PX_RESIZE_AND_CROP || options->preprocess == PX_CROP ||
                 options->preprocess == PX_SCALE_WIDTH_AND_CROP;
    int size = crops ? options->crop_size : 0;
    if (size > transform->width || size > transform->height)
        return px_fail(err, PIXCL_ERROR_FORMAT,
                       "'%s' has %d x %d pixels under --preprocess %s, too few for --crop_size %d: use --preprocess "
                       "resize_and_crop, a smaller --crop_size, or remove the picture",
                       name, transform->width, transform->height, preprocess, size);
    transform->crop = size;
    transform->x = (int)px_rng_below(rng, (uint32_t)(crops ? transform->width - size + 1 : 1));
    transform->y = (int)px_rng_below(rng, (uint32_t)(crops ? transform->height - size + 1 : 1));
    transform->flip = px_rng_float(rng) >= 0.5f && !options->no_flip;
    return PIXCL_OK;
}

pixcl_image *px_transform_apply(const px_transform *transform, const pixcl_image *image, int channels, pixcl_error *err)
{
    pixcl_image *result = pixcl_image_convert(image, channels, err);
    if (result && transform->resize) {
        pixcl_image *before = result;
        result = pixcl_image_resize(before, transform->width, transform->height, err);
        pixcl_image_destroy(&before);
    }
    if (result && transform->crop) {
        pixcl_image *before = result;
        result = px_image_crop(before, transform->x, transform->y, transform->crop, transform->crop, err);
        pixcl_image_destroy(&before);
    }
    if (result && transform->flip)
        px_image_flip(result);
    return result;
}
