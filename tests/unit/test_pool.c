/* The pool of old pictures, in the reference engine: picture by picture what the PyTorch reference's ImagePool does
 * with the same numbers, and nothing but the pool and the step to save. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/rng.h"
#include "exec/exec.h"
#include "graph/build.h"
#include "model/net.h"
#include "weights/weights.h"

enum { SIZE = 5, C = 3, H = 2, W = 2, PICTURE = C * H * W, MOST = 3 };
static const uint64_t SEED = 0x123456789abcdef0u;

/* A graph that is nothing but a pool. */
typedef struct pooled {
    px_graph *graph;
    px_node x, y, pool;
    px_exec *exec;
} pooled;

static pooled open_pool(int batch, int others_before)
{
    pixcl_error err = {0};
    pooled p = {.graph = px_graph_create(NULL)};
    p.x = px_input(p.graph, (px_shape){batch, C, H, W}, "x");
    for (int i = 0; i < others_before; i++)
        px_net_pool(p.graph, p.x, SIZE, "other");
    p.y = px_graph_output(p.graph, px_net_pool(p.graph, p.x, SIZE, "fake_A"), "y");
    p.pool = px_graph_find(p.graph, "fake_A.pool");
    p.exec = px_exec_create_reference(p.graph, &err);
    if (!p.exec)
        fail_msg("%s", err.message);
    return p;
}

static void close_pool(pooled *p)
{
    px_exec_destroy(&p->exec);
    px_graph_destroy(&p->graph);
}

/* Feeds the pictures that are numbered from `before` on, each element its own value, and gets the numbers of those that
 * come out. */
static void run_after(pooled *p, uint64_t step, int before, int batch, int *numbers)
{
    const px_step what = {.seed = SEED, .step = step, .pictures = (uint64_t)before};
    float values[MOST * PICTURE];
    for (int e = 0; e < batch * PICTURE; e++)
        values[e] = (float)((before + e / PICTURE) * PICTURE + e % PICTURE);
    assert_int_equal(px_exec_write(p->exec, p->x, values, NULL), PIXCL_OK);
    assert_int_equal(px_exec_run(p->exec, &what, NULL), PIXCL_OK);
    assert_int_equal(px_exec_read(p->exec, p->y, values, NULL), PIXCL_OK);
    for (int n = 0; n < batch; n++) {
        numbers[n] = (int)values[n * PICTURE] / PICTURE;
        for (int e = 0; e < PICTURE; e++) /* whole pictures, none of them mixed */
            assert_true(values[n * PICTURE + e] == (float)(numbers[n] * PICTURE + e));
    }
}

static void run_step(pooled *p, uint64_t step, int batch, int *numbers)
{
    run_after(p, step, (int)(step - 1) * batch, batch, numbers);
}

/* util/image_pool.py, with the number of a picture in place of the picture. */
typedef struct image_pool {
    int num_imgs, images[SIZE];
} image_pool;

static int query(image_pool *pool, int image, float p, int random_id)
{
    if (pool->num_imgs < SIZE) {
        pool->images[pool->num_imgs++] = image;
        return image;
    }
    if (p >= 0.5f) {
        int tmp = pool->images[random_id];
        pool->images[random_id] = image;
        return tmp;
    }
    return image;
}

static int query_by_philox(image_pool *pool, int image, uint64_t step, int n, int id)
{
    const uint32_t key[] = {(uint32_t)SEED, (uint32_t)(SEED >> 32)};
    const uint32_t counter[] = {(uint32_t)n, (uint32_t)id, (uint32_t)step, (uint32_t)(step >> 32)};
    uint32_t words[4];
    px_philox(key, counter, words);
    return query(pool, image, (float)(words[0] >> 8) * 0x1p-24f, (int)((uint64_t)words[1] * SIZE >> 32));
}

static void pictures_go_through_it_as_in_the_reference(void **state)
{
    (void)state;
    for (int batch = 1; batch <= MOST; batch += 2) {
        pooled p = open_pool(batch, 0);
        image_pool expected = {0};
        int numbers[MOST];
        for (uint64_t step = 1; step <= 200; step++) {
            run_step(&p, step, batch, numbers);
            for (int n = 0; n < batch; n++)
                assert_int_equal(numbers[n], query_by_philox(&expected, (int)(step - 1) * batch + n, step, n,
                                                             p.graph->nodes[p.y].attrs.id));
            float images[SIZE * PICTURE];
            assert_int_equal(px_exec_read(p.exec, p.pool, images, NULL), PIXCL_OK);
            for (int i = 0; i < expected.num_imgs; i++)
                assert_true(images[i * PICTURE] == (float)(expected.images[i] * PICTURE));
        }
        close_pool(&p);
    }
}

/* Once full, half of what comes out is old, and was there for 2 * SIZE pictures on average: one in two takes a place,
 * and there are SIZE of them. */
