/* Pages, charts and tables: escaping, well-formed markup, embedded pictures, means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/html.h"
#include "report/report.h"
#include "scratch_folder.h"

static char *text_of(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(px_file_read(path, &bytes, &size, NULL), PIXCL_OK);
    return (char *)bytes;
}

/* Every tag closed in order, every attribute quoted, no '&' that is not an entity: what makes markup survive any
 * name. */
static void assert_well_formed(const char *page)
{
    static const char *const VOID[] = {"meta", "img", "!DOCTYPE"};
    char open[32][16];
    int depth = 0;
    for (const char *c = page; *c; c++) {
        if (*c == '&') {
            size_t name = strspn(c + 1, "abcdefghijklmnopqrstuvwxyz#0123456789");
            assert_true(name > 0 && c[1 + name] == ';');
        }
        if (*c != '<')
            continue;
        const char *start = c + 1 + (c[1] == '/');
        size_t length = strcspn(start, " >/\n");
        char name[16] = "";
        assert_true(length > 0 && length < sizeof name);
        memcpy(name, start, length);
        bool closing = c[1] == '/', quoted = false;
        for (c++; *c && (quoted || *c != '>'); c++) {
            assert_true(*c != '<');
            quoted ^= *c == '"';
        }
        assert_int_equal(*c, '>');
        bool empty = c[-1] == '/';
        for (size_t i = 0; i < 3; i++)
            empty |= strcmp(name, VOID[i]) == 0;
        if (closing) {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        } else if (!empty) {
            assert_true(depth < 32);
            strcpy(open[depth++], name);
        }
    }
    assert_int_equal(depth, 0);
}

static void assert_escaped(const char *text, const char *expected)
{
    px_text page = {0};
    px_html_text(&page, text);
    char *escaped = px_text_take(&page, NULL);
    assert_string_equal(escaped, expected);
    px_free(escaped);
}

