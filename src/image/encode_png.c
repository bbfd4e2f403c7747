/* PNG writing over libpng, into memory that grows. */
#include "image/codec.h"

#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include <png.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct writer {
    png_structp png;
    png_infop info;
    const pixcl_image *image;
    const char *name;
    px_bytes *out;
    pixcl_error *err;
} writer;

static void fail(png_structp png, png_const_charp text)
{
    writer *w = png_get_error_ptr(png);
    px_fail(w->err, PIXCL_ERROR_INTERNAL, "cannot encode '%s' as PNG: %s", w->name, text);
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void give(png_structp png, png_bytep bytes, png_size_t count)
{
    writer *w = png_get_io_ptr(png);
    if (px_grow(&w->out->data, &w->out->capacity, w->out->size + count, 1, w->err) != PIXCL_OK)
        png_longjmp(png, 1);
    memcpy(w->out->data + w->out->size, bytes, count);
    w->out->size += count;
}

static void flush(png_structp png)
{
    (void)png;
}

/* False when it failed and w->err says why. Apart from its caller, so that longjmp() finds no changed local variable
 * here. */
static bool write_picture(writer *w)
{
    if (setjmp(png_jmpbuf(w->png)))
        return false;
    png_set_write_fn(w->png, w, give, flush);
    png_set_IHDR(w->png, w->info, (png_uint_32)w->image->width, (png_uint_32)w->image->height, 8,
                 w->image->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(w->png, w->info);
    for (int y = 0; y < w->image->height; y++)
        png_write_row(w->png, w->image->pixels + (size_t)y * w->image->width * w->image->channels);
    png_write_end(w->png, w->info);
    return true;
}

pixcl_status px_png_encode(const pixcl_image *image, const char *name, px_bytes *out, pixcl_error *err)
{
    pixcl_error own; /* the status must be known even when the caller wants no message */
    writer w = {.image = image, .name = name, .out = out, .err = err ? err : &own};
    bool done = false;
    w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w, fail, ignore);
    w.info = w.png ? png_create_info_struct(w.png) : NULL;
    if (w.info)
        done = write_picture(&w);
    else
        px_fail(w.err, PIXCL_ERROR_MEMORY, "not enough memory to encode '%s'", name);
    png_destroy_write_struct(&w.png, &w.info);
    return done ? PIXCL_OK : w.err->status;
}
