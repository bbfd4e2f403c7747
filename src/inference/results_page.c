/* The page of the test phase. */
#include "inference/results_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "report/history.h"

enum { FACTS = 4 };
static const char *const FACT_NAMES[FACTS] = {"pictures", "generator", "discriminator and losses", "trained for"};

/* "basic, ndf 64, vanilla + 100 L1": who judged, and the losses with their weights; what had none is left out. */
static void describe_objective(const pixcl_options *o, px_text *text)
{
    const bool cycle = strcmp(o->model, "cycle_gan") == 0, judged = strcmp(o->gan_mode, "none") != 0;
    if (judged) {
        px_text_add(text, "%s", o->netD);
        if (strcmp(o->netD, "n_layers") == 0)
            px_text_add(text, " %d", o->n_layers_D);
        px_text_add(text, ", ndf %d, %s%s", o->ndf, o->unconditional_D ? "unconditional, " : "", o->gan_mode);
        if (strcmp(o->gan_mode, "wgangp") == 0)
            px_text_add(text, " with gradient penalty %g", o->lambda_gp);
    } else {
        px_text_add(text, "no discriminator");
    }
    if (cycle)
        px_text_add(text, ", cycles %g and %g, identity %g", o->lambda_A, o->lambda_B, o->lambda_identity);
    if (cycle && judged)
        px_text_add(text, ", pool of %d", o->pool_size);
    if (!cycle && strcmp(o->reconstruction, "none") != 0 && o->lambda_L1 > 0)
        px_text_add(text, "%s %g %s", judged ? " +" : ",", o->lambda_L1, o->reconstruction);
}

/* What it was shown, and what was trained, in a person's words: values (px_free) of FACT_NAMES. */
static pixcl_status describe(const px_results *results, char *values[FACTS], pixcl_error *err)
{
    const pixcl_options *o = results->trained, *shown = results->options;
    const px_run_state *state = results->state;
    px_text texts[FACTS] = {{0}};
    px_text_add(&texts[0], "%s, phase %s, %s, %s", shown->dataroot, shown->phase, shown->direction, shown->preprocess);
    if (strstr(shown->preprocess, "crop"))
        px_text_add(&texts[0], " at %d pixels", shown->crop_size);
    px_text_add(&texts[1], "%s, ngf %d, %s norm, %s", o->netG, o->ngf, o->norm,
                o->no_dropout ? "no dropout" : "dropout");
    describe_objective(o, &texts[2]);
    px_text_add(&texts[3], "%lld steps, in epoch %d of %d", state->step, state->epoch - (state->iter == 0),
                o->n_epochs + o->n_epochs_decay);
    pixcl_status status = PIXCL_OK;
    for (size_t i = 0; i < FACTS; i++) {
        values[i] = px_text_take(&texts[i], err);
        status = values[i] ? status : PIXCL_ERROR_MEMORY;
        px_text_free(&texts[i]);
    }
    return status;
}

pixcl_status px_results_page_write(const px_results *results, const char *path, pixcl_error *err)
{
    px_history_data history = {0};
    pixcl_status status = PIXCL_OK;
    if (px_path_is_file(results->history))
        status = px_history_read(results->history, &history, err);
    if (status != PIXCL_OK)
        return status;
    char *values[FACTS] = {NULL};
    px_report_fact facts[FACTS];
    size_t fact_count = 0;
    status = describe(results, values, err);
    for (; fact_count < FACTS && values[fact_count]; fact_count++) /* fewer when memory ran out */
        facts[fact_count] = (px_report_fact){FACT_NAMES[fact_count], values[fact_count]};
    px_chart charts[PX_HISTORY_CHARTS];
    int chart_count = px_history_charts(&history, charts);
    char *train = pixcl_options_command_line(results->trained, PIXCL_FOR_TRAIN, err);
    char *test = train ? pixcl_options_command_line(results->asked, PIXCL_FOR_TEST, err) : NULL;
    const char *commands[] = {train, test};
    px_report report = {.title = results->options->name,
                        .note = "Pictures that training has not seen, and what the generators made of them.",
                        .facts = facts,
                        .fact_count = fact_count,
                        .commands = commands,
                        .command_count = 2,
                        .charts = charts,
                        .chart_count = chart_count,
                        .column_count = results->column_count,
                        .rows = results->rows,
                        .row_count = results->row_count,
                        .distances = results->distances,
                        .distance_count = results->distance_count,
                        .embed = results->embed};
    for (int c = 0; c < results->column_count; c++)
        report.columns[c] = results->columns[c].title;
    if (status == PIXCL_OK)
        status = train && test ? px_report_write(&report, path, err) : PIXCL_ERROR_MEMORY;
    for (size_t i = 0; i < FACTS; i++)
        px_free(values[i]);
    px_free(train);
    px_free(test);
    px_history_data_free(&history);
    return status;
}
