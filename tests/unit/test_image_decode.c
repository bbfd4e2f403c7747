/* image/decode: every kind of file gives the right pixels, and every damaged one an error that names it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jpeglib.h>
#include <png.h>

#include "base/memory.h"
#include "base/os.h"
#include "base/rng.h"
#include "image/codec.h"

#define NAME "folder/picture"

/* ---- files made for the test ---- */

typedef struct png_kind {
    int type, depth, interlace, transparent;
} png_kind;

static void png_give(png_structp png, png_bytep bytes, png_size_t count)
{
    px_bytes *out = png_get_io_ptr(png);
    assert_int_equal(px_grow(&out->data, &out->capacity, out->size + count, 1, NULL), PIXCL_OK);
    memcpy(out->data + out->size, bytes, count);
    out->size += count;
}

/* `rows` are packed as PNG wants them, `row_bytes` apart. */
static px_bytes make_png(png_kind kind, int width, int height, const uint8_t *rows, size_t row_bytes)
{
    px_bytes out = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[4] = {{10, 20, 30}, {250, 0, 5}, {0, 128, 255}, {77, 77, 77}};
    png_byte alpha[2] = {0, 128};
    png_set_write_fn(png, &out, png_give, NULL);
    png_set_IHDR(png, info, width, height, kind.depth, kind.type, kind.interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind.type == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, palette, 4);
        if (kind.transparent)
            png_set_tRNS(png, info, alpha, 2, NULL);
    }
    png_write_info(png, info);
    png_bytep *pointers = calloc(height, sizeof(*pointers));
    for (int y = 0; y < height; y++)
        pointers[y] = (png_bytep)rows + y * row_bytes;
    png_write_image(png, pointers);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(pointers);
    return out;
}

typedef struct jpeg_kind {
    J_COLOR_SPACE space; /* of `pixels` */
    int components, progressive, orientation, quality;
    J_COLOR_SPACE stored; /* of the file; JCS_UNKNOWN: what is usual for `space` */
} jpeg_kind;

static px_bytes make_jpeg(jpeg_kind kind, int width, int height, const uint8_t *pixels)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = kind.components;
    jpeg.in_color_space = kind.space;
    jpeg_set_defaults(&jpeg);
    if (kind.stored != JCS_UNKNOWN)
        jpeg_set_colorspace(&jpeg, kind.stored);
    jpeg_set_quality(&jpeg, kind.quality ? kind.quality : 90, TRUE);
    if (kind.progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    if (kind.orientation) {
        /* Big-endian for odd orientations, little-endian for even ones. */
        uint8_t big[] = "Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0?\0\0\0\0\0\0";
        uint8_t little[] = "Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0?\0\0\0\0\0\0\0";
        big[25] = little[24] = (uint8_t)kind.orientation;
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, kind.orientation % 2 ? big : little, sizeof(big) - 1);
    }
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = (JSAMPROW)pixels + (size_t)jpeg.next_scanline * width * kind.components;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    px_bytes out = {.data = px_calloc(size, 1, NULL), .size = size};
    memcpy(out.data, bytes, size);
    free(bytes);
    return out;
}

static pixcl_image *decode(px_bytes file)
{
    pixcl_error err = {0};
    /* A copy of the exact size, so that the address sanitizer sees a read past the end. */
    uint8_t *exact = malloc(file.size ? file.size : 1);
    memcpy(exact, file.data, file.size);
    pixcl_image *image = px_image_decode(exact, file.size, NAME, &err);
    free(exact);
    if (!image)
        fail_msg("%s", err.message);
    return image;
}

static void assert_refused(const uint8_t *bytes, size_t size, const char *words)
{
    pixcl_error err = {0};
    uint8_t *exact = malloc(size ? size : 1);
    if (size)
        memcpy(exact, bytes, size);
    pixcl_image *image = px_image_decode(exact, size, NAME, &err);
    free(exact);
    if (image)
        fail_msg("%zu bytes were taken for a whole picture", size);
    assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
    assert_non_null(strstr(err.message, NAME));
    if (words && !strstr(err.message, words))
        fail_msg("'%s' does not say '%s'", err.message, words);
}

