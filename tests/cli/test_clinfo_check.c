/* clinfo-check as a person or a script uses it. argv[1] is the command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/json.h"

static const char *command;
static char output[1 << 16];

/* Runs `environment command arguments redirection` in a shell and returns its exit code; what it printed is in
 * `output`. */
static int run(const char *environment, const char *arguments, const char *redirection)
{
    char line[1024];
    size_t length;
    int state;
    FILE *pipe;

    snprintf(line, sizeof line, "%s '%s' %s %s", environment, command, arguments, redirection);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    length = fread(output, 1, sizeof output - 1, pipe);
    output[length] = '\0';
    state = pclose(pipe);
    assert_true(WIFEXITED(state));
    return WEXITSTATUS(state);
}

static cJSON *parse(void)
{
    pixcl_error err = {0};
    cJSON *json = px_json_parse(output, strlen(output), "clinfo-check --json", &err);

    if (!json)
        fail_msg("%s", err.message);
    return json;
}

static void a_usable_device_is_tested_and_chosen(void **state)
{
    const cJSON *chosen, *device, *value;
    cJSON *json;

    (void)state;
    assert_int_equal(run("", "--json", "2>/dev/null"), 0);
    json = parse();
    chosen = cJSON_GetObjectItem(json, "chosen");
    assert_true(cJSON_IsNumber(chosen));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "error")));
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(json, "platforms")) >= 1);
    device = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "devices"), chosen->valueint);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(device, "usable")));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(device, "default")));
    assert_string_equal(cJSON_GetObjectItem(device, "selftest")->valuestring, "passed");
    assert_true(strlen(cJSON_GetObjectItem(device, "name")->valuestring) > 0);
    value = cJSON_GetObjectItem(device, "gflops");
    assert_true(cJSON_IsNumber(value) && value->valuedouble > 0);
    value = cJSON_GetObjectItem(device, "gbps");
    assert_true(cJSON_IsNumber(value) && value->valuedouble > 0);
    assert_true(cJSON_GetObjectItem(device, "max_allocation")->valuedouble > 0);
    cJSON_Delete(json);
}

static void the_text_names_the_default_and_how_to_ask_for_it(void **state)
{
    (void)state;
    assert_int_equal(run("", "--quick", "2>&1"), 0);
    assert_non_null(strstr(output, "<- default"));
    assert_non_null(strstr(output, "\nDefault: "));
    assert_non_null(strstr(output, "--device 0"));
    assert_null(strstr(output, "self-test"));
}

static void verbose_adds_what_kernel_builds_say(void **state)
{
    (void)state;
    assert_int_equal(run("", "--device 0", "2>&1"), 0);
    assert_non_null(strstr(output, "self-test"));
    assert_null(strstr(output, "built kernel"));
    assert_int_equal(run("", "--device 0 --verbose", "2>&1 >/dev/null"), 0);
    assert_non_null(strstr(output, "built kernel probe in "));
}

static void a_device_can_be_asked_for(void **state)
{
    cJSON *json;

    (void)state;
    assert_int_equal(run("", "--quick --json --device 0", "2>/dev/null"), 0);
    json = parse();
    assert_int_equal(cJSON_GetObjectItem(json, "chosen")->valueint, 0);
    cJSON_Delete(json);
    assert_int_equal(run("PIXCL_DEVICE=0", "--quick", "2>&1"), 0);
    assert_non_null(strstr(output, "<- chosen"));
    assert_int_equal(run("", "--quick --device=no_such_device", "2>&1 >/dev/null"), 2);
    assert_non_null(strstr(output, "--device no_such_device: there is no such device. There are: 0: "));
}

static void limits_can_be_lowered(void **state)
{
    cJSON *json;

    (void)state;
    assert_int_equal(run("PIXCL_MAX_WORK_GROUP=16 PIXCL_MAX_ALLOCATION=1000000", "--json --device 0", "2>/dev/null"),
                     0);
    json = parse();
    assert_int_equal(
        cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "devices"), 0), "max_work_group")->valueint,
        16);
    cJSON_Delete(json);
}

