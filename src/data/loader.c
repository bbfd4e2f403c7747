/* A ring of batches. Threads take items in order, each fills its own place in a batch, and whoever completes a batch
 * packs it; the caller takes batches in order. Every random number comes from a stream of its own item. */
#include "data/loader.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

/* Upper byte of the random streams, so that shuffling and augmentation share none. Below it: epoch (24 bits), position
 * (32). */
#define STREAM_SHUFFLE 0xDAull
#define STREAM_AUGMENT 0xDBull
#define MAX_EPOCH      (1u << 24)

typedef struct slot {
    px_item *items; /* [batch_size], empty once packed */
    px_batch batch;
    size_t capacity[2]; /* floats in batch.planes */
    int pending;        /* items not ready yet */
    int failed;         /* the first item that failed, or -1; then `error` says why */
    pixcl_error error;
} slot;

struct px_loader {
    const px_dataset *dataset;
    size_t count; /* items an epoch */
    size_t batch_size;
    uint32_t *order; /* [count]: which item stands where in this epoch */
    uint32_t epoch;
    double waited;

    slot *slots;
    size_t slot_count;
    pthread_t *threads;
    int thread_count;

    /* Everything below, and the slots' pending, failed and error, is guarded by the lock. Positions are those of items.
     */
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    size_t begin;  /* where this start began */
    size_t next;   /* first item that no thread has taken */
    size_t given;  /* first item that was not given out */
    size_t kept;   /* first item of the oldest slot in use */
    size_t active; /* items being worked on */
    bool stop;
};

static slot *slot_of(const px_loader *loader, size_t position)
{
    return &loader->slots[(position - loader->begin) / loader->batch_size % loader->slot_count];
}

static void slot_clear(slot *s, size_t batch_size)
{
    for (size_t i = 0; i < batch_size; i++)
        px_item_free(&s->items[i]);
}

/* Copies one role of all items behind one another. */
static pixcl_status pack_role(slot *s, int role, pixcl_error *err)
{
    px_batch *batch = &s->batch;
    const px_item *first = &s->items[0];
    size_t size = (size_t)first->channels[role] * first->height[role] * first->width[role];
    batch->channels[role] = first->channels[role];
    batch->height[role] = first->height[role];
    batch->width[role] = first->width[role];
    if (size * (size_t)batch->count > s->capacity[role]) {
        px_free(batch->planes[role]);
        s->capacity[role] = 0;
        batch->planes[role] = px_calloc(size * (size_t)batch->count, sizeof(float), err);
        if (!batch->planes[role])
            return PIXCL_ERROR_MEMORY;
        s->capacity[role] = size * (size_t)batch->count;
    }
    for (int i = 0; i < batch->count; i++) {
        const px_item *item = &s->items[i];
        batch->path[role][i] = item->path[role];
        if (item->width[role] != first->width[role] || item->height[role] != first->height[role])
            return px_fail(err, PIXCL_ERROR_FORMAT,
                           "'%s' comes out at %d x %d pixels and '%s' at %d x %d, but a batch needs one size: use "
                           "--batch_size 1 or a --preprocess that crops",
                           first->path[role], first->width[role], first->height[role], item->path[role],
                           item->width[role], item->height[role]);
        if (size)
            memcpy(batch->planes[role] + (size_t)i * size, item->planes[role], size * sizeof(float));
    }
    return PIXCL_OK;
}

/* Reads the item at `position` into its slot. Called without the lock: the place belongs to this thread alone. */
static pixcl_status read_item(px_loader *loader, size_t position, px_item *item, pixcl_error *err)
{
    px_rng rng = {.seed = px_dataset_options(loader->dataset)->seed,
                  .stream = STREAM_AUGMENT << 56 | (uint64_t)loader->epoch << 32 | position};
    return px_dataset_get(loader->dataset, loader->order[position], &rng, item, err);
}