static void assert_pixel(const pixcl_image *image, int x, int y, int r, int g, int b)
{
    const uint8_t *pixel = image->pixels + (y * image->width + x) * image->channels;
    assert_int_equal(pixel[0], r);
    assert_int_equal(pixel[image->channels == 3 ? 1 : 0], g);
    assert_int_equal(pixel[image->channels == 3 ? 2 : 0], b);
}

/* ---- PNG ---- */

static void png_rgb_and_alpha(void **state)
{
    (void)state;
    const uint8_t rgb[2][6] = {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 250, 251, 252}};
    const uint8_t rgba[2][8] = {{1, 2, 3, 0, 4, 5, 6, 255}, {7, 8, 9, 128, 250, 251, 252, 1}};
    const uint8_t ga[2][4] = {{9, 0, 200, 128}, {3, 255, 4, 255}};
    for (int interlace = 0; interlace < 2; interlace++) {
        px_bytes files[2] = {make_png((png_kind){PNG_COLOR_TYPE_RGB, 8, interlace, 0}, 2, 2, rgb[0], 6),
                             make_png((png_kind){PNG_COLOR_TYPE_RGB_ALPHA, 8, interlace, 0}, 2, 2, rgba[0], 8)};
        for (int i = 0; i < 2; i++) {
            pixcl_image *image = decode(files[i]);
            assert_int_equal(image->width, 2);
            assert_int_equal(image->height, 2);
            assert_int_equal(image->channels, 3);
            assert_memory_equal(image->pixels, rgb, sizeof(rgb)); /* alpha dropped, colours untouched */
            pixcl_image_destroy(&image);
            px_free(files[i].data);
        }
    }
    px_bytes file = make_png((png_kind){PNG_COLOR_TYPE_GRAY_ALPHA, 8, 0, 0}, 2, 2, ga[0], 4);
    pixcl_image *image = decode(file);
    assert_int_equal(image->channels, 1);
    assert_pixel(image, 1, 0, 200, 200, 200);
    assert_pixel(image, 0, 1, 3, 3, 3);
    pixcl_image_destroy(&image);
    px_free(file.data);
}

