/* The search: the algorithm, then the tile, then its depth, and at the end the best against the planner's own. */
#include "exec/opencl/tune.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "exec/opencl/tune_trial.h"
#include "plan/conv_method.h"

enum { REPEATS = 3, DUEL_ROUNDS = 12, MOST_HASHES = 128 };

/* A cut that is so much slower than the best after one run will not win; nor one this much slower after two. */
static const double HOPELESS = 1.4, UNLIKELY = 1.1;
/* What a cut must gain on the planner's own, and in which part of the rounds it must be ahead: less is noise, which on
 * a machine that does other things as well makes one run in three a fifth slower. */
static const double WORTHWHILE = 0.97, ROUNDS_AHEAD = 0.75;

/* A kernel with one tile, wherever it was tried: one that never came near the best needs no compiling for the next
 * shape. Small maps are bound by other things than large ones. */
typedef struct family {
    int numbers[12];
    int tries;
    double best; /* the smallest ratio to the best of a problem */
} family;

struct px_tuner {
    px_trial_stand stand;
    double until; /* 0: no limit */
    void (*spoil)(void *user, const px_cut *cut, float *found, int count);
    void *user;
    family *families;
    size_t family_count, family_capacity;
};

/* One problem's search. */
typedef struct search {
    px_tuner *tuner;
    const px_conv_problem *problem;
    px_samples samples;
    px_value sampled_a, sampled_b, sampled_result; /* where things lay when the samples were computed */
    bool sampled;
    uint64_t hashes[MOST_HASHES]; /* of what was tried, the planner's own first */
    int hash_count;
    px_cut own_tile; /* the planner's own, once it was among the candidates */
    px_tune_result *result;
} search;

px_tuner *px_tuner_create(px_cl_device *device, pixcl_error *err)
{
    px_tuner *tuner = px_calloc(1, sizeof *tuner, err);
    if (tuner)
        tuner->stand.device = device;
    return tuner;
}

void px_tuner_destroy(px_tuner **tuner)
{
    if (!tuner || !*tuner)
        return;
    px_trial_stand_free(&(*tuner)->stand);
    px_free((*tuner)->families);
    px_free(*tuner);
    *tuner = NULL;
}

void px_tuner_until(px_tuner *tuner, double moment)
{
    tuner->until = moment;
}

void px_tuner_spoil(px_tuner *tuner, void (*spoil)(void *user, const px_cut *cut, float *found, int count), void *user)
{
    tuner->spoil = spoil;
    tuner->user = user;
}

static bool time_is_up(const px_tuner *tuner)
{
    return tuner->until > 0 && px_now() > tuner->until;
}

/* The family of a cut, added when it is new; NULL without memory, which costs only its memory. */
static family *family_of(px_tuner *tuner, const px_conv_problem *p, const px_cut *cut)
{
    const int lanes_x = p->x.c % p->block == 0 ? 0 : p->x.c, lanes_y = p->y.c % p->block == 0 ? 0 : p->y.c;
    const int pixels = p->op == PX_OP_CONV_WGRAD ? p->y.h * p->y.w : p->x.h * p->x.w;
    const int numbers[12] = {(int)p->op,
                             p->kernel,
                             p->stride,
                             p->pad,
                             lanes_x,
                             lanes_y,
                             cut->width,
                             cut->channels,
                             cut->scalars,
                             cut->vectors,
                             cut->algorithm * 2 + p->vector_large,
                             pixels <= 64     ? 0
                             : pixels <= 1024 ? 1
                                              : 2};
    for (size_t i = 0; i < tuner->family_count; i++)
        if (memcmp(tuner->families[i].numbers, numbers, sizeof numbers) == 0)
            return &tuner->families[i];
    if (px_grow(&tuner->families, &tuner->family_capacity, tuner->family_count + 1, sizeof *tuner->families, NULL) !=
        PIXCL_OK)
        return NULL;
    family *new = &tuner->families[tuner->family_count++];
    memcpy(new->numbers, numbers, sizeof numbers);
    new->best = INFINITY;
    return new;
}

static bool is_hopeless(px_tuner *tuner, const px_conv_problem *problem, const px_cut *cut)
{
    const family *known = family_of(tuner, problem, cut);
    return known && known->tries >= 2 && known->best > HOPELESS;
}

