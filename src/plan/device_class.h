/* The kinds of device a plan is made for. Lowerings choose their algorithm, layout and tile by this, not by a vendor's
 * name. */
#ifndef PX_PLAN_DEVICE_CLASS_H
#define PX_PLAN_DEVICE_CLASS_H

typedef enum px_device_class {
    PX_DEVICE_CPU = 0,        /* wide vectors, caches, no real local memory (PoCL; llvmpipe too) */
    PX_DEVICE_GPU_INTEGRATED, /* a GPU that shares the host's memory: bound by bandwidth, small local memory */
    PX_DEVICE_GPU_DISCRETE,   /* a GPU with its own memory */
    PX_DEVICE_ACCELERATOR     /* anything else: only the safest choices */
} px_device_class;

#endif