static void png_16_bit_keeps_the_high_byte(void **state)
{
    (void)state;
    const struct {
        int type, channels;
        uint8_t row[16], expected[6]; /* two pixels */
    } cases[] = {
        {PNG_COLOR_TYPE_GRAY, 1, {0x12, 0xff, 0xfe, 0x80}, {0x12, 0xfe}},
        {PNG_COLOR_TYPE_GRAY_ALPHA, 1, {0x12, 0xff, 0, 0, 0xfe, 0x80, 0xff, 0xff}, {0x12, 0xfe}},
        {PNG_COLOR_TYPE_RGB, 3, {0, 0xff, 0x80, 0x7f, 0xff, 0, 1, 2, 3, 4, 5, 6}, {0, 0x80, 0xff, 1, 3, 5}},
        {PNG_COLOR_TYPE_RGB_ALPHA,
         3,
         {0, 0xff, 0x80, 0x7f, 0xff, 0, 0, 0, 1, 2, 3, 4, 5, 6, 0xff, 0xff},
         {0, 0x80, 0xff, 1, 3, 5}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        px_bytes file = make_png((png_kind){cases[i].type, 16, 0, 0}, 2, 1, cases[i].row, 16);
        pixcl_image *image = decode(file);
        assert_int_equal(image->channels, cases[i].channels);
        assert_memory_equal(image->pixels, cases[i].expected, 2 * (size_t)image->channels);
        pixcl_image_destroy(&image);
        px_free(file.data);
    }
}

static void png_few_bits_and_palette(void **state)
{
    (void)state;
    const uint8_t bits[1] = {0xa0};          /* 1 0 1 */
    const uint8_t nibbles[2] = {0x0f, 0x50}; /* 0 15 5 */
    const uint8_t indices[1] = {0x1b};       /* 0 1 2 3 in two bits each */
    px_bytes file = make_png((png_kind){PNG_COLOR_TYPE_GRAY, 1, 0, 0}, 3, 1, bits, 1);
    pixcl_image *image = decode(file);
    assert_int_equal(image->channels, 1);
    assert_pixel(image, 0, 0, 255, 255, 255);
    assert_pixel(image, 1, 0, 0, 0, 0);
    pixcl_image_destroy(&image);
    px_free(file.data);
    file = make_png((png_kind){PNG_COLOR_TYPE_GRAY, 4, 0, 0}, 3, 1, nibbles, 2);
    image = decode(file);
    assert_pixel(image, 1, 0, 255, 255, 255);
    assert_pixel(image, 2, 0, 85, 85, 85);
    pixcl_image_destroy(&image);
    px_free(file.data);
    for (int transparent = 0; transparent < 2; transparent++) {
        file = make_png((png_kind){PNG_COLOR_TYPE_PALETTE, 2, 0, transparent}, 4, 1, indices, 1);
        image = decode(file);
        assert_int_equal(image->channels, 3);
        assert_pixel(image, 0, 0, 10, 20, 30);
        assert_pixel(image, 1, 0, 250, 0, 5);
        assert_pixel(image, 3, 0, 77, 77, 77);
        pixcl_image_destroy(&image);
        px_free(file.data);
    }
}

/* ---- JPEG ---- */

/* 48 x 32: left half red, right half green above and blue below: every orientation can be told. */
#define W 48
#define H 32
static void paint(uint8_t *rgb)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            uint8_t *p = rgb + 3 * (y * W + x);
            p[0] = x < W / 2 ? 250 : 10;
            p[1] = x >= W / 2 && y < H / 2 ? 250 : 10;
            p[2] = x >= W / 2 && y >= H / 2 ? 250 : 10;
        }
}

/* 'r', 'g' or 'b': the strongest channel one eighth of the picture in from a corner. */
static char corner(const pixcl_image *image, int right, int bottom)
{
    int x = right ? image->width - image->width / 8 : image->width / 8;
    int y = bottom ? image->height - image->height / 8 : image->height / 8;
    const uint8_t *p = image->pixels + 3 * (y * image->width + x);
    return p[0] > 200 ? 'r' : p[1] > 200 ? 'g' : p[2] > 200 ? 'b' : '?';
}

static void jpeg_is_turned_upright(void **state)
{
    (void)state;
    /* Corners of the upright picture: top left, top right, bottom left, bottom right. */
    static const char *expected[9] = {"rgrb", "rgrb", "grbr", "brgr", "rbrg", "rrgb", "rrbg", "bgrr", "gbrr"};
    uint8_t rgb[3 * W * H];
    paint(rgb);
    for (int orientation = 0; orientation <= 8; orientation++) {
        px_bytes file = make_jpeg((jpeg_kind){JCS_RGB, 3, 0, orientation, 0, JCS_UNKNOWN}, W, H, rgb);
        pixcl_image *image = decode(file);
        char found[5] = {corner(image, 0, 0), corner(image, 1, 0), corner(image, 0, 1), corner(image, 1, 1), 0};
        assert_string_equal(found, expected[orientation]);
        assert_int_equal(image->width, orientation >= 5 ? H : W);
        pixcl_image_destroy(&image);
        px_free(file.data);
    }
}

