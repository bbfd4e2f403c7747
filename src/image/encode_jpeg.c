/* JPEG writing over libjpeg-turbo, into memory that grows. */
#include "image/codec.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

#include "base/error.h"
#include "base/memory.h"

#define PIECE 65536

typedef struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf jump;
    const pixcl_image *image;
    int quality;
    const char *name;
    px_bytes *out;
    pixcl_error *err;
} writer;

static void fail(j_common_ptr jpeg)
{
    writer *w = jpeg->client_data;
    char text[JMSG_LENGTH_MAX];
    w->errors.format_message(jpeg, text);
    px_fail(w->err, PIXCL_ERROR_INTERNAL, "cannot encode '%s' as JPEG: %s", w->name, text);
    longjmp(w->jump, 1);
}

static void ignore(j_common_ptr jpeg)
{
    (void)jpeg;
}

/* Room for another piece after what `out` holds. */
static void open_piece(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    if (px_grow(&w->out->data, &w->out->capacity, w->out->size + PIECE, 1, w->err) != PIXCL_OK)
        longjmp(w->jump, 1);
    w->destination.next_output_byte = w->out->data + w->out->size;
    w->destination.free_in_buffer = PIECE;
}

static boolean next_piece(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    w->out->size += PIECE;
    open_piece(jpeg);
    return TRUE;
}

static void close_piece(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    w->out->size += PIECE - w->destination.free_in_buffer;
}

/* False when it failed and w->err says why. Apart from its caller, so that longjmp() finds no changed local variable
 * here. */
static bool write_picture(writer *w)
{
    struct jpeg_compress_struct *jpeg = &w->jpeg;
    if (setjmp(w->jump))
        return false;
    jpeg_create_compress(jpeg);
    jpeg->dest = &w->destination;
    jpeg->image_width = (JDIMENSION)w->image->width;
    jpeg->image_height = (JDIMENSION)w->image->height;
    jpeg->input_components = w->image->channels;
    jpeg->in_color_space = w->image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, w->quality, TRUE);
    jpeg->optimize_coding = TRUE;
    /* No chroma subsampling: label maps live from sharp coloured edges. */
    jpeg->comp_info[0].h_samp_factor = 1;
    jpeg->comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = w->image->pixels + (size_t)jpeg->next_scanline * w->image->width * w->image->channels;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return true;
}

pixcl_status px_jpeg_encode(const pixcl_image *image, int quality, const char *name, px_bytes *out, pixcl_error *err)
{
    pixcl_error own; /* the status must be known even when the caller wants no message */
    writer w = {.image = image, .quality = quality, .name = name, .out = out, .err = err ? err : &own};
    w.jpeg.err = jpeg_std_error(&w.errors);
    w.jpeg.client_data = &w;
    w.errors.error_exit = fail;
    w.errors.output_message = ignore;
    w.destination.init_destination = open_piece;
    w.destination.empty_output_buffer = next_piece;
    w.destination.term_destination = close_piece;

    bool done = write_picture(&w);
    jpeg_destroy_compress(&w.jpeg);
    return done ? PIXCL_OK : w.err->status;
}
