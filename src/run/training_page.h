/* The page of a run while it trains: <folder>/web/index.html with the newest pictures of each epoch and the loss
 * curves. */
#ifndef PX_RUN_TRAINING_PAGE_H
#define PX_RUN_TRAINING_PAGE_H

#include "weights/session.h"

/* Reads the session's pictures and the folder's history.jsonl and writes the page anew. */
pixcl_status px_training_page_write(const px_session *session, const pixcl_options *options, const char *folder,
                                    int epoch, pixcl_error *err);

#endif