static void exif_survives_anything(void **state)
{
    (void)state;
    static const uint8_t valid[] = "Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0";
    size_t size = sizeof(valid) - 1;
    assert_int_equal(px_exif_orientation(valid, size), 6);
    px_rng rng = {.seed = 3};
    for (size_t length = 0; length <= size; length++) {
        uint8_t *exact = malloc(length ? length : 1);
        memcpy(exact, valid, length);
        int orientation = px_exif_orientation(exact, length);
        assert_int_equal(orientation, length >= 28 ? 6 : 1); /* the one entry ends at 28 */
        for (int round = 0; length > 0 && round < 50; round++) {
            exact[px_rng_below(&rng, (uint32_t)length)] = (uint8_t)px_rng_u32(&rng);
            orientation = px_exif_orientation(exact, length);
            assert_in_range(orientation, 1, 8);
        }
        free(exact);
    }
}

static void jpeg_of_every_colour_space(void **state)
{
    (void)state;
    static const struct {
        J_COLOR_SPACE space, stored;
        int components;
        uint8_t pixel[4], expected[3];
        int tolerance; /* YCbCr and YCCK round twice */
    } cases[] = {
        {JCS_GRAYSCALE, JCS_GRAYSCALE, 1, {77}, {77, 77, 77}, 0},
        {JCS_RGB, JCS_YCbCr, 3, {200, 100, 30}, {200, 100, 30}, 1},
        {JCS_RGB, JCS_RGB, 3, {200, 100, 30}, {200, 100, 30}, 0},
        {JCS_CMYK, JCS_CMYK, 4, {255, 128, 0, 200}, {200, 100, 0}, 0}, /* inverted, as Adobe stores it */
        {JCS_CMYK, JCS_YCCK, 4, {255, 128, 0, 200}, {200, 100, 0}, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t pixels[4 * 64];
        for (int p = 0; p < 64; p++)
            memcpy(pixels + cases[i].components * p, cases[i].pixel, cases[i].components);
        jpeg_kind kind = {cases[i].space, cases[i].components, 0, 0, 100, cases[i].stored};
        px_bytes file = make_jpeg(kind, 8, 8, pixels);
        pixcl_image *image = decode(file);
        assert_int_equal(image->channels, cases[i].components == 1 ? 1 : 3);
        for (int c = 0; c < image->channels; c++)
            assert_in_range(image->pixels[(4 * 8 + 4) * image->channels + c] + cases[i].tolerance, cases[i].expected[c],
                            cases[i].expected[c] + 2 * cases[i].tolerance);
        pixcl_image_destroy(&image);
        px_free(file.data);
    }
}

static void jpeg_of_12_bits_is_named(void **state)
{
    (void)state;
    uint8_t rgb[3 * W * H];
    paint(rgb);
    px_bytes file = make_jpeg((jpeg_kind){JCS_RGB, 3, 0, 0, 0, JCS_UNKNOWN}, W, H, rgb);
    for (size_t i = 0; i + 4 < file.size; i++)
        if (file.data[i] == 0xff && file.data[i + 1] == 0xc0) /* the frame header: marker, length, bits */
            file.data[i + 4] = 12;
    assert_refused(file.data, file.size, "rare kind that pixcl does not read (Unsupported JPEG data precision 12)");
    px_free(file.data);
}

/* libpng would take memory for all that such a chunk says it has. */
static void a_png_chunk_larger_than_the_file_is_refused(void **state)
{
    (void)state;
    uint8_t rgb[3 * W * H];
    paint(rgb);
    px_bytes file = make_png((png_kind){PNG_COLOR_TYPE_RGB, 8, 0, 0}, W, H, rgb, 3 * W);
    enum { AFTER_HEADER = 8 + 25 };
    const uint8_t length[4] = {0x40, 0, 0, 0};
    memcpy(file.data + AFTER_HEADER, length, sizeof length);
    assert_refused(file.data, file.size, "a part of it says that it has 1073741824 bytes");
    px_free(file.data);
}

/* A small file may hold a large picture: what it takes is held against what is free before it is taken. */
static void a_picture_larger_than_the_memory_is_refused(void **state)
{
    (void)state;
    enum { SIDE = 8192 };
    uint8_t *rows = calloc(SIDE, SIDE / 8);
    px_bytes file = make_png((png_kind){PNG_COLOR_TYPE_GRAY, 1, 0, 0}, SIDE, SIDE, rows, SIDE / 8);
    pixcl_error err = {0};
    px_os_set_variable("PIXCL_FREE_MEMORY", "65000000");
    assert_null(px_image_decode(file.data, file.size, NAME, &err));
    px_os_set_variable("PIXCL_FREE_MEMORY", NULL);
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    assert_non_null(strstr(err.message, NAME));
    assert_non_null(strstr(err.message, "it needs 67.1 MB, and 65.0 MB are free"));
    px_free(file.data);
    free(rows);
}

static void cut_off_anywhere_is_an_error(void **state)
{
    (void)state;
    uint8_t rgb[3 * W * H];
    paint(rgb);
    px_bytes files[] = {make_jpeg((jpeg_kind){JCS_RGB, 3, 0, 0, 0, JCS_UNKNOWN}, W, H, rgb),
                        make_jpeg((jpeg_kind){JCS_RGB, 3, 1, 6, 0, JCS_UNKNOWN}, W, H, rgb),
                        make_png((png_kind){PNG_COLOR_TYPE_RGB, 8, 0, 0}, W, H, rgb, 3 * W),
                        make_png((png_kind){PNG_COLOR_TYPE_RGB, 8, 1, 0}, W, H, rgb, 3 * W)};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        pixcl_image *image = decode(files[i]);
        pixcl_image_destroy(&image);
        for (size_t size = 0; size < files[i].size; size++)
            assert_refused(files[i].data, size, size == 0 ? "empty" : NULL);
        px_free(files[i].data);
    }
}

