/* Real devices, as their drivers describe them: class, choice, and plans within their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "device_fixtures.h"
#include "exec/opencl/exec.h"
#include "exec/opencl/select.h"
#include "exec/opencl/speed_guess.h"
#include "model_fixture.h"
#include "plan/plan.h"

static void every_device_is_usable_and_has_its_class(void **state)
{
    (void)state;
    assert_true(FIXTURES >= 25);
    for (int i = 0; i < FIXTURES; i++) {
        px_cl_description d = fixture_description(i);
        if (!d.usable || d.device_class != fixtures[i].device_class)
            fail_msg("%s: %s, %s", d.name, px_device_class_name(d.device_class), d.reason);
    }
}

/* The vendors' shader cores, times two, times the clock of the listing: exact where the driver tells units and clock,
 * and the lanes of a unit follow from an extension or the vendor. */
static void the_peak_is_that_of_the_shader_cores(void **state)
{
    static const struct {
        int device, cores;
    } known[] = {{HD_530, 192},
                 {IRIS_PRO, 320},
                 {GT_750M, 384},
                 {RADEON_PRO_450, 640},
                 {UHD_630, 192},
                 {HD_4000, 128},
                 {HASWELL_BEIGNET, 160},
                 {UHD_620, 192},
                 {IRIS_PLUS_655, 384},
                 {IRIS_XE, 768},
                 {UHD_770, 256},
                 {ARC_A370M, 1024},
                 {ARC_A770, 4096},
                 {ARC_B580, 2560},
                 {VEGA_8, 512},
                 {RENOIR, 512},
                 {RADEON_680M, 768},
                 {RAPHAEL_RUSTICL, 128},
                 {RX_480, 2304},
                 {VEGA_64, 4096},
                 {RX_6600_XT, 2048},
                 {GTX_1060, 1280},
                 {MX150, 384},
                 {QUADRO_T1000, 896},
                 {RTX_3060_LAPTOP, 3840},
                 {RTX_4090, 16384},
                 {H100, 14592},
                 {HD_4600, 160},
                 {GEN9_NEO, 192},
                 {IRIS_PRO_580, 576},
                 {I9_13900H_XE, 768},
                 {RTX_4070_LAPTOP, 4608},
                 {GTX_1650, 1024},
                 {RX_6700_XT_RUSTICL, 2560},
                 {RX_5500_XT, 1408},
                 {RX_7900_XTX, 6144}};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        px_cl_description d = fixture_description(known[i].device);
        double gflops = 2e-3 * known[i].cores * d.limits.clock_mhz, ratio = px_cl_guess_peak(&d) / gflops;
        if (ratio < 0.999 || ratio > 1.001)
            fail_msg("%s: %.0f GFLOP/s, not %.0f", d.name, gflops, px_cl_guess_peak(&d));
    }
}

/* GFLOP/s by vendor where the driver keeps the clock to itself, or lanes differ within a family. */
static void the_rest_is_of_the_right_size(void **state)
{
    static const struct {
        int device;
        double gflops;
    } known[] = {{APPLE_M1, 2610},         {APPLE_M2, 3580},      {MALI_G71, 330},
                 {MALI_G78, 1166},         {ADRENO_640, 898},     {ADRENO_650, 1203},
                 {RADEON_PRO_5500M, 4000}, {ADRENO_RUSTICL, 727}, {RADEON_PRO_560X, 2056}};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        px_cl_description d = fixture_description(known[i].device);
        double ratio = px_cl_guess_peak(&d) / known[i].gflops;
        if (ratio < 0.7 || ratio > 1.4)
            fail_msg("%s: %.0f GFLOP/s, not %.0f", d.name, known[i].gflops, px_cl_guess_peak(&d));
    }
}

/* The first of a machine's devices is the one to choose; the order that they are listed in must not matter. */
enum { MOST_TOGETHER = 4 };
static const int machines[][MOST_TOGETHER + 1] = {
    {RADEON_PRO_450, HD_530, -1},
    {GT_750M, IRIS_PRO, -1},
    {RADEON_PRO_5500M, UHD_630, -1},
    {I7_8565U_POCL, UHD_620, -1},
    {MX150, I7_8565U_POCL, UHD_620, -1},
    {IRIS_XE, I7_8565U_POCL, LLVMPIPE, -1},
    {ARC_A370M, IRIS_XE, I7_8565U_POCL, -1},
    {ARC_A770, UHD_770, RYZEN_7600X_POCL, -1},
    {RTX_3060_LAPTOP, RENOIR, RYZEN_5800H_INTEL, -1},
    {RENOIR, RYZEN_5800H_INTEL, -1},
    {RYZEN_7600X_POCL, RAPHAEL_RUSTICL, LLVMPIPE, -1},
    {RX_6600_XT, UHD_770, -1},
    {RX_480, UHD_770, -1},
    {RTX_4090, ARC_A770, UHD_770, -1},
    {H100, VEGA_64, RYZEN_7600X_POCL, LLVMPIPE, -1},
    {RADEON_680M, I7_8565U_POCL, -1},
    {QUADRO_T1000, UHD_630, -1},
    {VEGA_8, I7_8565U_POCL, -1},
    {I7_8565U_POCL, HD_4000, -1},
    {I7_8565U_POCL, LLVMPIPE, -1},
    {I7_8565U_POCL, HASWELL_BEIGNET, -1},
    {RADEON_PRO_560X, UHD_630, I7_8750H_APPLE, -1},
    {RTX_4070_LAPTOP, I9_13900H_XE, I9_13900H_INTEL, -1},
    {HD_4600, I5_4590_INTEL, -1},
    {RX_5500_XT, RYZEN_3600X_AMD, -1},
    {MALI_G610, CORTEX_A55_POCL, -1},
    {RX_6700_XT_RUSTICL, RYZEN_7600X_POCL, LLVMPIPE, -1},
    {RX_5700_XT, THREADRIPPER_POCL, UHD_770, -1},
};