static void test_escaping(void **state)
{
    (void)state;
    assert_escaped("", "");
    assert_escaped("<b a=\"x\">&'", "&lt;b a=&quot;x&quot;&gt;&amp;&#39;");
    assert_escaped("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
                   "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
    assert_escaped("a\x01\x7f", "a\xef\xbf\xbd\xef\xbf\xbd");
    assert_escaped("\xff-\xc3", "\xef\xbf\xbd-\xef\xbf\xbd");               /* Latin-1, and a cut-off character */
    assert_escaped("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");                 /* overlong '/' */
    assert_escaped("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* a surrogate */
}

static void test_chart(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    static double x[COUNT], a[COUNT], b[COUNT];
    for (int i = 0; i < COUNT; i++) {
        x[i] = i + 1;
        a[i] = 40 * exp(-i / 100.0) + 0.5;
        b[i] = i % 7 ? 0.7 : NAN;
    }
    px_chart chart = {.title = "Losses <of> \"run\"",
                      .x_label = "step",
                      .y_label = "loss",
                      .x = x,
                      .count = COUNT,
                      .series_count = 2,
                      .names = {"G_L1", "D & co"},
                      .y = {a, b},
                      .log_y = true};
    for (int log_y = 0; log_y < 2; log_y++) {
        px_text page = {0};
        chart.log_y = log_y;
        px_chart_add(&page, &chart);
        char *svg = px_text_take(&page, NULL);
        assert_well_formed(svg);
        assert_null(strstr(svg, "nan"));
        assert_null(strstr(svg, "inf"));
        assert_non_null(strstr(svg, "D &amp; co"));
        assert_non_null(strstr(svg, ">1000</text>"));
        assert_non_null(strstr(svg, log_y ? ">0.5</text>" : ">0</text>"));
        assert_true(strlen(svg) < 40000); /* 1000 points are reduced: a page of long runs stays small */
        px_free(svg);
    }
}

/* What a young, broken or hostile history may hold: drawing ends, and draws only numbers. */
static void test_chart_of_odd_values(void **state)
{
    (void)state;
    static const double CASES[][3] = {{1, 1, 1},        {0, 0, 0},          {-1, -2, -3},   {NAN, NAN, NAN},
                                      {INFINITY, 1, 2}, {1e308, -1e308, 0}, {5e-324, 0, 1}, {NAN, 3, NAN}};
    static const double XS[][3] = {{1, 2, 3}, {7, 7, 7}, {1e16, 1e16 + 2, 1e16 + 4}, {0, 1e308, 1.7e308}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES * 8; i++) {
        px_chart chart = {.title = "t",
                          .x_label = "x",
                          .y_label = "y",
                          .x = XS[i / 2 % 4],
                          .count = 3,
                          .series_count = 1,
                          .names = {"n"},
                          .y = {CASES[i / 8]},
                          .log_y = i % 2};
        px_text page = {0};
        px_chart_add(&page, &chart);
        char *svg = px_text_take(&page, NULL);
        assert_well_formed(svg);
        if (strstr(svg, "nan") || strstr(svg, "inf"))
            fail_msg("case %zu: %s", i, svg);
        px_free(svg);
    }
    px_chart nothing = {.title = "Losses", .x_label = "x", .y_label = "y"};
    px_text page = {0};
    px_chart_add(&page, &nothing);
    char *text = px_text_take(&page, NULL);
    assert_non_null(strstr(text, "nothing to draw"));
    px_free(text);
}

/* Losses that hardly change, and lines whose steps do not ascend. */
static void test_both_axes_of_a_chart_have_numbers(void **state)
{
    (void)state;
    const double x[] = {300, 100, 200}, y[] = {0.69, 0.7, 0.72};
    const px_chart chart = {.title = "t",
                            .x_label = "x",
                            .y_label = "y",
                            .x = x,
                            .count = 3,
                            .series_count = 1,
                            .names = {"n"},
                            .y = {y},
                            .log_y = true};
    px_text page = {0};
    px_chart_add(&page, &chart);
    char *svg = px_text_take(&page, NULL);
    assert_non_null(strstr(svg, ">0.65</text>"));
    assert_non_null(strstr(svg, ">0.7</text>"));
    assert_non_null(strstr(svg, ">100</text>"));
    assert_non_null(strstr(svg, ">300</text>"));
    px_free(svg);
}

static void test_mean_leaves_out_what_was_not_measured(void **state)
{
    (void)state;
    px_report_row rows[] = {{.measured = true, .metrics = {0.1, 20, 0.5}},
                            {.measured = false, .metrics = {9, 9, 9}},
                            {.measured = true, .metrics = {0.3, 30, NAN}}};
    pixcl_metrics mean;
    assert_int_equal(px_report_mean(rows, 3, &mean), 2);
    assert_true(fabs(mean.l1 - 0.2) < 1e-15 && mean.psnr == 25 && mean.ssim == 0.5);
    assert_int_equal(px_report_mean(rows + 1, 1, &mean), 0);
    assert_true(isnan(mean.l1) && isnan(mean.psnr) && isnan(mean.ssim));
}

typedef struct place {
    char folder[SCRATCH_PATH], page[SCRATCH_PATH + 32], csv[SCRATCH_PATH + 32], picture[SCRATCH_PATH + 32];
} place;

static int enter(void **state)
{
    place *p = calloc(1, sizeof *p);
    if (scratch_folder_make(p->folder) != 0)
        return -1;
    snprintf(p->page, sizeof p->page, "%s/index.html", p->folder);
    snprintf(p->csv, sizeof p->csv, "%s/metrics.csv", p->folder);
    snprintf(p->picture, sizeof p->picture, "%s/a #1&%%.png", p->folder);
    *state = p;
    return px_file_write(p->picture, "\x89PNG\xff", 5, NULL);
}

static int leave(void **state)
{
    place *p = *state;
    px_os_remove(p->page);
    px_os_remove(p->csv);
    px_os_remove(p->picture);
    int failed = px_os_remove_folder(p->folder);
    free(p);
    return failed;
}

static void test_page(void **state)
{
    const place *p = *state;
    double x[] = {1, 2, 3}, y[] = {3, 2, 1};
    px_chart chart = {.title = "Losses",
                      .x_label = "step",
                      .y_label = "loss",
                      .x = x,
                      .count = 3,
                      .series_count = 1,
                      .names = {"G_L1"},
                      .y = {y}};
    px_report_row rows[] = {
        {.name = "<script>alert(1)</script>",
         .paths = {p->picture, "elsewhere/b.jpg", NULL},
         .measured = true,
         .metrics = {0.0625, INFINITY, 1}},
    };
    px_report_fact fact = {"generator", "unet_256 & co"};
    const char *command = "pixcl train --dataroot 'a<b>'";
    px_report_distance distances[2] = {{"A & B", {.levels = 2, .level = {31.25, 40}, .mean = 35.5}},
                                       {"back", {.levels = 1, .level = {7}, .mean = 7}}};
    px_report report = {.title = "Results \"x\"",
                        .note = "1 < 2",
                        .facts = &fact,
                        .fact_count = 1,
                        .commands = &command,
                        .command_count = 1,
                        .charts = &chart,
                        .chart_count = 1,
                        .columns = {"input", "output", "target"},
                        .column_count = 3,
                        .rows = rows,
                        .row_count = 1,
                        .distances = distances,
                        .distance_count = 2,
                        .refresh_seconds = 30};
    const char *warning = "step 7: 1 < 2";
    report.warnings = &warning;
    report.warning_count = 1;
    pixcl_error err = {0};
    assert_int_equal(px_report_write(&report, p->page, &err), PIXCL_OK);
    char *page = text_of(p->page);
    assert_well_formed(page);
    assert_null(strstr(page, "<script"));
    assert_non_null(strstr(page, "src=\"a%20%231%26%25.png\"")); /* relative to the page, harmless as a URL */
    assert_non_null(strstr(page, "src=\"elsewhere/b.jpg\""));
    assert_non_null(strstr(page, "<p class=\"warning\">step 7: 1 &lt; 2</p>"));
    assert_non_null(strstr(page, "mean of 1 picture<"));
    assert_non_null(strstr(page, "0.0625"));
    assert_non_null(strstr(page, "<th>1:1</th><th>1:2</th></tr>"));
    assert_non_null(strstr(page, "<td>A &amp; B</td><td>35.5</td><td>31.2</td><td>40.0</td>"));
    assert_non_null(strstr(page, "<td>back</td><td>7.0</td><td>7.0</td><td></td>"));
    assert_non_null(strstr(page, "content=\"30\""));
    assert_non_null(strstr(page, "pixcl train --dataroot &#39;a&lt;b&gt;&#39;"));
    assert_non_null(strstr(page, "<svg"));
    px_free(page);

    report.embed = true;
    rows[0].paths[1] = NULL;
    report.refresh_seconds = 0;
    assert_int_equal(px_report_write(&report, p->page, &err), PIXCL_OK);
    page = text_of(p->page);
    assert_well_formed(page);
    assert_non_null(strstr(page, "src=\"data:image/png;base64,iVBOR/8=\""));
    assert_null(strstr(page, "http-equiv"));
    px_free(page);

    rows[0].paths[0] = "/nonexistent.png";
    assert_int_equal(px_report_write(&report, p->page, &err), PIXCL_ERROR_IO);
    assert_non_null(strstr(err.message, "/nonexistent.png"));
    report.embed = false;
    assert_int_equal(px_report_write(&report, "/nonexistent/folder/index.html", &err), PIXCL_ERROR_IO);
}

static void test_an_almost_empty_page(void **state)
{
    const place *p = *state;
    px_report report = {.title = "Nothing yet"};
    assert_int_equal(px_report_write(&report, p->page, NULL), PIXCL_OK);
    char *page = text_of(p->page);
    assert_well_formed(page);
    assert_null(strstr(page, "<table"));
    px_free(page);
}

/* Every allocation of a page fails once: each time an error with a message, and under a sanitizer no leak. */
static void test_running_out_of_memory(void **state)
{
    const place *p = *state;
    double x[] = {1, 2}, y[] = {2, 1};
    px_chart chart = {
        .title = "t", .x_label = "x", .y_label = "y", .x = x, .count = 2, .series_count = 1, .names = {"n"}, .y = {y}};
    px_report_row row = {.name = "a", .paths = {p->picture}, .measured = true};
    px_report report = {.title = "t",
                        .charts = &chart,
                        .chart_count = 1,
                        .columns = {"input"},
                        .column_count = 1,
                        .rows = &row,
                        .row_count = 1,
                        .embed = true};
    long n = 1;
    for (pixcl_status status = PIXCL_ERROR_MEMORY; status != PIXCL_OK; n++) {
        pixcl_error err = {0};
        px_fail_allocation(n);
        status = px_report_write(&report, p->page, &err);
        px_fail_allocation(0);
        assert_true(status == PIXCL_OK || (status == PIXCL_ERROR_MEMORY && err.message[0]));
    }
    assert_true(n > 5);
}

static void test_csv(void **state)
{
    const place *p = *state;
    px_report_row rows[] = {{.name = "plain", .measured = true, .metrics = {0.25, 20, 0.5}},
                            {.name = "left out"},
                            {.name = "a,\"b\"", .measured = true, .metrics = {0, INFINITY, NAN}}};
    px_report_distance distance = {"output against target", {.levels = 1, .mean = 12.5}};
    assert_int_equal(px_report_csv(rows, 3, &distance, 1, p->csv, NULL), PIXCL_OK);
    char *csv = text_of(p->csv);
    assert_string_equal(csv, "name,psnr,ssim,l1,swd\nplain,20.000000,0.500000,0.250000,\n"
                             "\"a,\"\"b\"\"\",inf,nan,0.000000,\nmean,inf,0.500000,0.125000,\n"
                             "output against target,,,,12.500000\n");
    px_free(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escaping),
        cmocka_unit_test(test_chart),
        cmocka_unit_test(test_chart_of_odd_values),
        cmocka_unit_test(test_both_axes_of_a_chart_have_numbers),
        cmocka_unit_test(test_mean_leaves_out_what_was_not_measured),
        cmocka_unit_test_setup_teardown(test_page, enter, leave),
        cmocka_unit_test_setup_teardown(test_an_almost_empty_page, enter, leave),
        cmocka_unit_test_setup_teardown(test_running_out_of_memory, enter, leave),
        cmocka_unit_test_setup_teardown(test_csv, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
