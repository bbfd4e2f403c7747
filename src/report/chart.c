/* Curves as SVG. Colours are Okabe and Ito's, told apart also by colour-blind people; axes take the page's text
 * colour. */
#include "report/chart.h"

#include <math.h>

#include "report/html.h"

enum { WIDTH = 720, HEIGHT = 320, LEFT = 56, RIGHT = 12, TOP = 44, BOTTOM = 44, POINTS = 400 };

static const char *const COLOURS[PX_CHART_MOST_SERIES] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                          "#e69f00", "#56b4e9", "#8c7ae6", "#888888"};

/* An axis: values from..to, on a logarithmic scale their logarithms, at pixels first..last. */
typedef struct axis {
    double from, to;
    double first, last;
    bool log;
} axis;

static double place(const axis *a, double value)
{
    double v = a->log ? log10(value) : value;
    double place = a->first + (v - a->from) / (a->to - a->from) * (a->last - a->first);
    return a->first < a->last ? fmin(fmax(place, a->first), a->last) : fmax(fmin(place, a->first), a->last);
}

static bool drawable(const px_chart *chart, double value)
{
    return isfinite(value) && (!chart->log_y || value > 0);
}

/* 1, 2 or 5 times a power of ten, so that `span` has about `count` steps. */
static double nice_step(double span, int count)
{
    double power = pow(10, floor(log10(span / count))), rest = span / count / power;
    return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
}

/* The mean of each of at most POINTS runs of neighbours; returns how many. Runs without a value give NaN. */
static int reduce(const px_chart *chart, const double *y, double *px, double *py)
{
    int points = chart->count < POINTS ? (int)chart->count : POINTS;
    for (int i = 0; i < points; i++) {
        size_t from = chart->count * (size_t)i / (size_t)points, to = chart->count * (size_t)(i + 1) / (size_t)points;
        double sum_x = 0, sum_y = 0;
        size_t values = 0;
        for (size_t j = from; j < to; j++) {
            sum_x += chart->x[j];
            if (drawable(chart, y[j])) {
                sum_y += y[j];
                values++;
            }
        }
        px[i] = sum_x / (double)(to - from);
        py[i] = values ? sum_y / (double)values : NAN;
    }
    return points;
}

/* Exponential mean over about a fortieth of the picture, corrected for its beginning as Adam's moments are. */
static void smooth(double *y, int count)
{
    double keep = exp(-40.0 / (count > 120 ? count : 120)), sum = 0, weight = 0;
    for (int i = 0; i < count; i++) {
        if (!isfinite(y[i]))
            continue;
        sum = keep * sum + (1 - keep) * y[i];
        weight = keep * weight + (1 - keep);
        y[i] = sum / weight;
    }
}

static void add_line(px_text *page, const double *x, const double *y, int count, const axis *ax, const axis *ay,
                     const char *colour, const char *look)
{
    px_text_add(page, "<path fill=\"none\" stroke=\"%s\" stroke-linejoin=\"round\" %s d=\"", colour, look);
    bool pen_down = false;
    for (int i = 0; i < count; i++) {
        if (isfinite(y[i]))
            px_text_add(page, "%c%.1f %.1f", pen_down ? 'L' : 'M', place(ax, x[i]), place(ay, y[i]));
        /* A value alone between gaps gets a line of no length, which the round cap makes a dot. */
        if (isfinite(y[i]) && !pen_down && (i + 1 == count || !isfinite(y[i + 1])))
            px_text_add(page, "h0");
        pen_down = isfinite(y[i]);
    }
    px_text_add(page, "\" stroke-linecap=\"round\"/>\n");
}

/* Lowest and highest value of all series; false when there is none. */
static bool range(const px_chart *chart, double *lowest, double *highest)
{
    *lowest = INFINITY;
    *highest = -INFINITY;
    double x[POINTS], y[POINTS];
    for (int s = 0; s < chart->series_count; s++) {
        int points = reduce(chart, chart->y[s], x, y);
        for (int i = 0; i < points; i++) {
            *lowest = isfinite(y[i]) ? fmin(*lowest, y[i]) : *lowest;
            *highest = isfinite(y[i]) ? fmax(*highest, y[i]) : *highest;
        }
    }
    return *lowest <= *highest;
}

static axis y_axis(const px_chart *chart, double lowest, double highest)
{
    axis a = {.first = HEIGHT - BOTTOM, .last = TOP, .log = chart->log_y};
    if (a.log) {
        a.from = log10(lowest) - 0.05;
        a.to = log10(highest) + 0.05;
        return a;
    }
    a.from = lowest >= 0 && lowest < highest / 2 ? 0 : lowest; /* losses are read against zero when it is near */
    a.to = highest;
    if (!(a.to > a.from)) {
        double around = fabs(highest) > 0 ? fabs(highest) / 2 : 1;
        a.from -= around;
        a.to += around;
    }
    double step = nice_step(a.to - a.from, 5);
    a.from = floor(a.from / step) * step;
    a.to = ceil(a.to / step) * step;
    return a;
}

