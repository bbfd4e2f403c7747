/* Where the elements of weights and activations are in each layout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "plan/plan.h"

/* Every element has a place of its own. */
static void expect_bijection(const size_t *places, size_t count)
{
    bool *taken = px_calloc(count, sizeof *taken, NULL);
    for (size_t i = 0; i < count; i++) {
        assert_true(places[i] < count && !taken[places[i]]);
        taken[places[i]] = true;
    }
    px_free(taken);
}

static void layouts_give_every_element_one_place(void **state)
{
    enum { N = 24, C = 6, K = 3 };
    size_t places[N * C * K * K], count = 0;

    (void)state;
    for (int layout = PX_WEIGHT_PLAIN; layout < PX_WEIGHT_LAYOUTS; layout++)
        for (int block = 1; block <= 16; block *= 2) {
            count = 0;
            for (int i = 0; i < N * C * K * K; i++)
                places[count++] = px_weight_index((px_shape){N, C, K, K}, (px_weight_layout)layout, block,
                                                  i / (C * K * K), i / (K * K) % C, i / K % K, i % K);
            expect_bijection(places, count);
            for (int i = 0; i < N * C * K * K; i++)
                assert_int_equal(places[i], places[i / (C * K * K) * (C * K * K)] + places[i / (K * K) % C * (K * K)] +
                                                places[1] * (size_t)(i % (K * K)));
        }
    for (int block = 1; block <= 8; block *= 2) {
        const px_value value = {.block = block, .stride_n = (size_t)N * K * K};
        count = 0;
        for (int i = 0; i < C * N * K * K; i++)
            places[count++] =
                px_activation_index((px_shape){C, N, K, K}, &value, i / (N * K * K), i / (K * K) % N, i / K % K, i % K);
        expect_bijection(places, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(layouts_give_every_element_one_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
