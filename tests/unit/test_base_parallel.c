/* base/parallel: every element once, in ranges of the grain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/parallel.h"

typedef struct seen {
    unsigned char *times; /* one an element */
    size_t count, grain;
    atomic_int wrong; /* ranges that are none */
} seen;

static void mark(void *context, size_t begin, size_t end)
{
    seen *s = context;
    if (begin % s->grain != 0 || end <= begin || end > s->count || (end - begin != s->grain && end != s->count))
        atomic_fetch_add(&s->wrong, 1);
    for (size_t i = begin; i < end && i < s->count; i++)
        s->times[i]++;
}

static void every_element_is_handled_once(void **state)
{
    static const struct {
        size_t count, grain;
    } cases[] = {{0, 4}, {1, 4}, {4, 4}, {5, 4}, {1000, 1}, {100000, 64}, {100001, 4096}, {3, SIZE_MAX / 2}};

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        seen s = {.count = cases[c].count, .grain = cases[c].grain};
        s.times = px_calloc(s.count, 1, NULL);
        assert_non_null(s.times);
        px_parallel(s.count, s.grain, mark, &s);
        assert_int_equal(atomic_load(&s.wrong), 0);
        for (size_t i = 0; i < s.count; i++)
            assert_int_equal(s.times[i], 1);
        px_free(s.times);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_element_is_handled_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
