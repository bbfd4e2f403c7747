/* Which drivers have been tried and did no harm, kept in the cache folder: trying them takes longer than translating a
 * picture. A mark holds until the system is started anew, the driver's registration or library changes, or a variable
 * that drivers read. */
#ifndef PX_EXEC_OPENCL_DRIVER_MARK_H
#define PX_EXEC_OPENCL_DRIVER_MARK_H

#include "exec/opencl/drivers.h"

/* Sets state and fault to what came of the last trial; false when there was none that still counts. */
bool px_driver_recall(px_cl_driver *driver);
/* `path`: where its library was found, "" when it was not. A failure costs another trial the next time. */
void px_driver_remember(const px_cl_driver *driver, const char *path);

#endif
