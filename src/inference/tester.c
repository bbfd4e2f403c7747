/* Which columns a model has, and filling them. */
#include "inference/tester.h"

#include <stdio.h>
#include <string.h>

#include "base/context.h"
#include "base/file.h"
#include "base/memory.h"
#include "image/lab.h"
#include "image/planes.h"
#include "report/metrics.h"

/* In the order of the reference, but that of colorization, which has the target before the output. A set of single
 * pictures has only those of its way: the ones that belong to A, or for a CycleGAN's way back to B. */
static const px_test_column pix2pix_columns[] = {
    {"real_A", "input", PX_ROLE_A}, {"fake_B", "output", PX_ROLE_A}, {"real_B", "target", PX_ROLE_B}};
static const px_test_column colorization_columns[] = {
    {"real_A", "input", PX_ROLE_A}, {"fake_B_rgb", "output", PX_ROLE_A}, {"real_B_rgb", "target", PX_ROLE_B}};
static const px_test_column cycle_columns[] = {{"real_A", "A", PX_ROLE_A},       {"fake_B", "A as B", PX_ROLE_A},
                                               {"rec_A", "and back", PX_ROLE_A}, {"real_B", "B", PX_ROLE_B},
                                               {"fake_A", "B as A", PX_ROLE_B},  {"rec_B", "and back", PX_ROLE_B}};
enum { REAL_A, FAKE_B, REC_A, REAL_B, FAKE_A, REC_B, PIX2PIX_REAL_B = 2 };

static bool is_cycle(const px_tester *t)
{
    return strcmp(t->trained.model, "cycle_gan") == 0;
}

static bool is_colorization(const px_tester *t)
{
    return strcmp(t->trained.model, "colorization") == 0;
}

static bool is_single(const px_tester *t)
{
    return strcmp(t->options.dataset_mode, "single") == 0;
}

/* The columns' roles are the set's: single pictures are in role A, whatever they are to the networks. */
static void choose_columns(px_tester *t)
{
    const bool cycle = is_cycle(t), single = is_single(t);
    const px_test_column *all = cycle ? cycle_columns : is_colorization(t) ? colorization_columns : pix2pix_columns;
    const int count = cycle ? 6 : 3, shown = t->way == PX_FORTH ? PX_ROLE_A : PX_ROLE_B;
    for (int i = 0; i < count; i++) {
        if (single && all[i].role != shown)
            continue;
        t->columns[t->column_count] = all[i];
        t->columns[t->column_count++].role = single ? PX_ROLE_A : all[i].role;
    }
}

/* A CycleGAN takes single pictures either way. For pix2pix, --direction says which half of a pair is the input. */
static pixcl_status choose_way(px_tester *t, pixcl_error *err)
{
    const char *direction = t->options.direction, *trained = t->trained.direction;
    if (!is_cycle(t) || strcmp(direction, trained) == 0)
        return PIXCL_OK;
    if (is_single(t))
        return px_inference_way(t->inference, direction, &t->way, err);
    return px_fail(err, PIXCL_ERROR_ARGUMENT,
                   "--direction %s: this cycle_gan was trained %s, and of a set with both sides test shows both ways "
                   "anyway: leave the option out. (translate and --dataset_mode single take one way.)",
                   direction, trained);
}

/* The rest of opening, once the networks are there. */
static pixcl_status open_set(px_tester *t, bool quiet, pixcl_error *err)
{
    t->trained = *px_inference_trained(t->inference);
    pixcl_status status = px_options_inherit(&t->options, &t->trained, PIXCL_FOR_TEST, err);
    if (status == PIXCL_OK)
        status = pixcl_options_check(&t->options, PIXCL_FOR_TEST, err);
    if (status == PIXCL_OK)
        status = choose_way(t, err);
    px_data_options data;
    if (status == PIXCL_OK)
        status = px_data_options_of(&t->options, &data, err);
    if (status != PIXCL_OK)
        return status;
    data.no_flip = data.serial_batches = true; /* every picture once, as it is */
    data.batch_size = 1;
    data.quiet = quiet;
    data.input_nc = px_inference_input_nc(t->inference, t->way);
    t->dataset = px_dataset_create(&data, err);
    if (!t->dataset)
        return err->status;
    t->count = px_dataset_count(t->dataset);
    if (t->options.num_test > 0 && t->count > (size_t)t->options.num_test)
        t->count = (size_t)t->options.num_test;
    choose_columns(t);
    return PIXCL_OK;
}

