/* The page of a run while it trains: <folder>/web/index.html with the newest pictures of each epoch and the loss
 * curves. */
#ifndef PX_RUN_TRAINING_PAGE_H
#define PX_RUN_TRAINING_PAGE_H

#include "pixcl/image.h"
#include "weights/session.h"

/* The first picture of the batch that a visual shows. NULL on failure. */
pixcl_image *px_visual_picture(const px_session *session, const px_visual *visual, pixcl_error *err);

/* Reads the session's pictures and the folder's history.jsonl and writes the page anew. */
pixcl_status px_training_page_write(const px_session *session, const pixcl_options *options, const char *folder,
                                    int epoch, pixcl_error *err);

#endif