/* Not every flipped byte can be noticed, but none may crash, leak or read outside (run under the sanitizers). */
static void damage_never_crashes(void **state)
{
    (void)state;
    uint8_t rgb[3 * W * H];
    paint(rgb);
    px_bytes files[] = {make_jpeg((jpeg_kind){JCS_RGB, 3, 0, 3, 0, JCS_UNKNOWN}, W, H, rgb),
                        make_jpeg((jpeg_kind){JCS_RGB, 3, 1, 0, 0, JCS_UNKNOWN}, W, H, rgb),
                        make_png((png_kind){PNG_COLOR_TYPE_RGB, 8, 1, 0}, W, H, rgb, 3 * W)};
    px_rng rng = {.seed = 5};
    int refused = 0;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        uint8_t *copy = malloc(files[i].size);
        for (int round = 0; round < 300; round++) {
            memcpy(copy, files[i].data, files[i].size);
            for (uint32_t n = 1 + px_rng_below(&rng, 4); n > 0; n--)
                copy[2 + px_rng_below(&rng, (uint32_t)files[i].size - 2)] = (uint8_t)px_rng_u32(&rng);
            pixcl_error err = {0};
            pixcl_image *image = px_image_decode(copy, files[i].size, NAME, &err);
            refused += !image;
            assert_true(image || err.message[0]);
            pixcl_image_destroy(&image);
        }
        free(copy);
        px_free(files[i].data);
    }
    assert_true(refused > 450); /* 900 tries; 770 were seen to be noticed */
}

static void padding_before_the_end_is_harmless(void **state)
{
    (void)state;
    uint8_t rgb[3 * W * H];
    paint(rgb);
    px_bytes file = make_jpeg((jpeg_kind){JCS_RGB, 3, 0, 0, 0, JCS_UNKNOWN}, W, H, rgb);
    uint8_t *padded = calloc(file.size + 300, 1);
    static const size_t paddings[] = {1, 2, 16, 60, 100, 300}; /* 64 is the limit, less what the decoder read ahead */
    for (size_t i = 0; i < sizeof(paddings) / sizeof(paddings[0]); i++) {
        size_t padding = paddings[i];
        memset(padded, 0, file.size + 300);
        memcpy(padded, file.data, file.size - 2);
        memcpy(padded + file.size - 2 + padding, "\xff\xd9", 2);
        if (padding <= 64) {
            pixcl_image *image = decode((px_bytes){.data = padded, .size = file.size + padding});
            assert_int_equal(corner(image, 0, 1), 'r');
            pixcl_image_destroy(&image);
        } else {
            assert_refused(padded, file.size + padding, "damaged");
        }
    }
    free(padded);
    px_free(file.data);
}