pixcl_status px_tester_open(px_tester *t, const pixcl_options *options, const char *checkpoint, pixcl_error *err)
{
    const px_inference_options how = px_inference_options_of(options);
    *t = (px_tester){.options = *options, .inference = px_inference_open(checkpoint, &how, err)};
    return t->inference ? open_set(t, false, err) : err->status;
}

pixcl_status px_tester_of_run(px_tester *t, const pixcl_options *options, const px_trained *trained, pixcl_error *err)
{
    const px_inference_options how = px_inference_options_of(options);
    *t = (px_tester){.options = *options, .inference = px_inference_of_run(trained, &how, err)};
    return t->inference ? open_set(t, true, err) : err->status; /* the set was looked at before the first of many */
}

void px_tester_close(px_tester *t)
{
    px_dataset_destroy(&t->dataset);
    px_inference_close(&t->inference);
}

void px_tested_free(px_tested *tested)
{
    for (int c = 0; c < PX_REPORT_MOST_COLUMNS; c++)
        pixcl_image_destroy(&tested->images[c]);
    *tested = (px_tested){0};
}

/* An item's planes on their way through the networks. */
typedef struct passage {
    px_tester *tester;
    const px_item *item;
    px_tested *tested;
} passage;

static pixcl_status keep(const passage *p, int column, const float *planes, int channels, int role, pixcl_error *err)
{
    const bool made = planes != p->item->planes[role], truncate = made && p->tester->options.reference_output;
    const int height = p->item->height[role], width = p->item->width[role];
    p->tested->images[column] =
        is_colorization(p->tester) && column != REAL_A
            ? px_image_from_lab(p->item->planes[PX_ROLE_A], planes, height, width, truncate, err)
            : px_image_from_planes(planes, channels, height, width, truncate, err);
    return p->tested->images[column] ? PIXCL_OK : err->status;
}

/* Runs `planes`, of the size of the role's picture, through a network into *out (px_free), and into a column. */
static pixcl_status translate(const passage *p, px_way way, int role, const float *planes, int column, float **out,
                              pixcl_error *err)
{
    const int height = p->item->height[role], width = p->item->width[role];
    const int channels = px_inference_output_nc(p->tester->inference, way);
    *out = px_calloc((size_t)channels * (size_t)height * (size_t)width, sizeof **out, err);
    px_planes lent = {planes, height, width};
    const px_picture picture = px_picture_of_planes(&lent);
    pixcl_status status = *out ? px_inference_run(p->tester->inference, way, &picture, *out, err) : PIXCL_ERROR_MEMORY;
    return status == PIXCL_OK ? keep(p, column, *out, channels, role, err) : status;
}

/* A role's picture, what it becomes, and for a CycleGAN what that becomes on the way back: columns from `first` on. */
static pixcl_status pass(const passage *p, px_way way, int role, int first, bool return_too, pixcl_error *err)
{
    float *fake = NULL, *back = NULL;
    pixcl_status status = keep(p, first, p->item->planes[role], p->item->channels[role], role, err);
    if (status == PIXCL_OK)
        status = translate(p, way, role, p->item->planes[role], first + 1, &fake, err);
    if (status == PIXCL_OK && return_too)
        status = translate(p, way == PX_FORTH ? PX_BACK : PX_FORTH, role, fake, first + 2, &back, err);
    px_free(fake);
    px_free(back);
    return status;
}

static pixcl_status fill_columns(const passage *p, size_t index, pixcl_error *err)
{
    px_tester *t = p->tester;
    const bool cycle = is_cycle(t), target = p->item->planes[PX_ROLE_B] != NULL;
    pixcl_status status = PIXCL_OK;
    if (index < px_dataset_pictures(t->dataset, PX_ROLE_A))
        status = pass(p, t->way, PX_ROLE_A, REAL_A, cycle, err);
    if (status != PIXCL_OK || !target)
        return status;
    if (!cycle)
        return keep(p, PIX2PIX_REAL_B, p->item->planes[PX_ROLE_B], p->item->channels[PX_ROLE_B], PX_ROLE_B, err);
    return index < px_dataset_pictures(t->dataset, PX_ROLE_B) ? pass(p, PX_BACK, PX_ROLE_B, REAL_B, true, err)
                                                              : PIXCL_OK;
}