static void the_best_of_a_machine_is_chosen(void **state)
{
    (void)state;
    for (size_t m = 0; m < sizeof machines / sizeof machines[0]; m++) {
        for (int backwards = 0; backwards < 2; backwards++) {
            px_cl_description devices[MOST_TOGETHER];
            px_cl_choice choice;
            pixcl_error err = {0};
            size_t count = 0;
            while (machines[m][count] >= 0)
                count++;
            for (size_t i = 0; i < count; i++)
                devices[i] = fixture_description(machines[m][backwards ? count - 1 - i : i]);
            assert_int_equal(px_cl_select(devices, NULL, count, NULL, &choice, &err), PIXCL_OK);
            if (choice.index != (backwards ? count - 1 : 0))
                fail_msg("%s is chosen, not %s", devices[choice.index].name, devices[backwards ? count - 1 : 0].name);
        }
    }
}

/* Whether a launch can be enqueued on the device. */
static void check_launch(const px_cl_description *d, const px_plan *plan, const px_launch *launch)
{
    size_t group = 1, local = 0;
    for (int k = 0; launch->type == PX_LAUNCH_KERNEL && k < 3; k++) {
        group *= launch->local[k] > 0 ? launch->local[k] : 1;
        if (launch->local[k] > d->limits.max_item_sizes[k])
            fail_msg("%s: %s has groups of %zu, and %zu may be along dimension %d", d->name, launch->label,
                     launch->local[k], d->limits.max_item_sizes[k], k);
        if (launch->local[k] > 0 && launch->global[k] % launch->local[k] != 0)
            fail_msg("%s: %s has groups of %zu in %zu", d->name, launch->label, launch->local[k], launch->global[k]);
    }
    for (int a = 0; a < launch->arg_count; a++) {
        const px_arg *arg = &px_args_of(plan, launch)[a];
        local += arg->type == PX_ARG_LOCAL ? 4 * (size_t)arg->i : 0;
    }
    if (group > d->limits.max_work_group || local > d->limits.local_memory)
        fail_msg("%s: %s has groups of %zu with %zu bytes", d->name, launch->label, group, local);
}

/* Memory that CLBlast would ask for is left out: how much that is only CLBlast knows. */
static void expect_fit(int which, const px_training *t, const char *model)
{
    px_cl_description d = fixture_description(which);
    px_target target = px_cl_target_of(d.device_class, &d.limits);
    pixcl_error err = {0};
    px_plan *plan = px_plan_create(t->graph, &target, &err);
    if (!plan && err.status == PIXCL_ERROR_MEMORY) {
        assert_non_null(strstr(err.message, "choose another --device"));
        target.memory = SIZE_MAX;
        plan = px_plan_create(t->graph, &target, &err);
        assert_true(plan && plan->bytes > d.limits.global_memory);
        px_plan_destroy(&plan);
        return;
    }
    if (!plan)
        fail_msg("%s, %s: %s", d.name, model, err.message);
    assert_true(plan->bytes <= d.limits.global_memory);
    for (size_t c = 0; c < plan->chunk_count; c++)
        assert_true(plan->chunks[c] * 4 <= d.limits.max_allocation);
    for (size_t l = 0; l < plan->launch_count; l++)
        check_launch(&d, plan, &plan->launches[l]);
    px_plan_destroy(&plan);
}

static void pix2pix_fits_every_device(void **state)
{
    px_model_options o = defaults();
    px_training *t = pix2pix(&o);
    (void)state;
    for (int i = 0; i < FIXTURES; i++)
        expect_fit(i, t, "pix2pix");
    px_training_destroy(&t);
}

static void cycle_gan_fits_or_says_that_memory_is_short(void **state)
{
    pixcl_error err = {0};
    px_model_options o = defaults();
    (void)state;
    o.model = PX_MODEL_CYCLE_GAN;
    o.netG = "resnet_9blocks";
    o.norm = PX_NORM_INSTANCE;
    o.dropout = false;
    o.gan_mode = PX_GAN_LSGAN;
    o.lambda_A = o.lambda_B = 10;
    o.lambda_identity = 0.5f;
    o.pool_size = 50;
    px_training *t = px_training_create(&o, &err);
    if (!t)
        fail_msg("%s", err.message);
    for (int i = 0; i < FIXTURES; i++)
        expect_fit(i, t, "cycle_gan");
    /* What it is for: 1.6 GB suffice, 0.9 GB do not. */
    for (int small = 0; small < 2; small++) {
        px_cl_description d = fixture_description(small ? VEGA_8 : HD_530);
        px_target target = px_cl_target_of(d.device_class, &d.limits);
        px_plan *plan = px_plan_create(t->graph, &target, &err);
        assert_true((plan == NULL) == (small == 1));
        px_plan_destroy(&plan);
    }
    px_training_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_device_is_usable_and_has_its_class),
        cmocka_unit_test(the_peak_is_that_of_the_shader_cores),
        cmocka_unit_test(the_rest_is_of_the_right_size),
        cmocka_unit_test(the_best_of_a_machine_is_chosen),
        cmocka_unit_test(pix2pix_fits_every_device),
        cmocka_unit_test(cycle_gan_fits_or_says_that_memory_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
