/* Pages about pictures. */
#include "report/report.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "report/html.h"
#include "report/metrics.h"

size_t px_report_mean(const px_report_row *rows, size_t count, pixcl_metrics *mean)
{
    px_metrics_sum sum = {.count = 0};
    for (size_t i = 0; i < count; i++)
        if (rows[i].measured)
            px_metrics_add(&sum, &rows[i].metrics);
    *mean = px_metrics_mean(&sum);
    return sum.count;
}

static void add_escaped(px_text *page, const char *tag, const char *text)
{
    px_text_add(page, "<%s>", tag);
    px_html_text(page, text);
    px_text_add(page, "</%s>", tag);
}

static void add_figures(px_text *page, const pixcl_metrics *m)
{
    px_text_add(page, "<td>%.2f</td><td>%.4f</td><td>%.4f</td></tr>\n", m->psnr, m->ssim, m->l1);
}

static const char FIGURES_HEAD[] = "<th>PSNR (dB)</th><th>SSIM</th><th>L1</th></tr>\n";

static void add_mean(px_text *page, const px_report *report)
{
    pixcl_metrics mean;
    size_t measured = px_report_mean(report->rows, report->row_count, &mean);
    if (measured == 0)
        return;
    px_text_add(page, "<table class=\"figures\"><tr><th>mean of %zu picture%s</th>%s<tr><td></td>", measured,
                measured == 1 ? "" : "s", FIGURES_HEAD);
    add_figures(page, &mean);
    px_text_add(page, "</table>\n");
}

/* A row a pair of sets, a column a level. */
static void add_distances(px_text *page, const px_report *report)
{
    int levels = 0;
    for (size_t i = 0; i < report->distance_count; i++)
        levels = report->distances[i].distance.levels > levels ? report->distances[i].distance.levels : levels;
    if (levels == 0)
        return;
    px_text_add(page, "<table class=\"figures\"><tr><th>sliced Wasserstein distance</th><th>mean</th>");
    for (int l = 0; l < levels; l++)
        px_text_add(page, "<th>1:%d</th>", 1 << l);
    px_text_add(page, "</tr>\n");
    for (size_t i = 0; i < report->distance_count; i++) {
        const pixcl_swd_distance *d = &report->distances[i].distance;
        px_text_add(page, "<tr>");
        add_escaped(page, "td", report->distances[i].name);
        px_text_add(page, "<td>%.1f</td>", d->mean);
        for (int l = 0; l < levels; l++)
            px_text_add(page, l < d->levels ? "<td>%.1f</td>" : "<td></td>", d->level[l]);
        px_text_add(page, "</tr>\n");
    }
    px_text_add(page, "</table>\n");
}

static pixcl_status add_row(px_text *page, const px_report *report, const px_report_row *row, const char *folder,
                            pixcl_error *err)
{
    px_text_add(page, "<figure><div class=\"row\">\n");
    for (int c = 0; c < report->column_count; c++) {
        px_text_add(page, "<div>");
        if (row->paths[c]) {
            pixcl_status status = px_html_picture(page, folder, row->paths[c], report->columns[c], report->embed, err);
            if (status != PIXCL_OK)
                return status;
        }
        px_html_text(page, report->columns[c]);
        px_text_add(page, "</div>\n");
    }
    px_text_add(page, "</div>\n<figcaption>");
    px_html_text(page, row->name);
    if (row->measured)
        px_text_add(page, " &middot; PSNR %.2f dB &middot; SSIM %.4f &middot; L1 %.4f", row->metrics.psnr,
                    row->metrics.ssim, row->metrics.l1);
    px_text_add(page, "</figcaption></figure>\n");
    return PIXCL_OK;
}

static pixcl_status add_pictures(px_text *page, const px_report *report, const char *folder, pixcl_error *err)
{
    px_text_add(page, "<h2>Pictures</h2>\n");
    add_mean(page, report);
    add_distances(page, report);
    px_text_add(page, "<p></p>\n");
    for (size_t i = 0; i < report->row_count; i++) {
        pixcl_status status = add_row(page, report, &report->rows[i], folder, err);
        if (status != PIXCL_OK)
            return status;
    }
    return PIXCL_OK;
}

