/* A fresh folder for tests that write files, and small pictures in it. */
#ifndef PX_TEST_TEMP_FOLDER_H
#define PX_TEST_TEMP_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "pixcl/image.h"
#include "scratch_folder.h"

static char temp_folder[SCRATCH_PATH];

/* "<temp_folder>/name"; valid until the fourth call after. */
static inline const char *in_temp(const char *name)
{
    static char paths[4][512];
    static int turn;
    char *path = paths[turn = (turn + 1) % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", temp_folder, name);
    return path;
}

static inline int temp_folder_make(void **state)
{
    (void)state;
    return scratch_folder_make(temp_folder);
}

static inline int temp_folder_remove(void **state)
{
    (void)state;
    return scratch_remove(temp_folder);
}

/* Makes the folder of "<temp_folder>/name" and writes a picture there, whose pixel (x, y) is (x + seed, y + seed,
 * seed). */
static inline void temp_picture(const char *name, int width, int height, int seed)
{
    pixcl_error err = {PIXCL_OK, ""};
    char folder[512];
    snprintf(folder, sizeof(folder), "%s", in_temp(name));
    *strrchr(folder, '/') = '\0';
    assert_int_equal(px_make_folders(folder, &err), PIXCL_OK);
    pixcl_image *image = pixcl_image_create(width, height, 3, &err);
    assert_non_null(image);
    for (int i = 0; i < width * height; i++) {
        image->pixels[3 * i] = (uint8_t)(i % width + seed);
        image->pixels[3 * i + 1] = (uint8_t)(i / width + seed);
        image->pixels[3 * i + 2] = (uint8_t)seed;
    }
    if (pixcl_image_save(image, in_temp(name), 0, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    pixcl_image_destroy(&image);
}

#endif
