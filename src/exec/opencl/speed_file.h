/* What was measured of a device and outlives the process: its speed, and how long training steps take on it. One JSON
 * file a device in pixcl's cache folder.
 *
 * A file holds for one platform, device, driver, number of compute units and version of pixcl; all of them decide its
 * name and are in it as well. Files are replaced as a whole, so a reader never sees half of one. Of two processes that
 * add something at the same moment one may win: the other's figure is measured again when it is next needed. */
#ifndef PX_EXEC_OPENCL_SPEED_FILE_H
#define PX_EXEC_OPENCL_SPEED_FILE_H

#include "exec/opencl/device.h"
#include "plan/target.h"

/* 0 means unknown. */
typedef struct px_cl_speed {
    double gflops;         /* multiply-adds, 1e9 operations a second */
    double gbps;           /* copying, 1e9 bytes a second, reading and writing both counted */
    double launch_seconds; /* what one more launch of a queue costs */
    /* Multiply-adds of one work-item with so many sums of 16 floats as px_tile_sums (plan/target.h) says, 1e9
     * operations a second: what fits in a CPU's registers is fast. Drivers do not tell. */
    double tile_gflops[PX_TILE_KINDS];
} px_cl_speed;

/* A training step of a model with its default options, but for the size of its pictures. */
typedef struct px_cl_step {
    char model[32];
    int crop_size, batch_size;
    double seconds;    /* median; 0: it could not be run, and `failure` says why */
    double gflop;      /* operations of the step, 1e9 */
    char failure[160]; /* "" when it was run */
} px_cl_step;

enum { PX_CL_MOST_STEPS = 8 };
typedef struct px_cl_record {
    px_cl_speed speed;
    size_t step_count;
    px_cl_step steps[PX_CL_MOST_STEPS]; /* the latest last */
} px_cl_record;

/* What tells one device from another. */
typedef struct px_cl_identity {
    const char *platform, *name, *driver;
    uint32_t compute_units;
} px_cl_identity;
px_cl_identity px_cl_identity_of(const px_cl_description *description);

/* Where the file is, whether it exists or not (px_free). */
char *px_cl_record_path(const px_cl_identity *identity, pixcl_error *err);
/* The file's record. PIXCL_ERROR_IO when there is none, PIXCL_ERROR_FORMAT when it is damaged or another device's. */
pixcl_status px_cl_record_read(const px_cl_identity *identity, const char *path, px_cl_record *record,
                               pixcl_error *err);
/* The same from the file's bytes; `path` is for messages. */
pixcl_status px_cl_record_parse(const px_cl_identity *identity, const uint8_t *bytes, size_t size, const char *path,
                                px_cl_record *record, pixcl_error *err);
/* The file's text (px_free). */
char *px_cl_record_print(const px_cl_identity *identity, const px_cl_record *record, pixcl_error *err);
/* Writes it, atomically. The folder is made. */
pixcl_status px_cl_record_write(const px_cl_identity *identity, const px_cl_record *record, const char *path,
                                pixcl_error *err);

/* What is known of a device so far; nothing when there is no file or it cannot be used (a debug message). */
void px_cl_record_recall(const px_cl_identity *identity, px_cl_record *record);
/* Adds a speed or a step to what is known. Of a speed the best seen stays: another program can only make a measurement
 * slower. A failure costs only the memory of it and is logged, not returned. */
void px_cl_record_keep_speed(const px_cl_identity *identity, const px_cl_speed *speed);
void px_cl_record_keep_step(const px_cl_identity *identity, const px_cl_step *step);
/* Puts a step behind the others, in the place of one of the same model and sizes, or of the oldest. */
void px_cl_record_add_step(px_cl_record *record, const px_cl_step *step);

/* The speed of a device in use: as measured before, or measured now, which takes less than half a second once its
 * kernels are compiled, and kept. A checker that interprets kernels is not measured: all zero. False with the reason
 * when a measurement fails. */
bool px_cl_speed_of(px_cl_device *device, px_cl_speed *speed, pixcl_error *err);

#endif