static void other_files_are_named(void **state)
{
    (void)state;
    assert_refused((const uint8_t *)"", 0, "empty");
    assert_refused((const uint8_t *)"GIF89a............", 18, "GIF");
    assert_refused((const uint8_t *)"RIFF1234WEBPVP8 ", 16, "WebP");
    assert_refused((const uint8_t *)"hello, this is text", 19, "neither a JPEG nor a PNG");
    assert_refused((const uint8_t *)"\xff", 1, "neither");
    pixcl_error err = {0};
    assert_null(pixcl_image_load("/no/such/picture.jpg", &err));
    assert_int_equal(err.status, PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "/no/such/picture.jpg"));
    assert_null(pixcl_image_load("/no/such/picture.jpg", NULL));
}

static void huge_headers_take_no_memory(void **state)
{
    (void)state;
    /* Valid small files whose headers are changed to claim up to 65500 x 65500 pixels. */
    uint8_t rgb[3 * W * H];
    paint(rgb);
    px_bytes png = make_png((png_kind){PNG_COLOR_TYPE_RGB, 8, 0, 0}, W, H, rgb, 3 * W);
    static const uint8_t crc_of[2][12] = {{0, 0, 0xff, 0xdc, 0, 0, 0xff, 0xdc}, {0, 0, 0x40, 0, 0, 0, 0x40, 0}};
    for (int i = 0; i < 2; i++) {
        memcpy(png.data + 16, crc_of[i], 8);
        uint32_t crc = 0xffffffffu; /* PNG's CRC-32 over the type and body of IHDR */
        for (int k = 12; k < 29; k++) {
            crc ^= png.data[k];
            for (int bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
        }
        crc = ~crc;
        for (int k = 0; k < 4; k++)
            png.data[29 + k] = (uint8_t)(crc >> (24 - 8 * k));
        assert_refused(png.data, png.size, i == 0 ? "more than the" : "cannot come out of");
    }
    px_free(png.data);

    px_bytes jpeg = make_jpeg((jpeg_kind){JCS_RGB, 3, 1, 0, 0, JCS_UNKNOWN}, W, H, rgb);
    size_t frame = 2;
    while (jpeg.data[frame + 1] != 0xc2) /* to the progressive frame header */
        frame += 2 + (jpeg.data[frame + 2] << 8 | jpeg.data[frame + 3]);
    memcpy(jpeg.data + frame + 5, "\xff\xdc\xff\xdc", 4);
    assert_refused(jpeg.data, jpeg.size, "more than the");
    memcpy(jpeg.data + frame + 5, "\x3f\xff\x3f\xff", 4);
    assert_refused(jpeg.data, jpeg.size, "cannot come out of");
    px_free(jpeg.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_rgb_and_alpha),
        cmocka_unit_test(png_16_bit_keeps_the_high_byte),
        cmocka_unit_test(png_few_bits_and_palette),
        cmocka_unit_test(jpeg_is_turned_upright),
        cmocka_unit_test(exif_survives_anything),
        cmocka_unit_test(jpeg_of_every_colour_space),
        cmocka_unit_test(jpeg_of_12_bits_is_named),
        cmocka_unit_test(a_png_chunk_larger_than_the_file_is_refused),
        cmocka_unit_test(a_picture_larger_than_the_memory_is_refused),
        cmocka_unit_test(cut_off_anywhere_is_an_error),
        cmocka_unit_test(damage_never_crashes),
        cmocka_unit_test(padding_before_the_end_is_harmless),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(huge_headers_take_no_memory),
    };
    return cmocka_run_group_tests_name("image_decode", tests, NULL, NULL);
}
