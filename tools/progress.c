/* Progress of training. */
#include "progress.h"

#include <stdio.h>

#include "terminal.h"

static void format_time(double seconds, char *text, size_t size)
{
    long s = seconds < 359999 * 100.0 ? (long)(seconds + 0.5) : 359999 * 100L;
    if (s >= 3600)
        snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
}

void progress_format(const pixcl_progress *p, char *text, size_t size)
{
    size_t length =
        (size_t)snprintf(text, size, "epoch %d/%d  step %lld/%lld ", p->epoch, p->epochs, p->step, p->steps);
    if (p->images_per_second > 0 && length < size)
        length += (size_t)snprintf(text + length, size - length, " %.3g images/s", p->images_per_second);
    if (p->eta_seconds >= 0 && length < size) {
        char left[32];
        format_time(p->eta_seconds, left, sizeof left);
        length += (size_t)snprintf(text + length, size - length, "  %s left", left);
    }
    for (int i = 0; i < p->loss_count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s %.3g", i == 0 ? "  " : " ", p->loss_names[i],
                                   (double)p->losses[i]);
}

void progress_show(void *user, const pixcl_progress *p)
{
    progress_state *state = user;
    char text[512];
    bool last = p->step >= p->steps;
    if (terminal_is_live()) {
        /* Ten times a second is as often as an eye can follow. */
        if (!last && state->drawn > 0 && p->seconds - state->drawn < 0.1)
            return;
        state->drawn = p->seconds;
        progress_format(p, text, sizeof text);
        terminal_draw(text);
        if (last)
            terminal_keep();
    } else if (p->logged || last) {
        progress_format(p, text, sizeof text);
        puts(text);
        fflush(stdout);
    }
}
