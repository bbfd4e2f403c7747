/* Contexts: what they keep apart, and threads that use one of them. */
#include "fixture.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

typedef struct heard {
    int count;
    char last[512];
} heard;

static void hear(void *user, pixcl_log_level level, const char *message)
{
    heard *h = user;
    (void)level;
    h->count++;
    snprintf(h->last, sizeof h->last, "%s", message);
}

static pixcl_context *new_context(const pixcl_allocator *allocator)
{
    pixcl_error err = {0};
    pixcl_context *context = pixcl_context_create(allocator, &err);
    MADE(context);
    return context;
}

static void messages_go_to_the_context_of_the_call(void **state)
{
    heard one = {0}, two = {0};
    (void)state;
    pixcl_context *a = new_context(NULL), *b = new_context(NULL);
    pixcl_context_set_log(a, hear, &one, PIXCL_LOG_DEBUG);
    pixcl_context_set_log(b, hear, &two, PIXCL_LOG_DEBUG);
    pixcl_generator *generator = open_run(a);
    assert_true(one.count > 0);
    assert_int_equal(two.count, 0);
    const int before = one.count;
    pixcl_generator *other = open_run(b);
    assert_int_equal(one.count, before);
    assert_true(two.count > 0);
    pixcl_generator_close(&generator);
    pixcl_generator_close(&other);
    pixcl_context_destroy(&a);
    pixcl_context_destroy(&b);
    assert_null(a);
    pixcl_context_destroy(&a);
    pixcl_context_set_log(NULL, hear, &one, PIXCL_LOG_INFO); /* as if nobody had asked */
}

static atomic_long blocks;

static void *count_and_allocate(void *user, size_t bytes)
{
    atomic_fetch_add((atomic_long *)user, 1);
    return malloc(bytes);
}

static void count_and_release(void *user, void *memory)
{
    atomic_fetch_sub((atomic_long *)user, 1);
    free(memory);
}

/* All of the library's own memory is the allocator's, and goes back to it; a picture may go last. */
static void memory_is_the_allocators(void **state)
{
    pixcl_error err = {0};
    (void)state;
    const pixcl_allocator allocator = {&blocks, count_and_allocate, count_and_release};
    pixcl_context *context = new_context(&allocator);
    pixcl_generator *generator = open_run(context);
    pixcl_image *image = load_half("test", 1, 0), *made = NULL;
    assert_true(atomic_load(&blocks) > 50);
    OK(pixcl_generator_translate(generator, image, &made, &err));
    pixcl_generator_close(&generator);
    pixcl_context_destroy(&context);
    assert_true(atomic_load(&blocks) > 0);
    pixcl_image_destroy(&made);
    assert_int_equal(atomic_load(&blocks), 0);
    pixcl_image_destroy(&image); /* not the allocator's */
    const pixcl_allocator half = {.allocate = count_and_allocate};
    assert_null(pixcl_context_create(&half, &err));
    assert_non_null(strstr(err.message, "allocate and release"));
}

static int entries(const char *folder)
{
    int count = 0;
    DIR *open = opendir(folder);
    while (open && readdir(open))
        count++;
    if (open)
        closedir(open);
    return count;
}

static bool at_once(void *user)
{
    ++*(int *)user;
    return true;
}

static void what_is_kept_is_in_the_contexts_folder(void **state)
{
    pixcl_error err = {0};
    (void)state;
    pixcl_context *context = new_context(NULL);
    OK(pixcl_context_set_cache(context, "cache_of_this", &err));
    pixcl_generator *generator = open_run(context);
    pixcl_image *image = load_half("test", 1, 0), *made = NULL;
    OK(pixcl_generator_translate(generator, image, &made, &err));
    pixcl_image_destroy(&image);
    pixcl_image_destroy(&made);
    pixcl_generator_close(&generator);
    assert_true(entries("cache_of_this") > 2);
    pixcl_context_destroy(&context);
}

