/* JPEG reading over libjpeg-turbo.
 *
 * The library's answer to damaged data is a warning and made-up pixels; for training that would be a silent error in
 * the set, so its warnings are errors here. */
#include "image/codec.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/geometry.h"

/* Some cameras leave a few bytes of padding before the end marker: the picture is whole. */
#define MAX_PADDING 64
/* A progressive file may repeat scans without end, each costing a pass over the picture; real ones have about ten. */
#define MAX_SCANS 200
/* Pixels that one byte of Huffman data can stand for: at least 1 bit per block of 8x8, of which there may be only a
 * quarter under odd chroma sampling. A header that promises more is refused before memory is taken for it. */
#define MAX_PIXELS_PER_BYTE 2048

typedef struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    const uint8_t *bytes;
    size_t size;
    const char *name;
    pixcl_error *err;
    pixcl_image *image;
    uint8_t *cmyk; /* one row */
    int orientation;
} reader;

static void fail(j_common_ptr jpeg)
{
    reader *r = jpeg->client_data;
    char text[JMSG_LENGTH_MAX];
    r->errors.format_message(jpeg, text);
    if (r->errors.msg_code == JERR_OUT_OF_MEMORY)
        px_fail(r->err, PIXCL_ERROR_MEMORY, "not enough memory to decode '%s'", r->name);
    else if (r->errors.msg_code == JERR_BAD_PRECISION || r->errors.msg_code == JERR_SOF_UNSUPPORTED)
        px_fail(r->err, PIXCL_ERROR_FORMAT, "'%s' is a JPEG of a rare kind that pixcl does not read (%s): convert it",
                r->name, text);
    else
        px_fail(r->err, PIXCL_ERROR_FORMAT, "'%s' is damaged or cut off (%s): replace or remove it", r->name, text);
    longjmp(r->jump, 1);
}

static void warn(j_common_ptr jpeg, int level)
{
    const struct jpeg_error_mgr *errors = jpeg->err;
    if (level >= 0)
        return; /* trace messages */
    if (errors->msg_code == JWRN_JFIF_MAJOR || errors->msg_code == JWRN_ADOBE_XFORM)
        return; /* about headers that do not change the pixels' decoding */
    if (errors->msg_code == JWRN_EXTRANEOUS_DATA && errors->msg_parm.i[0] <= MAX_PADDING &&
        errors->msg_parm.i[1] == JPEG_EOI)
        return;
    fail(jpeg);
}

static void ignore(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void count_scans(j_common_ptr common)
{
    reader *r = common->client_data;
    if (!common->is_decompressor || r->jpeg.input_scan_number <= MAX_SCANS)
        return;
    px_fail(r->err, PIXCL_ERROR_FORMAT, "'%s' is a JPEG of more than %d scans, made to take long: remove it", r->name,
            MAX_SCANS);
    longjmp(r->jump, 1);
}

static pixcl_status check_header(reader *r)
{
    const struct jpeg_decompress_struct *jpeg = &r->jpeg;
    uint64_t pixels = (uint64_t)jpeg->image_width * jpeg->image_height;
    if (pixels > PIXCL_IMAGE_MAX_PIXELS)
        return px_fail(r->err, PIXCL_ERROR_FORMAT,
                       "'%s' has %u x %u pixels, more than the %d pixcl reads: cut it in parts", r->name,
                       jpeg->image_width, jpeg->image_height, PIXCL_IMAGE_MAX_PIXELS);
    if (!jpeg->arith_code && pixels / MAX_PIXELS_PER_BYTE > r->size)
        return px_fail(r->err, PIXCL_ERROR_FORMAT,
                       "'%s' is damaged or cut off (%u x %u pixels cannot come out of %zu bytes): replace or remove it",
                       r->name, jpeg->image_width, jpeg->image_height, r->size);
    if (jpeg->num_components != 1 && jpeg->num_components != 3 && jpeg->num_components != 4)
        return px_fail(r->err, PIXCL_ERROR_FORMAT,
                       "'%s' is a JPEG of %d channels; pixcl reads grey, RGB and CMYK: convert it", r->name,
                       jpeg->num_components);
    return PIXCL_OK;
}

static uint8_t product(unsigned a, unsigned b)
{
    unsigned t = a * b + 128;
    return (uint8_t)(((t >> 8) + t) >> 8); /* a*b/255, rounded */
}

/* Adobe stores CMYK inverted (255: no ink), and every writer of such files follows it. */
static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, int width)
{
    for (int x = 0; x < width; x++, cmyk += 4, rgb += 3)
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(cmyk[3] - product(255u - cmyk[c], cmyk[3]));
}

/* False when it failed and r->err says why. Apart from its caller, so that longjmp() finds no changed local variable
 * here. */
static bool read_picture(reader *r)
{
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    if (setjmp(r->jump))
        return false;
    jpeg_create_decompress(jpeg); /* clears all but err and client_data */
    jpeg->progress = &r->progress;
    jpeg_mem_src(jpeg, r->bytes, (unsigned long)r->size);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(jpeg, TRUE);
    if (check_header(r) != PIXCL_OK)
        return false;
    for (jpeg_saved_marker_ptr marker = jpeg->marker_list; marker && r->orientation == 1; marker = marker->next)
        r->orientation = px_exif_orientation(marker->data, marker->data_length);

    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : jpeg->num_components == 3 ? JCS_RGB : JCS_CMYK;
    r->image =
        pixcl_image_create((int)jpeg->image_width, (int)jpeg->image_height, jpeg->num_components == 1 ? 1 : 3, r->err);
    if (!r->image)
        return false;
    if (jpeg->num_components == 4) {
        r->cmyk = px_calloc(jpeg->image_width, 4, r->err);
        if (!r->cmyk)
            return false;
    }
    /* Of several scans all coefficients are kept, two bytes each. */
    if (jpeg_has_multiple_scans(jpeg) &&
        px_memory_expect(2 * (size_t)jpeg->image_width * jpeg->image_height * (size_t)jpeg->num_components,
                         "for the scans of a JPEG", r->err) != PIXCL_OK)
        return false;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *to = r->image->pixels + (size_t)jpeg->output_scanline * r->image->width * r->image->channels;
        JSAMPROW row = r->cmyk ? r->cmyk : to;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (r->cmyk)
            cmyk_to_rgb(r->cmyk, to, r->image->width);
    }
    jpeg_finish_decompress(jpeg);
    return true;
}

pixcl_image *px_jpeg_decode(const uint8_t *bytes, size_t size, const char *name, pixcl_error *err)
{
    reader r = {.bytes = bytes, .size = size, .name = name, .err = err, .orientation = 1};
    r.jpeg.err = jpeg_std_error(&r.errors);
    r.jpeg.client_data = &r;
    r.errors.error_exit = fail;
    r.errors.emit_message = warn;
    r.errors.output_message = ignore;
    r.progress.progress_monitor = count_scans;

    bool done = read_picture(&r);
    jpeg_destroy_decompress(&r.jpeg);
    px_free(r.cmyk);
    if (done && r.orientation != 1) {
        pixcl_image *upright = px_image_orient(r.image, r.orientation, err);
        pixcl_image_destroy(&r.image);
        return upright;
    }
    if (!done)
        pixcl_image_destroy(&r.image);
    return r.image;
}
