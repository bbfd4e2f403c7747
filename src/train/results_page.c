/* The page of the test phase. */
#include "train/results_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "train/history.h"

enum { FACT_SIZE = 2 * PIXCL_OPTION_TEXT_SIZE + 128, FACTS = 4 };

/* What was trained, in a person's words. Returns how many facts. */
static size_t describe(const px_results *results, const px_history_data *history, char text[FACTS][FACT_SIZE],
                       px_report_fact facts[FACTS])
{
    const pixcl_options *o = results->trained;
    size_t count = 0;
    snprintf(text[count], FACT_SIZE, "%s, phase %s, %s, %s at %d pixels", results->options->dataroot,
             results->options->phase, o->direction, results->options->preprocess, results->options->crop_size);
    facts[count] = (px_report_fact){"pictures", text[count]};
    count++;
    snprintf(text[count], FACT_SIZE, "%s, ngf %d, %s norm, %s", o->netG, o->ngf, o->norm,
             o->no_dropout ? "no dropout" : "dropout");
    facts[count] = (px_report_fact){"generator", text[count]};
    count++;
    char layers[32] = "";
    if (strcmp(o->netD, "n_layers") == 0)
        snprintf(layers, sizeof layers, " %d", o->n_layers_D);
    int length = snprintf(text[count], FACT_SIZE, "%s%s, ndf %d, %s", o->netD, layers, o->ndf, o->gan_mode);
    if (strcmp(o->model, "cycle_gan") == 0)
        snprintf(text[count] + length, FACT_SIZE - (size_t)length, ", cycles %g and %g, identity %g, pool of %d",
                 o->lambda_A, o->lambda_B, o->lambda_identity, o->pool_size);
    else
        snprintf(text[count] + length, FACT_SIZE - (size_t)length, " + %g L1", o->lambda_L1);
    facts[count] = (px_report_fact){"discriminator and losses", text[count]};
    count++;
    if (history->count > 0 && isfinite(history->epochs[history->count - 1])) {
        snprintf(text[count], FACT_SIZE, "%.0f steps, in epoch %.0f of %d", history->steps[history->count - 1],
                 history->epochs[history->count - 1], o->n_epochs + o->n_epochs_decay);
        facts[count] = (px_report_fact){"trained for", text[count]};
        count++;
    }
    return count;
}

pixcl_status px_results_page_write(const px_results *results, const char *path, pixcl_error *err)
{
    px_history_data history = {0};
    pixcl_status status = PIXCL_OK;
    if (px_path_is_file(results->history))
        status = px_history_read(results->history, &history, err);
    if (status != PIXCL_OK)
        return status;
    char text[FACTS][FACT_SIZE];
    px_report_fact facts[FACTS];
    size_t fact_count = describe(results, &history, text, facts);
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
    status = train && test ? px_report_write(&report, path, err) : PIXCL_ERROR_MEMORY;
    free(train);
    free(test);
    px_history_data_free(&history);
    return status;
}
