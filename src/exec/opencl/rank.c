/* Ranking devices. */
#include "exec/opencl/rank.h"

#include <string.h>

#include "exec/opencl/speed_guess.h"

static bool same_step(const px_cl_step *a, const px_cl_step *b)
{
    return strcmp(a->model, b->model) == 0 && a->crop_size == b->crop_size && a->batch_size == b->batch_size;
}

/* The step like `like` that was timed on a device, NULL when there is none. */
static const px_cl_step *find_timed(const px_cl_record *record, const px_cl_step *like)
{
    for (size_t i = 0; i < record->step_count; i++) {
        if (record->steps[i].seconds > 0 && same_step(&record->steps[i], like))
            return &record->steps[i];
    }
    return NULL;
}

static bool any_timed(const px_cl_record *record)
{
    for (size_t i = 0; i < record->step_count; i++) {
        if (record->steps[i].seconds > 0)
            return true;
    }
    return false;
}

/* The step by which devices are compared, NULL when none was timed on two. */
static const px_cl_step *choose_step(const px_cl_description *devices, const px_cl_record *records, size_t count)
{
    const px_cl_step *best = NULL;
    size_t best_devices = 1;

    for (size_t i = 0; records && i < count; i++) {
        for (size_t s = 0; devices[i].usable && s < records[i].step_count; s++) {
            const px_cl_step *step = &records[i].steps[s];
            size_t timed = 0;

            for (size_t d = 0; step->seconds > 0 && d < count; d++)
                timed += devices[d].usable && find_timed(&records[d], step);
            if (timed > best_devices || (best && timed == best_devices && step->gflop > best->gflop)) {
                best = step;
                best_devices = timed;
            }
        }
    }
    return best;
}

static px_cl_tier tier_of(const px_cl_description *device, const px_cl_record *record)
{
    if (!device->usable)
        return PX_TIER_UNUSABLE;
    if (record && any_timed(record))
        return PX_TIER_FULL;
    if (device->quirks & (PX_QUIRK_SOFTWARE_GPU | PX_QUIRK_SLOW_CHECKER))
        return PX_TIER_SOFTWARE;
    if (record && record->step_count > 0)
        return PX_TIER_FAILED;
    return device->limits.global_memory < PX_CL_LEAST_MEMORY ? PX_TIER_SMALL : PX_TIER_FULL;
}

void px_cl_rank_devices(const px_cl_description *devices, const px_cl_record *records, size_t count, px_cl_rank *ranks)
{
    const px_cl_step *step = choose_step(devices, records, count);
    double worst = 1;

    for (size_t i = 0; i < count; i++) {
        ranks[i] = (px_cl_rank){.tier = tier_of(&devices[i], records ? &records[i] : NULL),
                                .speed = px_cl_guess_step(&devices[i])};
        if (!step || !devices[i].usable || !(ranks[i].timed = find_timed(&records[i], step)))
            continue;
        /* The operations of one device's plan for all: a plan with more of them does not make its device faster. */
        double timed = step->gflop / ranks[i].timed->seconds;

        if (timed < worst * ranks[i].speed)
            worst = timed / ranks[i].speed;
        ranks[i].speed = timed;
    }
    for (size_t i = 0; i < count; i++) {
        if (!ranks[i].timed)
            ranks[i].speed *= worst;
    }
}

bool px_cl_is_better(const px_cl_rank *a, const px_cl_rank *b)
{
    return a->tier != b->tier ? a->tier > b->tier : a->speed > b->speed;
}
