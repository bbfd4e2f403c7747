#include "image/sheet.h"

#include <string.h>

#include "base/error.h"

static void paste(pixcl_image *sheet, const pixcl_image *image, int left, int top)
{
    for (int y = 0; y < image->height; y++) {
        uint8_t *to = sheet->pixels + ((size_t)(top + y) * sheet->width + left) * 3;
        const uint8_t *from = image->pixels + (size_t)y * image->width * image->channels;
        if (image->channels == 3)
            memcpy(to, from, (size_t)image->width * 3);
        else
            for (int x = 0; x < image->width; x++)
                memset(to + 3 * x, from[x], 3);
    }
}

pixcl_image *px_image_sheet(const pixcl_image *const *images, size_t count, size_t columns, int gap, pixcl_error *err)
{
    int cell_width = 0, cell_height = 0;
    if (columns > count)
        columns = count;
    for (size_t i = 0; i < count; i++) {
        if (images[i] && images[i]->width > cell_width)
            cell_width = images[i]->width;
        if (images[i] && images[i]->height > cell_height)
            cell_height = images[i]->height;
    }
    if (columns == 0 || cell_width == 0 || gap < 0 || gap > PIXCL_IMAGE_MAX_SIDE) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "a contact sheet needs pictures, columns and a gap of 0 to %d pixels",
                PIXCL_IMAGE_MAX_SIDE);
        return NULL;
    }
    size_t rows = (count + columns - 1) / columns;
    size_t width = columns * ((size_t)cell_width + gap) + gap, height = rows * ((size_t)cell_height + gap) + gap;
    if (width > PIXCL_IMAGE_MAX_SIDE || height > PIXCL_IMAGE_MAX_SIDE || width * height > PIXCL_IMAGE_MAX_PIXELS) {
        px_fail(err, PIXCL_ERROR_ARGUMENT, "a contact sheet of %zu pictures would be %zu x %zu pixels: show fewer",
                count, width, height);
        return NULL;
    }
    pixcl_image *sheet = pixcl_image_create((int)width, (int)height, 3, err);
    if (!sheet)
        return NULL;
    memset(sheet->pixels, 255, width * height * 3);
    for (size_t i = 0; i < count; i++) {
        if (!images[i])
            continue;
        int left = gap + (int)(i % columns) * (cell_width + gap) + (cell_width - images[i]->width) / 2;
        int top = gap + (int)(i / columns) * (cell_height + gap) + (cell_height - images[i]->height) / 2;
        paste(sheet, images[i], left, top);
    }
    return sheet;
}