/* Two devices of PoCL: one core, and all of them. Which is faster is theirs to tell; the default must follow. */
static void the_default_follows_the_steps(void **state)
{
    static const char two[] = "POCL_DEVICES='basic pthread' PIXCL_TUNE=on PIXCL_DEVICE= PIXCL_CACHE_DIR=";
    char folder[] = "/tmp/pixcl-test-XXXXXX", environment[128], remove[64];
    double seconds[2];
    cJSON *json;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(environment, sizeof environment, "%s%s", two, folder);
    assert_int_equal(run(environment, "--quick", "2>&1"), 0);
    assert_non_null(strstr(output, "\nWhy: highest estimated speed"));
    assert_non_null(strstr(output, "clinfo-check --step"));
    assert_int_equal(run(environment, "--quick --json --step cycle_gan --crop_size=32", "2>/dev/null"), 0);
    json = parse();
    for (int i = 0; i < 2; i++) {
        const cJSON *device = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "devices"), i);
        const cJSON *step = cJSON_GetArrayItem(cJSON_GetObjectItem(device, "steps"), 0);

        assert_string_equal(cJSON_GetObjectItem(step, "model")->valuestring, "cycle_gan");
        assert_int_equal(cJSON_GetObjectItem(step, "crop_size")->valueint, 32);
        seconds[i] = cJSON_GetObjectItem(step, "seconds")->valuedouble;
        assert_true(seconds[i] > 0);
    }
    assert_int_equal(cJSON_GetObjectItem(json, "chosen")->valueint, seconds[1] < seconds[0]);
    assert_non_null(strstr(cJSON_GetObjectItem(json, "why")->valuestring, "fastest measured step"));
    cJSON_Delete(json);
    /* later, and in other commands, the same; but not with PIXCL_TUNE=off */
    assert_int_equal(run(environment, "--quick", "2>&1"), 0);
    assert_non_null(strstr(output, "\nWhy: fastest measured step"));
    assert_null(strstr(output, "clinfo-check --step"));
    snprintf(environment, sizeof environment, "PIXCL_TUNE=off %.90s%s", strstr(two, "PIXCL_DEVICE="), folder);
    assert_int_equal(run(environment, "--quick --json", "2>/dev/null"), 0);
    assert_null(strstr(output, "fastest measured step"));
    assert_null(strstr(output, "cycle_gan"));
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    assert_int_equal(system(remove), 0);
}

static void a_step_that_fails_costs_its_device_only(void **state)
{
    (void)state;
    assert_int_equal(run("PIXCL_MEMORY_LIMIT=1000000", "--quick --step cycle_gan --crop_size 32", "2>&1"), 0);
    assert_non_null(strstr(output, "A training step of cycle_gan at 32x32:"));
    assert_non_null(strstr(output, "not timed"));
    assert_non_null(strstr(output, "the plan needs"));
    assert_non_null(strstr(output, "<- default"));
    assert_int_equal(run("", "--step pix2pixel", "2>&1"), 2);
    assert_non_null(strstr(output, "pix2pix"));
    assert_int_equal(run("", "--step", "2>&1"), 2);
    assert_non_null(strstr(output, "--step needs a value"));
    assert_int_equal(run("", "--crop_size 64", "2>&1"), 2);
    assert_non_null(strstr(output, "--crop_size is for --step"));
    assert_int_equal(run("", "--step pix2pix --crop_size 100", "2>&1"), 2);
    assert_non_null(strstr(output, "100"));
}

static void without_a_driver_the_cure_is_named(void **state)
{
    cJSON *json;

    (void)state;
    assert_int_equal(run("OCL_ICD_VENDORS=/nonexistent", "", "2>&1"), 3);
    assert_non_null(strstr(output, "No OpenCL driver that works."));
    assert_non_null(strstr(output, "Driver /nonexistent, not used: it cannot be loaded: /nonexistent: cannot open"));
    assert_non_null(strstr(output, "an OpenCL driver: for any CPU "));
    assert_int_equal(run("OCL_ICD_VENDORS=/nonexistent", "--json --quick", "2>/dev/null"), 3);
    json = parse();
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "chosen")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "devices")), 0);
    assert_non_null(strstr(cJSON_GetObjectItem(json, "error")->valuestring, "for any CPU "));
    cJSON_Delete(json);
}

static void wrong_usage_is_told(void **state)
{
    (void)state;
    assert_int_equal(run("", "--jsn", "2>&1"), 2);
    assert_non_null(strstr(output, "clinfo-check: Unknown option --jsn; did you mean --json?"));
    assert_int_equal(run("", "--device", "2>&1"), 2);
    assert_non_null(strstr(output, "--device needs a value"));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(run("", i == 0 ? "--help" : "-h", "2>&1"), 0);
        assert_non_null(strstr(output, "Usage: clinfo-check"));
        assert_non_null(strstr(output, "Exit code"));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usable_device_is_tested_and_chosen),
        cmocka_unit_test(the_text_names_the_default_and_how_to_ask_for_it),
        cmocka_unit_test(verbose_adds_what_kernel_builds_say),
        cmocka_unit_test(a_device_can_be_asked_for),
        cmocka_unit_test(limits_can_be_lowered),
        cmocka_unit_test(the_default_follows_the_steps),
        cmocka_unit_test(a_step_that_fails_costs_its_device_only),
        cmocka_unit_test(without_a_driver_the_cure_is_named),
        cmocka_unit_test(wrong_usage_is_told),
    };

    if (argc < 2) {
        fprintf(stderr, "usage: %s path/to/clinfo-check\n", argv[0]);
        return 2;
    }
    command = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