static void *work(void *argument)
{
    px_loader *loader = argument;
    pixcl_error error;
    pthread_mutex_lock(&loader->lock);
    while (!loader->stop) {
        size_t position = loader->next;
        if (position >= loader->count || position >= loader->kept + loader->slot_count * loader->batch_size) {
            pthread_cond_wait(&loader->work, &loader->lock);
            continue;
        }
        slot *s = slot_of(loader, position);
        int place = (int)((position - loader->begin) % loader->batch_size);
        if (place == 0) {
            size_t left = loader->count - position;
            s->batch.position = position;
            s->batch.count = (int)(left < loader->batch_size ? left : loader->batch_size);
            s->pending = s->batch.count;
            s->failed = -1;
        }
        loader->next++;
        loader->active++;
        pthread_mutex_unlock(&loader->lock);

        pixcl_status status = read_item(loader, position, &s->items[place], &error);

        pthread_mutex_lock(&loader->lock);
        if (status != PIXCL_OK && (s->failed < 0 || place < s->failed)) {
            s->failed = place;
            s->error = error;
        }
        if (s->pending == 1 && s->failed < 0) { /* the last of its batch: nobody else touches the slot now */
            pthread_mutex_unlock(&loader->lock);
            status = pack_role(s, PX_ROLE_A, &error);
            if (status == PIXCL_OK)
                status = pack_role(s, PX_ROLE_B, &error);
            slot_clear(s, loader->batch_size);
            pthread_mutex_lock(&loader->lock);
            if (status != PIXCL_OK) {
                s->failed = 0;
                s->error = error;
            }
        }
        s->pending--;
        loader->active--;
        pthread_cond_broadcast(&loader->done);
    }
    pthread_mutex_unlock(&loader->lock);
    return NULL;
}

/* Waits until no thread works on an item, and keeps them from taking new ones. Call with the lock held. */
static void pause_threads(px_loader *loader)
{
    loader->next = loader->count;
    while (loader->active > 0)
        pthread_cond_wait(&loader->done, &loader->lock);
}

static pixcl_status create_slots(px_loader *loader, pixcl_error *err)
{
    loader->slots = px_calloc(loader->slot_count, sizeof(*loader->slots), err);
    if (!loader->slots)
        return PIXCL_ERROR_MEMORY;
    for (size_t i = 0; i < loader->slot_count; i++) {
        slot *s = &loader->slots[i];
        s->items = px_calloc(loader->batch_size, sizeof(*s->items), err);
        s->batch.path[0] = s->items ? px_calloc(loader->batch_size, sizeof(char *), err) : NULL;
        s->batch.path[1] = s->batch.path[0] ? px_calloc(loader->batch_size, sizeof(char *), err) : NULL;
        if (!s->batch.path[1])
            return PIXCL_ERROR_MEMORY;
    }
    return PIXCL_OK;
}

static pixcl_status create_threads(px_loader *loader, int wanted, pixcl_error *err)
{
    loader->threads = px_calloc((size_t)wanted, sizeof(*loader->threads), err);
    if (!loader->threads)
        return PIXCL_ERROR_MEMORY;
    for (; loader->thread_count < wanted; loader->thread_count++) {
        int code = px_thread_start(&loader->threads[loader->thread_count], work, loader);
        if (code)
            return px_fail(err, PIXCL_ERROR_MEMORY, "cannot start thread %d of --num_threads %d: %s",
                           loader->thread_count + 1, wanted, strerror(code));
    }
    return PIXCL_OK;
}

px_loader *px_loader_create(const px_dataset *dataset, pixcl_error *err)
{
    const px_data_options *options = px_dataset_options(dataset);
    px_loader *loader = px_calloc(1, sizeof(*loader), err);
    if (!loader)
        return NULL;
    loader->dataset = dataset;
    loader->count = px_dataset_count(dataset);
    loader->batch_size = (size_t)options->batch_size;
    /* One batch is with the caller, one waits for it, and every thread has an item to work on and one to go on with. */
    loader->slot_count = 2 + (2 * (size_t)options->num_threads + loader->batch_size - 1) / loader->batch_size;
    loader->next = loader->count; /* nothing to do before px_loader_start */
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->work, NULL);
    pthread_cond_init(&loader->done, NULL);
    loader->order = px_calloc(loader->count, sizeof(*loader->order), err);
    if (!loader->order || create_slots(loader, err) != PIXCL_OK ||
        create_threads(loader, options->num_threads, err) != PIXCL_OK)
        px_loader_destroy(&loader);
    return loader;
}