static void add_table(px_text *page, const px_report *report)
{
    pixcl_metrics mean;
    if (px_report_mean(report->rows, report->row_count, &mean) == 0)
        return;
    px_text_add(page, "<h2>Figures</h2>\n<div class=\"scroll\"><table class=\"figures\"><tr><th>picture</th>%s",
                FIGURES_HEAD);
    for (size_t i = 0; i < report->row_count; i++) {
        if (!report->rows[i].measured)
            continue;
        px_text_add(page, "<tr>");
        add_escaped(page, "td", report->rows[i].name);
        add_figures(page, &report->rows[i].metrics);
    }
    px_text_add(page, "<tr><th>mean</th>");
    add_figures(page, &mean);
    px_text_add(
        page, "</table></div>\n"
              "<p class=\"note\">Output against target, colours 0..255. PSNR and SSIM: higher is nearer; L1, as a part "
              "of the whole range: lower is nearer.</p>\n");
}

/* The page's folder: `path` without its last part. */
static char *folder_of(const char *path, pixcl_error *err)
{
    return px_format(err, "%.*s", (int)(px_path_name(path) - path), path);
}

pixcl_status px_report_write(const px_report *report, const char *path, pixcl_error *err)
{
    char *folder = folder_of(path, err), *text = NULL;
    if (!folder)
        return PIXCL_ERROR_MEMORY;
    px_text page = {0};
    pixcl_status status = PIXCL_OK;
    px_html_begin(&page, report->title, report->refresh_seconds);
    if (report->note) {
        px_text_add(&page, "<p class=\"note\">");
        px_html_text(&page, report->note);
        px_text_add(&page, "</p>\n");
    }
    for (size_t i = 0; i < report->warning_count; i++) {
        px_text_add(&page, "<p class=\"warning\">");
        px_html_text(&page, report->warnings[i]);
        px_text_add(&page, "</p>\n");
    }
    if (report->row_count > 0)
        status = add_pictures(&page, report, folder, err);
    if (status != PIXCL_OK)
        goto cleanup;
    if (report->chart_count > 0)
        px_text_add(&page, "<h2>Training</h2>\n");
    for (size_t i = 0; i < report->chart_count; i++)
        px_chart_add(&page, &report->charts[i]);
    if (report->fact_count > 0)
        px_text_add(&page, "<h2>Run</h2>\n<table class=\"facts\">\n");
    for (size_t i = 0; i < report->fact_count; i++) {
        px_text_add(&page, "<tr>");
        add_escaped(&page, "td", report->facts[i].name);
        add_escaped(&page, "td", report->facts[i].value);
        px_text_add(&page, "</tr>\n");
    }
    px_text_add(&page, "%s", report->fact_count > 0 ? "</table>\n" : "");
    if (report->command_count > 0)
        px_text_add(&page, "<h2>Commands</h2>\n<pre>");
    for (size_t i = 0; i < report->command_count; i++) {
        px_html_text(&page, report->commands[i]);
        px_text_add(&page, "\n");
    }
    px_text_add(&page, "%s", report->command_count > 0 ? "</pre>\n" : "");
    add_table(&page, report);
    px_html_end(&page);
    size_t length = page.length;
    text = px_text_take(&page, err);
    status = text ? px_file_write(path, text, length, err) : PIXCL_ERROR_MEMORY;
cleanup:
    px_text_free(&page);
    px_free(text);
    px_free(folder);
    return status;
}

/* A name as a field of RFC 4180. */
static void add_csv_name(px_text *text, const char *name)
{
    bool plain = strpbrk(name, ",\"\r\n") == NULL;
    px_text_add(text, "%s", plain ? "" : "\"");
    for (const char *c = name; *c; c++)
        px_text_add(text, *c == '"' ? "\"\"" : "%c", *c);
    px_text_add(text, "%s", plain ? "" : "\"");
}

static void add_csv_line(px_text *text, const char *name, const pixcl_metrics *m)
{
    add_csv_name(text, name);
    px_text_add(text, ",%.6f,%.6f,%.6f,\n", m->psnr, m->ssim, m->l1);
}

pixcl_status px_report_csv(const px_report_row *rows, size_t count, const px_report_distance *distances,
                           size_t distance_count, const char *path, pixcl_error *err)
{
    px_text text = {0};
    pixcl_metrics mean;
    px_text_add(&text, "name,psnr,ssim,l1,swd\n");
    for (size_t i = 0; i < count; i++) {
        if (rows[i].measured)
            add_csv_line(&text, rows[i].name, &rows[i].metrics);
    }
    px_report_mean(rows, count, &mean);
    add_csv_line(&text, "mean", &mean);
    for (size_t i = 0; i < distance_count; i++) {
        add_csv_name(&text, distances[i].name);
        px_text_add(&text, ",,,,%.6f\n", distances[i].distance.mean);
    }
    size_t length = text.length;
    char *bytes = px_text_take(&text, err);
    pixcl_status status = bytes ? px_file_write(path, bytes, length, err) : PIXCL_ERROR_MEMORY;
    px_free(bytes);
    return status;
}