/* From the least to the greatest x, wherever they stand: lines may have been put together by hand. */
static axis x_axis(const px_chart *chart)
{
    axis a = {.from = chart->x[0], .to = chart->x[0], .first = LEFT, .last = WIDTH - RIGHT};
    for (size_t i = 1; i < chart->count; i++) {
        a.from = fmin(a.from, chart->x[i]);
        a.to = fmax(a.to, chart->x[i]);
    }
    if (!(a.to > a.from)) {
        a.from -= 1;
        a.to += 1;
    }
    return a;
}

static void add_y_tick(px_text *page, const axis *ay, double value)
{
    double y = place(ay, value);
    px_text_add(page,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"currentColor\" opacity=\".15\"/>"
                "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n",
                LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4, value);
}

/* On a logarithmic scale of less than a decade, where 1, 2 and 5 may all be outside. */
static void add_narrow_ticks(px_text *page, const axis *ay)
{
    const double lowest = pow(10, ay->from), highest = pow(10, ay->to), step = nice_step(highest - lowest, 5);
    const double first = ceil(lowest / step) * step;
    for (int i = 0; first + i * step <= highest && i < 20; i++)
        add_y_tick(page, ay, first + i * step);
}

static void add_y_ticks(px_text *page, const axis *ay)
{
    const double decades = ay->to - ay->from;
    if (!ay->log) {
        double step = nice_step(ay->to - ay->from, 5);
        for (int i = 0; ay->from + i * step <= ay->to + step / 2 && i < 20; i++) {
            double value = ay->from + i * step;
            add_y_tick(page, ay, fabs(value) < step / 1000 ? 0 : value);
        }
        return;
    }
    if (decades < 1) {
        add_narrow_ticks(page, ay);
        return;
    }
    /* Over few decades also 2 and 5. */
    static const double DIGITS[] = {1, 2, 5};
    int step = (int)ceil(decades / 8);
    for (int power = (int)floor(ay->from); power <= ay->to; power += step) {
        for (int d = 0; d < (decades < 3 ? 3 : 1); d++) {
            double value = DIGITS[d] * pow(10, power);
            if (log10(value) >= ay->from && log10(value) <= ay->to)
                add_y_tick(page, ay, value);
        }
    }
}

static void add_x_ticks(px_text *page, const axis *ax)
{
    double step = nice_step(ax->to - ax->from, 8);
    double first = ceil(ax->from / step) * step;
    for (int i = 0; first + i * step <= ax->to + step / 1000 && i < 20; i++) {
        double value = first + i * step, x = place(ax, value);
        px_text_add(page,
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"currentColor\" opacity=\".5\"/>"
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.10g</text>\n",
                    x, x, HEIGHT - BOTTOM, HEIGHT - BOTTOM + 4, x, HEIGHT - BOTTOM + 18, value);
    }
}

static void add_legend(px_text *page, const px_chart *chart)
{
    int x = LEFT;
    for (int s = 0; s < chart->series_count; s++) {
        px_text_add(
            page,
            "<line x1=\"%d\" x2=\"%d\" y1=\"32\" y2=\"32\" stroke=\"%s\" stroke-width=\"3\"/><text x=\"%d\" y=\"36\">",
            x, x + 18, COLOURS[s], x + 23);
        px_html_text(page, chart->names[s]);
        px_text_add(page, "</text>\n");
        int letters = 0;
        while (chart->names[s][letters])
            letters++;
        x += 23 + letters * 8 + 12; /* 8 pixels a letter is more than the font's mean */
    }
}

void px_chart_add(px_text *page, const px_chart *chart)
{
    double lowest = 0, highest = 0;
    if (chart->count == 0 || !range(chart, &lowest, &highest)) {
        px_text_add(page, "<p class=\"note\">");
        px_html_text(page, chart->title);
        px_text_add(page, ": nothing to draw yet.</p>\n");
        return;
    }
    axis ay = y_axis(chart, lowest, highest);
    axis ax = x_axis(chart);
    px_text_add(page, "<svg viewBox=\"0 0 %d %d\" role=\"img\" fill=\"currentColor\">\n<title>", WIDTH, HEIGHT);
    px_html_text(page, chart->title);
    px_text_add(page, "</title>\n<text x=\"%d\" y=\"16\" font-weight=\"bold\">", LEFT);
    px_html_text(page, chart->title);
    px_text_add(page, "</text>\n");
    add_legend(page, chart);
    add_y_ticks(page, &ay);
    add_x_ticks(page, &ax);
    px_text_add(page, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8);
    px_html_text(page, chart->x_label);
    px_text_add(page, "</text>\n<text transform=\"translate(12 %d) rotate(-90)\" text-anchor=\"middle\">",
                (TOP + HEIGHT - BOTTOM) / 2);
    px_html_text(page, chart->y_label);
    px_text_add(page, "%s</text>\n", chart->log_y ? " (logarithmic)" : "");
    double x[POINTS], y[POINTS];
    for (int s = 0; s < chart->series_count; s++) {
        int points = reduce(chart, chart->y[s], x, y);
        add_line(page, x, y, points, &ax, &ay, COLOURS[s], "stroke-width=\"1\" opacity=\".3\"");
        smooth(y, points);
        add_line(page, x, y, points, &ax, &ay, COLOURS[s], "stroke-width=\"2\"");
    }
    px_text_add(page, "</svg>\n");
}