/* Before anything is compiled, and after a step. */
static void a_context_stops_what_takes_long(void **state)
{
    pixcl_error err = {0};
    int asked = 0;
    bool over;
    (void)state;
    pixcl_context *context = new_context(NULL);
    pixcl_options *options = small_options(PIXCL_FOR_TRAIN, "name", "stopped", NULL);
    pixcl_context_set_stop(context, at_once, &asked);
    assert_null(pixcl_trainer_create(context, options, NULL, NULL, &err));
    assert_int_equal(err.status, PIXCL_ERROR_INTERRUPTED);
    assert_non_null(strstr(err.message, "compiled"));
    assert_int_equal(asked, 1);
    pixcl_context_set_stop(context, NULL, NULL);
    pixcl_trainer *trainer = pixcl_trainer_create(context, options, NULL, NULL, &err);
    MADE(trainer);
    OK(pixcl_trainer_step(trainer, &over, &err));
    pixcl_context_set_stop(context, at_once, &asked);
    assert_int_equal(pixcl_trainer_step(trainer, &over, &err), PIXCL_ERROR_INTERRUPTED);
    assert_non_null(strstr(err.message, "after step 2"));
    assert_int_equal(pixcl_trainer_run(trainer, &err), PIXCL_ERROR_INTERRUPTED);
    assert_non_null(strstr(err.message, "after step 3 of 4; everything is saved"));
    pixcl_context_set_stop(context, NULL, NULL); /* and goes on, as if nothing had been */
    OK(pixcl_trainer_step(trainer, &over, &err));
    assert_false(over);
    OK(pixcl_trainer_step(trainer, &over, &err));
    assert_true(over);
    pixcl_trainer_destroy(&trainer);
    pixcl_options_destroy(&options);
    pixcl_context_destroy(&context);
}

/* What a thread does in a context that it shares, or in one of its own. */
typedef struct task {
    pixcl_context *context;
    int number;
    uint8_t made[PICTURES][SIDE * SIDE * 3];
    float losses[4];
} task;

static void *translate_all(void *argument)
{
    task *t = argument;
    pixcl_error err = {0};
    pixcl_generator *generator = open_run(t->context);
    for (int i = 0; i < PICTURES; i++) {
        pixcl_image *image = load_half("test", i + 1, 0), *made = NULL;
        if (pixcl_generator_translate(generator, image, &made, &err) == PIXCL_OK)
            memcpy(t->made[i], made->pixels, sizeof t->made[i]);
        pixcl_image_destroy(&image);
        pixcl_image_destroy(&made);
    }
    pixcl_generator_close(&generator);
    return NULL;
}

static void *train(void *argument)
{
    task *t = argument;
    char name[32];
    pixcl_error err = {0};
    pixcl_progress progress = {0};
    snprintf(name, sizeof name, "beside_%d", t->number);
    pixcl_options *options = small_options(PIXCL_FOR_TRAIN, "name", name, NULL);
    pixcl_trainer *trainer = pixcl_trainer_create(t->context, options, NULL, NULL, &err);
    if (trainer && pixcl_trainer_run(trainer, &err) == PIXCL_OK &&
        pixcl_trainer_losses(trainer, &progress, &err) == PIXCL_OK)
        memcpy(t->losses, progress.losses, sizeof t->losses);
    pixcl_trainer_destroy(&trainer);
    pixcl_options_destroy(&options);
    return NULL;
}

/* The same bits as one after the other. */
static void two_generators_and_a_training_side_by_side(void **state)
{
    static task alone[2], beside[3];
    (void)state;
    alone[0].context = alone[1].context = NULL;
    translate_all(&alone[0]);
    train(&alone[1]);
    assert_true(alone[1].losses[1] > 0);
    for (int own = 0; own < 2; own++) {
        pixcl_context *shared = new_context(NULL), *contexts[3];
        heard h = {0};
        pthread_t threads[3];
        pixcl_context_set_log(shared, hear, &h, PIXCL_LOG_DEBUG);
        for (int i = 0; i < 3; i++) {
            contexts[i] = own ? new_context(NULL) : NULL;
            beside[i] = (task){.context = own ? contexts[i] : shared, .number = 1 + own};
            assert_int_equal(pthread_create(&threads[i], NULL, i < 2 ? translate_all : train, &beside[i]), 0);
        }
        for (int i = 0; i < 3; i++)
            pthread_join(threads[i], NULL);
        for (int i = 0; i < 3; i++)
            pixcl_context_destroy(&contexts[i]);
        pixcl_context_destroy(&shared);
        assert_memory_equal(beside[0].made, alone[0].made, sizeof alone[0].made);
        assert_memory_equal(beside[1].made, alone[0].made, sizeof alone[0].made);
        assert_memory_equal(beside[2].losses, alone[1].losses, sizeof alone[1].losses);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_to_the_context_of_the_call),     cmocka_unit_test(memory_is_the_allocators),
        cmocka_unit_test(what_is_kept_is_in_the_contexts_folder),     cmocka_unit_test(a_context_stops_what_takes_long),
        cmocka_unit_test(two_generators_and_a_training_side_by_side),
    };
    return cmocka_run_group_tests(tests, make_run, NULL);
}
