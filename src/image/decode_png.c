/* PNG reading over libpng: every colour type and depth to 8-bit grey or RGB. */
#include "image/codec.h"

#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include <png.h>

#include "base/error.h"
#include "base/memory.h"

/* Deflate expands a byte to at most 1032 (RFC 1951: 258 bytes from a 2-bit code). A header that promises more than the
 * whole file could hold is refused before memory is taken for it. */
#define MAX_EXPANSION 1032

typedef struct reader {
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t size, at;
    const char *name;
    pixcl_error *err;
    pixcl_image *image;
    png_bytep *rows;
} reader;

static void fail(png_structp png, png_const_charp text)
{
    reader *r = png_get_error_ptr(png);
    px_fail(r->err, PIXCL_ERROR_FORMAT, "'%s' is damaged or cut off (%s): replace or remove it", r->name, text);
    png_longjmp(png, 1);
}

/* libpng warns about colour profiles and stray chunks; none of it changes the pixels read here. */
static void ignore(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void take(png_structp png, png_bytep out, png_size_t count)
{
    reader *r = png_get_io_ptr(png);
    if (count > r->size - r->at)
        png_error(png, "the file ends too early");
    memcpy(out, r->bytes + r->at, count);
    r->at += count;
}

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* libpng takes memory for a chunk before it reads it: one that says it is larger than the file is never shown to it. */
static pixcl_status check_chunks(const reader *r)
{
    enum { SIGNATURE = 8, AROUND = 12 /* length, name and checksum */ };
    for (size_t at = SIGNATURE; r->size - at >= AROUND;) {
        const size_t length = big_endian(r->bytes + at), left = r->size - at - AROUND;
        if (length > left)
            return px_fail(r->err, PIXCL_ERROR_FORMAT,
                           "'%s' is damaged or cut off (a part of it says that it has %zu bytes, where %zu are left): "
                           "replace or remove it",
                           r->name, length, left);
        if (memcmp(r->bytes + at + 4, "IEND", 4) == 0)
            break;
        at += AROUND + length;
    }
    return PIXCL_OK;
}

static pixcl_status check_header(reader *r)
{
    uint64_t width = png_get_image_width(r->png, r->info), height = png_get_image_height(r->png, r->info);
    if (width * height > PIXCL_IMAGE_MAX_PIXELS)
        return px_fail(r->err, PIXCL_ERROR_FORMAT,
                       "'%s' has %u x %u pixels, more than the %d pixcl reads: cut it in parts", r->name,
                       (unsigned)width, (unsigned)height, PIXCL_IMAGE_MAX_PIXELS);
    if (png_get_rowbytes(r->png, r->info) * height / MAX_EXPANSION > r->size)
        return px_fail(r->err, PIXCL_ERROR_FORMAT,
                       "'%s' is damaged or cut off (%u x %u pixels cannot come out of %zu bytes): replace or remove it",
                       r->name, (unsigned)width, (unsigned)height, r->size);
    return PIXCL_OK;
}

/* False when it failed and r->err says why. Apart from its caller, so that longjmp() finds no changed local variable
 * here. */
static bool read_picture(reader *r)
{
    png_structp png = r->png;
    if (setjmp(png_jmpbuf(png)))
        return false;
    png_set_read_fn(png, r, take);
    png_set_user_limits(png, PIXCL_IMAGE_MAX_SIDE, PIXCL_IMAGE_MAX_SIDE);
    png_read_info(png, r->info);
    if (check_header(r) != PIXCL_OK)
        return false;

    png_byte type = png_get_color_type(png, r->info);
    bool grey = !(type & PNG_COLOR_MASK_COLOR);
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(png);
    else if (grey)
        png_set_expand_gray_1_2_4_to_8(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, r->info);

    r->image = pixcl_image_create((int)png_get_image_width(png, r->info), (int)png_get_image_height(png, r->info),
                                  grey ? 1 : 3, r->err);
    if (!r->image)
        return false;
    size_t row = (size_t)r->image->width * r->image->channels;
    if (png_get_rowbytes(png, r->info) != row)
        png_error(png, "unexpected row size");
    r->rows = px_calloc((size_t)r->image->height, sizeof(*r->rows), r->err);
    if (!r->rows)
        return false;
    for (int y = 0; y < r->image->height; y++)
        r->rows[y] = r->image->pixels + (size_t)y * row;
    png_read_image(png, r->rows);
    png_read_end(png, NULL); /* a file cut off after the last pixel is cut off all the same */
    return true;
}

pixcl_image *px_png_decode(const uint8_t *bytes, size_t size, const char *name, pixcl_error *err)
{
    reader r = {.bytes = bytes, .size = size, .name = name, .err = err};
    bool done = false;
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, fail, ignore);
    r.info = r.png ? png_create_info_struct(r.png) : NULL;
    if (!r.info)
        px_fail(err, PIXCL_ERROR_MEMORY, "not enough memory to decode '%s'", name);
    else if (check_chunks(&r) == PIXCL_OK)
        done = read_picture(&r);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    px_free(r.rows);
    if (!done)
        pixcl_image_destroy(&r.image);
    return r.image;
}