void px_loader_destroy(px_loader **pointer)
{
    px_loader *loader = pointer ? *pointer : NULL;
    if (!loader)
        return;
    pthread_mutex_lock(&loader->lock);
    loader->stop = true;
    pthread_cond_broadcast(&loader->work);
    pthread_mutex_unlock(&loader->lock);
    for (int i = 0; i < loader->thread_count; i++)
        pthread_join(loader->threads[i], NULL);
    for (size_t i = 0; loader->slots && i < loader->slot_count; i++) {
        slot *s = &loader->slots[i];
        if (s->items)
            slot_clear(s, loader->batch_size);
        px_free(s->items);
        for (int role = 0; role < 2; role++) {
            px_free(s->batch.planes[role]);
            px_free(s->batch.path[role]);
        }
    }
    px_free(loader->slots);
    px_free(loader->threads);
    px_free(loader->order);
    pthread_cond_destroy(&loader->work);
    pthread_cond_destroy(&loader->done);
    pthread_mutex_destroy(&loader->lock);
    px_free(loader);
    *pointer = NULL;
}

static void set_order(px_loader *loader, uint32_t epoch)
{
    const px_data_options *options = px_dataset_options(loader->dataset);
    px_rng rng = {.seed = options->seed, .stream = STREAM_SHUFFLE << 56 | (uint64_t)epoch << 32};
    if (!options->serial_batches) {
        px_rng_permutation(&rng, loader->order, (uint32_t)loader->count);
        return;
    }
    for (size_t i = 0; i < loader->count; i++)
        loader->order[i] = (uint32_t)i;
}

pixcl_status px_loader_start(px_loader *loader, uint32_t epoch, size_t position, pixcl_error *err)
{
    if (epoch >= MAX_EPOCH || position > loader->count)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "cannot go to item %zu of epoch %u: the set has %zu items, and epochs are below %u; if this is "
                       "a continued run, pictures were removed since it began",
                       position, epoch, loader->count, MAX_EPOCH);
    pthread_mutex_lock(&loader->lock);
    pause_threads(loader);
    for (size_t i = 0; i < loader->slot_count; i++)
        slot_clear(&loader->slots[i], loader->batch_size);
    loader->epoch = epoch;
    set_order(loader, epoch);
    loader->begin = loader->next = loader->given = loader->kept = position;
    pthread_cond_broadcast(&loader->work);
    pthread_mutex_unlock(&loader->lock);
    return PIXCL_OK;
}

pixcl_status px_loader_next(px_loader *loader, const px_batch **batch, pixcl_error *err)
{
    pixcl_status status = PIXCL_OK;
    *batch = NULL;
    pthread_mutex_lock(&loader->lock);
    loader->kept = loader->given; /* what was given out last may be filled anew */
    pthread_cond_broadcast(&loader->work);
    if (loader->given < loader->count) {
        slot *s = slot_of(loader, loader->given);
        double before = px_now();
        while (loader->next <= loader->given || s->pending > 0)
            pthread_cond_wait(&loader->done, &loader->lock);
        loader->waited += px_now() - before;
        if (s->failed >= 0) {
            status = px_fail(err, s->error.status, "%s", s->error.message);
        } else {
            loader->given += (size_t)s->batch.count;
            *batch = &s->batch;
        }
    }
    pthread_mutex_unlock(&loader->lock);
    return status;
}

size_t px_loader_position(const px_loader *loader)
{
    return loader->given;
}

double px_loader_wait_seconds(const px_loader *loader)
{
    return loader->waited;
}