static void half_of_what_comes_out_is_old(void **state)
{
    enum { STEPS = 4000 };
    pooled p = open_pool(1, 0);
    int old = 0;
    double age = 0;

    (void)state;
    for (uint64_t step = 1; step <= SIZE + STEPS; step++) {
        int number;
        run_step(&p, step, 1, &number);
        const int behind = (int)step - 1 - number;
        if (step <= SIZE)
            assert_int_equal(behind, 0);
        old += behind > 0;
        age += behind;
    }
    assert_true(fabs(old - 0.5 * STEPS) < 4 * 0.5 * sqrt(STEPS)); /* four standard deviations */
    /* The time in the pool is geometric: mean and deviation both about 2 * SIZE, measured STEPS / 2 times. */
    assert_true(fabs(age / old - 2 * SIZE) < 4 * 2 * SIZE / sqrt(0.5 * STEPS));
    close_pool(&p);
}

static void the_pool_and_the_step_are_all_there_is_to_save(void **state)
{
    enum { BATCH = 3, BREAK = 20, END = 60 };
    pooled whole = open_pool(BATCH, 0), resumed = open_pool(BATCH, 0);
    float images[SIZE * PICTURE];
    int numbers[BATCH], again[BATCH];

    (void)state;
    for (uint64_t step = 1; step <= BREAK; step++)
        run_step(&whole, step, BATCH, numbers);
    assert_int_equal(px_exec_read(whole.exec, whole.pool, images, NULL), PIXCL_OK);
    assert_int_equal(px_exec_write(resumed.exec, resumed.pool, images, NULL), PIXCL_OK);
    for (uint64_t step = BREAK + 1; step <= END; step++) {
        run_step(&whole, step, BATCH, numbers);
        run_step(&resumed, step, BATCH, again);
        assert_memory_equal(numbers, again, sizeof numbers);
    }
    close_pool(&whole);
    close_pool(&resumed);
}

/* Three pictures one by one, then batches of three: places four and five are next, and none stays empty. */
static void it_fills_up_whatever_the_batch_size_was(void **state)
{
    enum { ALONE = 3, BATCH = 3, STEPS = 60 };
    pooled one = open_pool(1, 0), more = open_pool(BATCH, 0);
    const int id = more.graph->nodes[more.y].attrs.id;
    image_pool expected = {0};
    float images[SIZE * PICTURE];
    int numbers[BATCH];

    (void)state;
    for (uint64_t step = 1; step <= ALONE; step++) {
        run_step(&one, step, 1, numbers);
        assert_int_equal(numbers[0], query_by_philox(&expected, (int)step - 1, step, 0, id));
    }
    assert_int_equal(px_exec_read(one.exec, one.pool, images, NULL), PIXCL_OK);
    assert_int_equal(px_exec_write(more.exec, more.pool, images, NULL), PIXCL_OK);
    for (uint64_t step = ALONE + 1; step <= STEPS; step++) {
        const int before = ALONE + (int)(step - ALONE - 1) * BATCH;
        run_after(&more, step, before, BATCH, numbers);
        for (int n = 0; n < BATCH; n++)
            assert_int_equal(numbers[n], query_by_philox(&expected, before + n, step, n, id));
    }
    close_pool(&one);
    close_pool(&more);
}

static void each_pool_draws_its_own_numbers(void **state)
{
    pooled first = open_pool(1, 0), second = open_pool(1, 1);
    int different = 0;

    (void)state;
    assert_int_equal(px_graph_verify(second.graph, NULL), PIXCL_OK);
    for (uint64_t step = 1; step <= 40; step++) {
        int a, b;
        run_step(&first, step, 1, &a);
        run_step(&second, step, 1, &b);
        different += a != b;
    }
    assert_true(different > 10);
    close_pool(&first);
    close_pool(&second);
}

/* The variable is written to checkpoints with the shape of pictures, and starts empty. */
static void it_is_a_state_of_the_program(void **state)
{
    pooled p = open_pool(1, 0);
    const px_node_info *info = px_graph_node(p.graph, p.pool);
    int64_t shape[4];
    float values[SIZE * PICTURE];

    (void)state;
    assert_true(info->state);
    assert_int_equal(px_variable_shape(info, shape), 4);
    assert_true(shape[0] == SIZE && shape[1] == C && shape[2] == H && shape[3] == W);
    memset(values, 1, sizeof values);
    assert_int_equal(px_model_initial(p.graph, p.pool, PX_INIT_NORMAL, 1, 1, values, NULL), PIXCL_OK);
    for (int e = 0; e < SIZE * PICTURE; e++)
        assert_true(values[e] == 0);
    close_pool(&p);
}

static void no_pool_is_the_picture_itself(void **state)
{
    px_graph *graph = px_graph_create(NULL);
    px_node x = px_input(graph, (px_shape){1, C, H, W}, "x");

    (void)state;
    assert_int_equal(px_net_pool(graph, x, 0, "fake_A"), x);
    assert_int_equal(graph->count, 1);
    assert_int_equal(px_net_pool(graph, PX_NONE, SIZE, "fake_A"), PX_NONE);
    px_graph_destroy(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_go_through_it_as_in_the_reference),
        cmocka_unit_test(half_of_what_comes_out_is_old),
        cmocka_unit_test(the_pool_and_the_step_are_all_there_is_to_save),
        cmocka_unit_test(it_fills_up_whatever_the_batch_size_was),
        cmocka_unit_test(each_pool_draws_its_own_numbers),
        cmocka_unit_test(it_is_a_state_of_the_program),
        cmocka_unit_test(no_pool_is_the_picture_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