pixcl_status px_tester_run(px_tester *t, size_t index, px_tested *tested, pixcl_error *err)
{
    px_item item = {0};
    px_rng rng = {(uint64_t)t->options.seed, index, 0};
    const passage p = {t, &item, tested};
    *tested = (px_tested){0};
    pixcl_status status = px_dataset_get(t->dataset, index, &rng, &item, err);
    if (status == PIXCL_OK)
        status = fill_columns(&p, index, err);
    const int target = is_cycle(t) ? REAL_B : PIX2PIX_REAL_B;
    tested->measured = status == PIXCL_OK && (strcmp(t->options.dataset_mode, "aligned") == 0 || is_colorization(t));
    if (tested->measured)
        status = pixcl_compare(tested->images[FAKE_B], tested->images[target], &tested->metrics, err);
    px_item_free(&item);
    if (status != PIXCL_OK)
        px_tested_free(tested);
    return status;
}

/* How the labels of what a way makes and of what that should look like begin; colorization's end in "_rgb". */
static const char *const compared[2][2] = {{"fake_B", "real_B"}, {"fake_A", "real_A"}};

/* The index of the column whose label begins so, -1 when the model or the set does not have it. */
static int column_of(const px_tester *t, const char *label)
{
    for (int c = 0; c < t->column_count; c++)
        if (strncmp(t->columns[c].label, label, strlen(label)) == 0)
            return c;
    return -1;
}

void px_tester_distance_name(const px_tester *t, px_way way, char *name, size_t size)
{
    const int fake = column_of(t, compared[way][0]), real = column_of(t, compared[way][1]);
    snprintf(name, size, "%s against %s", fake < 0 ? "" : t->columns[fake].title,
             real < 0 ? "" : t->columns[real].title);
}

/* Adds an item's pictures to the sets of both ways. */
static pixcl_status add_to_sets(const px_tester *t, const px_tested *tested, pixcl_swd *swd[2], pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    for (int i = 0; status == PIXCL_OK && i < 4; i++) {
        const int column = column_of(t, compared[i / 2][i % 2]);
        if (column >= 0 && tested->images[column])
            status = pixcl_swd_add(swd[i / 2], i % 2, tested->images[column], err);
    }
    return status;
}

static pixcl_status measure_item(px_tester *t, size_t index, px_test_visitor visitor, void *user, px_metrics_sum *sum,
                                 pixcl_swd *swd[2], pixcl_error *err)
{
    px_tested tested;
    pixcl_status status = px_tester_run(t, index, &tested, err);
    if (status != PIXCL_OK)
        return status;
    if (tested.measured)
        px_metrics_add(sum, &tested.metrics);
    status = add_to_sets(t, &tested, swd, err);
    if (status == PIXCL_OK && visitor)
        status = visitor(user, index, &tested, err);
    px_tested_free(&tested);
    return status;
}

pixcl_status px_tester_measure(px_tester *t, px_test_visitor visitor, void *user, px_test_score *score,
                               pixcl_error *err)
{
    pixcl_swd *swd[2] = {pixcl_swd_create(0, 0, err), pixcl_swd_create(0, 0, err)};
    px_metrics_sum sum = {.count = 0};
    pixcl_status status = swd[0] && swd[1] ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    bool stopped = false;
    *score = (px_test_score){.pictures = 0};
    while (status == PIXCL_OK && score->pictures < t->count && !stopped) {
        status = measure_item(t, score->pictures, visitor, user, &sum, swd, err);
        score->pictures++;
        stopped = px_stopped("testing", NULL);
    }
    score->measured = sum.count;
    score->mean = px_metrics_mean(&sum);
    for (int way = 0; way < 2; way++) {
        if (status == PIXCL_OK)
            status = pixcl_swd_result(swd[way], &score->distances[way], err);
        pixcl_swd_destroy(&swd[way]);
    }
    return status;
}
