/* Uploads that do not wait: neither the host's memory of one nor the buffer ahead of its place is used anew before it
 * is done. The queue is held meanwhile by an event of the test's own. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "device_fixture.h"
#include "exec/opencl/transfer.h"

enum { A_WHILE = 50 * 1000 /* microseconds: what does not wait is long done */, PLACES = 4 };

static atomic_bool opened;

static void *open_gate(void *gate)
{
    usleep(A_WHILE);
    atomic_store(&opened, true);
    clSetUserEventStatus(gate, CL_COMPLETE);
    return NULL;
}

/* Holds the device's queue until open_gate(). */
static cl_event hold(void)
{
    cl_event gate = clCreateUserEvent(device->context, NULL);
    assert_non_null(gate);
    assert_int_equal(clEnqueueBarrierWithWaitList(device->queue, 1, &gate, NULL), CL_SUCCESS);
    atomic_store(&opened, false);
    return gate;
}

static cl_mem make_buffer(size_t floats)
{
    cl_mem buffer = clCreateBuffer(device->context, CL_MEM_READ_WRITE, floats * sizeof(float), NULL, NULL);
    assert_non_null(buffer);
    return buffer;
}

/* Uploads a number to a place of its own. */
static void upload(px_staging *staging, cl_command_queue uploads, cl_mem buffer, int place)
{
    const px_place to = {.queue = device->queue, .buffer = buffer, .offset = (size_t)place * sizeof(float)};
    float *slot = px_staging_acquire(staging, 1, NULL);
    assert_non_null(slot);
    *slot = (float)(place + 1);
    assert_int_equal(px_staging_upload(staging, uploads, &to, sizeof(float), NULL), PIXCL_OK);
}

static void expect_numbers(cl_mem buffer, int count)
{
    float found[PLACES];
    assert_int_equal(
        clEnqueueReadBuffer(device->queue, buffer, CL_TRUE, 0, (size_t)count * sizeof(float), found, 0, NULL, NULL),
        CL_SUCCESS);
    for (int i = 0; i < count; i++)
        assert_true(found[i] == (float)(i + 1));
}

static void memory_that_is_not_sent_yet_stays(void **state)
{
    px_staging staging = {.next = 0};
    cl_mem buffer = make_buffer(PLACES);
    pthread_t thread;
    cl_event gate = hold();

    (void)state;
    for (int i = 0; i < PX_STAGING_SLOTS; i++)
        upload(&staging, NULL, buffer, i);
    assert_int_equal(clFlush(device->queue), CL_SUCCESS);
    assert_int_equal(pthread_create(&thread, NULL, open_gate, gate), 0);
    assert_non_null(px_staging_acquire(&staging, 1, NULL)); /* the first one's */
    assert_true(atomic_load(&opened));
    upload(&staging, NULL, buffer, PX_STAGING_SLOTS);
    pthread_join(thread, NULL);
    expect_numbers(buffer, PX_STAGING_SLOTS + 1);
    px_staging_free(&staging);
    clReleaseEvent(gate);
    clReleaseMemObject(buffer);
}

static void a_buffer_ahead_that_is_not_empty_stays(void **state)
{
    px_staging staging = {.next = 0};
    cl_command_queue uploads = clCreateCommandQueue(device->context, device->id, 0, NULL);
    cl_mem buffer = make_buffer(PLACES);
    cl_event gate = hold();

    (void)state;
    assert_non_null(uploads);
    for (int i = 0; i < PX_UPLOADS_AHEAD; i++)
        staging.ahead[i] = make_buffer(1);
    for (int i = 0; i < PX_UPLOADS_AHEAD + 1; i++)
        upload(&staging, uploads, buffer, i);
    open_gate(gate);
    expect_numbers(buffer, PX_UPLOADS_AHEAD + 1);
    px_staging_free(&staging);
    clReleaseEvent(gate);
    clReleaseMemObject(buffer);
    clReleaseCommandQueue(uploads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_that_is_not_sent_yet_stays),
                                       cmocka_unit_test(a_buffer_ahead_that_is_not_empty_stays)};
    _Static_assert((int)PX_STAGING_SLOTS < (int)PLACES && (int)PX_UPLOADS_AHEAD < (int)PX_STAGING_SLOTS,
                   "places for all");
    return cmocka_run_group_tests(tests, open_device, close_device);
}
