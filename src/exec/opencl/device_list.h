/* The list behind pixcl/device.h, as its writers see it. */
#ifndef PX_EXEC_OPENCL_DEVICE_LIST_H
#define PX_EXEC_OPENCL_DEVICE_LIST_H

#include "exec/opencl/survey.h"

struct pixcl_device_list {
    pixcl_device_info devices[PX_CL_MAX_DEVICES];
    size_t count;
    px_cl_platform platforms[PX_CL_MAX_PLATFORMS];
    size_t platform_count;
    bool tried;                      /* measured and tested */
    bool asked;                      /* a device was asked for; otherwise `chosen` is the default */
    const pixcl_device_info *chosen; /* NULL: none, and `why` tells */
    pixcl_error why;
    char reason[160];                 /* what set the chosen one apart from others, "" without others */
    const pixcl_device_info *better;  /* what to use when the chosen one failed its test; NULL for none */
    char also[PX_CL_MAX_DEVICES][24]; /* the type word that names the device as well as its index, "" for none */
    char *text, *json;
};

/* Builds text and JSON of a list that is otherwise complete (px_free). */
char *px_device_list_write_text(const pixcl_device_list *list, pixcl_error *err);
char *px_device_list_write_json(const pixcl_device_list *list, pixcl_error *err);

#endif
