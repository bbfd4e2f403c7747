/* The watches of a training program: one for each generator. */
#ifndef PX_RUN_WATCHES_H
#define PX_RUN_WATCHES_H

#include "weights/session.h"

enum { PX_WARNING_SIZE = 1024 };

typedef struct px_watches px_watches;

/* Finds the generators by the program's visuals, and their losses by name. NULL on failure. */
px_watches *px_watches_create(const px_training *training, const char *gan_mode, pixcl_error *err);
void px_watches_destroy(px_watches **watches);

/* Looks at what the last step left in the session; `losses` are the program's. Writes a warning, or "".
 * See px_watch_add(). */
pixcl_status px_watches_step(px_watches *watches, const px_session *session, const float *losses, long long step,
                             double lr, char warning[PX_WARNING_SIZE], pixcl_error *err);

#endif
