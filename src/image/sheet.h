/* Contact sheet: pictures in rows, as one picture. */
#ifndef PX_IMAGE_SHEET_H
#define PX_IMAGE_SHEET_H

#include <stddef.h>

#include "pixcl/image.h"

/* `count` pictures, `columns` a row, each in the middle of a cell as large as the largest; `gap` white pixels between
 * cells and around. A NULL entry leaves its cell white. The sheet is RGB. NULL on failure. */
pixcl_image *px_image_sheet(const pixcl_image *const *images, size_t count, size_t columns, int gap, pixcl_error *err);

#endif
