/* Which picture files belong to a set. */
#ifndef PX_DATA_SCAN_H
#define PX_DATA_SCAN_H

#include "base/file.h"
#include "data/options.h"

/* Paths that can be opened as they are, sorted by byte value. side[1] is empty where a file is all of an item. */
typedef struct px_picture_set {
    px_file_list side[2]; /* of A and of B; aligned sets have as many of each, in the same order */
    size_t below[2];      /* where in these paths the part below the side's folder begins */
    bool halves;          /* A is the left and B the right half of the files of side[0] */
} px_picture_set;

/* True for .jpg, .jpeg and .png in any case. */
bool px_is_picture_name(const char *name);

/* Looks for the files. Of the layouts of a mode, the first that is there counts:
 *   aligned       <dataroot>/<phase>/ with A|B pictures; <phase>/A and <phase>/B; <phase>A and <phase>B; A/<phase> and
 *                 B/<phase>. Pictures in two folders are pairs when they have the same name, whatever their extensions.
 *   unaligned     <dataroot>/<phase>A and <phase>B; <phase>/A and <phase>/B; A/<phase> and B/<phase>; <phase>/ with A|B
 *                 pictures, of which A takes the left halves and B the right ones.
 *   single        <dataroot>/
 *   colorization  <dataroot>/<phase>/
 * Sub-folders are searched too. Pictures that are neither JPEG nor PNG are passed over, with a warning for each folder.
 * Free with px_picture_set_free. */
pixcl_status px_scan(const px_data_options *options, px_picture_set *set, pixcl_error *err);
void px_picture_set_free(px_picture_set *set);

/* What the first `count` pictures of a side are called among each other: their paths below the side's folder, without
 * the extensions unless two would then be the same. Free with px_file_list_free. */
pixcl_status px_picture_names(const px_picture_set *set, int side, size_t count, px_file_list *names, pixcl_error *err);

#endif