static bool same_place(const px_value *a, const px_value *b)
{
    return a->stride_n == b->stride_n && a->block == b->block && a->layout == b->layout;
}

/* Sums in double take a while; they are the same as long as things lie the same way. */
static pixcl_status expect(search *s, const px_trial *trial, pixcl_error *err)
{
    const px_value *values = trial->plan->values;
    const px_value *a = &values[trial->a], *b = &values[trial->b], *result = &values[trial->result];
    if (s->sampled && same_place(a, &s->sampled_a) && same_place(b, &s->sampled_b) &&
        same_place(result, &s->sampled_result))
        return PIXCL_OK;
    s->sampled_a = *a;
    s->sampled_b = *b;
    s->sampled_result = *result;
    s->sampled = px_trial_expect(trial, &s->samples, err) == PIXCL_OK;
    return s->sampled ? PIXCL_OK : PIXCL_ERROR_INTERNAL;
}

static pixcl_status verify(search *s, const px_trial *trial, const px_cut *cut, pixcl_error *err)
{
    static const px_cut own = {.algorithm = PX_ALGORITHM_NONE};
    float found[PX_SAMPLES];
    pixcl_status status = expect(s, trial, err);
    if (status == PIXCL_OK)
        status = px_trial_read(trial, &s->samples, found, err);
    if (status != PIXCL_OK)
        return status;
    if (s->tuner->spoil)
        s->tuner->spoil(s->tuner->user, cut ? cut : &own, found, s->samples.count);
    if (!px_samples_agree(&s->samples, found, s->problem->op, trial->algorithm))
        return px_fail(err, PIXCL_ERROR_NUMERIC, "its result is wrong");
    return PIXCL_OK;
}

/* The best of a few runs, given up when it cannot come near `target`. */
static pixcl_status time_trial(px_trial *trial, double target, double *seconds, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    *seconds = INFINITY;
    for (int i = 0; status == PIXCL_OK && i < REPEATS; i++) {
        double now = INFINITY;
        if ((i == 1 && *seconds > target * HOPELESS) || (i == 2 && *seconds > target * UNLIKELY))
            break;
        status = px_trial_run(trial, &now, err);
        *seconds = now < *seconds ? now : *seconds;
    }
    return status;
}

static bool seen(search *s, uint64_t hash)
{
    for (int i = 0; i < s->hash_count; i++)
        if (s->hashes[i] == hash)
            return true;
    if (s->hash_count < MOST_HASHES)
        s->hashes[s->hash_count++] = hash;
    return false;
}

/* Times a cut, NULL for the planner's own. What makes the same launches as something before is not tried again: its
 * time is INFINITY. */
static pixcl_status try(search *s, const px_cut *cut, double *seconds, px_conv_algorithm *algorithm, pixcl_error *err)
{
    px_trial trial;
    *seconds = INFINITY;
    pixcl_status status = px_trial_plan(&trial, &s->tuner->stand, s->problem, cut, err);
    bool fresh = status == PIXCL_OK && !seen(s, px_trial_hash(&trial));
    if (status == PIXCL_OK && cut && px_trial_hash(&trial) == s->hashes[0])
        s->own_tile = *cut;
    if (fresh)
        status = px_trial_load(&trial, err);
    if (fresh && status == PIXCL_OK)
        status = verify(s, &trial, cut, err);
    if (fresh && status == PIXCL_OK) {
        status = time_trial(&trial, s->result->best, seconds, err);
        s->result->tried++;
    }
    if (algorithm)
        *algorithm = trial.algorithm;
    px_trial_close(&trial);
    return status;
}

/* Tries a cut beside the best so far. What does not run or is wrong is left out and said. */
static void consider(search *s, const px_cut *cut)
{
    pixcl_error err = {0};
    double seconds;
    family *known = family_of(s->tuner, s->problem, cut);
    if (time_is_up(s->tuner) || is_hopeless(s->tuner, s->problem, cut))
        return;
    if (try(s, cut, &seconds, NULL, &err) != PIXCL_OK) {
        s->result->rejected++;
        px_log(PIXCL_LOG_WARNING, "a way to do %s (%d,%d,%d,%d) -> (%d,%d,%d,%d) is left out: %s",
               px_op_describe(s->problem->op)->name, s->problem->x.n, s->problem->x.c, s->problem->x.h, s->problem->x.w,
               s->problem->y.n, s->problem->y.c, s->problem->y.h, s->problem->y.w, err.message);
        return;
    }
    if (seconds == INFINITY)
        return;
    if (known) {
        known->tries++;
        known->best = fmin(known->best, seconds / s->result->best);
    }
    if (seconds < s->result->best) {
        s->result->best = seconds;
        s->result->cut = *cut;
    }
}

static void consider_all(search *s, const px_cut *cuts, int count)
{
    for (int i = 0; i < count; i++)
        consider(s, &cuts[i]);
}

/* The winner and the planner's own in turns, so that both meet the same load on the machine. */
static pixcl_status duel(search *s, pixcl_error *err)
{
    px_trial own, other;
    double own_best = INFINITY, other_best = INFINITY;
    int rounds = 0, ahead = 0;
    pixcl_status status = px_trial_plan(&own, &s->tuner->stand, s->problem, NULL, err);
    pixcl_status other_status = px_trial_plan(&other, &s->tuner->stand, s->problem, &s->result->cut, err);
    if (status == PIXCL_OK)
        status = other_status;
    if (status == PIXCL_OK)
        status = px_trial_load(&own, err);
    if (status == PIXCL_OK)
        status = px_trial_load(&other, err);
    while (status == PIXCL_OK && rounds < DUEL_ROUNDS && ahead >= (rounds - 2) / 2) {
        double seconds[2] = {INFINITY, INFINITY};
        status = px_trial_run(&own, &seconds[0], err);
        if (status == PIXCL_OK)
            status = px_trial_run(&other, &seconds[1], err);
        own_best = fmin(own_best, seconds[0]);
        other_best = fmin(other_best, seconds[1]);
        ahead += seconds[1] < seconds[0];
        rounds++;
    }
    px_trial_close(&own);
    px_trial_close(&other);
    s->result->usual = own_best;
    s->result->best = other_best;
    if (other_best > own_best * WORTHWHILE || ahead < rounds * ROUNDS_AHEAD) {
        s->result->cut = (px_cut){.algorithm = PX_ALGORITHM_NONE};
        s->result->best = own_best;
    }
    return status;
}

pixcl_status px_tuner_usual(px_tuner *tuner, const px_conv_problem *problem, double *seconds, pixcl_error *err)
{
    px_tune_result result = {.best = INFINITY};
    search s = {.tuner = tuner, .problem = problem, .result = &result};
    return try(&s, NULL, seconds, NULL, err);
}

pixcl_status px_tuner_run(px_tuner *tuner, const px_conv_problem *problem, px_tune_result *result, pixcl_error *err)
{
    search s = {.tuner = tuner, .problem = problem, .result = result};
    px_cut cuts[PX_MOST_CUTS];
    px_conv_algorithm algorithm;
    *result = (px_tune_result){.best = INFINITY};
    pixcl_status status = try(&s, NULL, &result->usual, &algorithm, err);
    if (status != PIXCL_OK)
        return status;
    result->best = result->usual;
    const px_target target = px_cl_target(tuner->stand.device);
    for (px_conv_algorithm other = PX_ALGORITHM_NONE + 1; other < PX_ALGORITHM_COUNT; other++) {
        const px_conv_method *method = px_conv_method_of(other);
        const px_cut usual = {.algorithm = other};
        if (other != algorithm && method->applies(problem) && method->cuts(&target, problem, NULL, cuts) > 0)
            consider(&s, &usual);
    }
    if (result->cut.algorithm != PX_ALGORITHM_NONE)
        algorithm = result->cut.algorithm;
    const px_conv_method *method = px_conv_method_of(algorithm);
    consider_all(&s, cuts, method->cuts(&target, problem, NULL, cuts));
    px_cut tile = result->cut.algorithm == algorithm ? result->cut : s.own_tile;
    tile.algorithm = algorithm;
    consider_all(&s, cuts, method->cuts(&target, problem, &tile, cuts));
    return result->cut.algorithm == PX_ALGORITHM_NONE ? PIXCL_OK : duel(&s, err);
}
