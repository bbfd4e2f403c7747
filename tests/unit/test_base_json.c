/* base/json: errors that say where, and floats that come back with the same bits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/rng.h"

/* {"x":value} as text (px_free). */
static char *print_float(float value)
{
    cJSON *json = cJSON_CreateObject();
    char *text;

    assert_non_null(px_json_add_float(json, "x", value));
    text = px_json_print(json, 0, NULL);
    assert_non_null(text);
    cJSON_Delete(json);
    return text;
}

static void floats_are_short(void **state)
{
    static const struct {
        float value;
        const char *text;
    } cases[] = {
        {0.1f, "{\"x\":0.1}"},
        {0.0f, "{\"x\":0}"},
        {-0.0f, "{\"x\":-0}"},
        {1.0f / 3, "{\"x\":0.33333334}"},
        {16777216.0f, "{\"x\":16777216}"},
        {NAN, "{\"x\":\"nan\"}"},
        {INFINITY, "{\"x\":\"inf\"}"},
        {-INFINITY, "{\"x\":\"-inf\"}"},
        {2e-4f, "{\"x\":0.0002}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = print_float(cases[i].value);

        assert_string_equal(text, cases[i].text);
        px_free(text);
    }
}

static void floats_come_back_with_the_same_bits(void **state)
{
    px_rng rng = {.seed = 1, .stream = 1};
    pixcl_error err = {0};

    (void)state;
    for (int i = 0; i < 5000; i++) {
        uint32_t bits = i == 0 ? 1 : i == 1 ? 0x7f7fffff : px_rng_u32(&rng); /* least and greatest, then any */
        float value, back;
        char *text;
        cJSON *json;

        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        text = print_float(value);
        json = px_json_parse(text, strlen(text), "test", &err);
        assert_non_null(json);
        back = (float)cJSON_GetObjectItemCaseSensitive(json, "x")->valuedouble;
        assert_memory_equal(&back, &value, sizeof back);
        cJSON_Delete(json);
        px_free(text);
    }
}

static void damaged_json_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", "empty"}, {"{\"a\": 1,, }", "byte 9 of 11"}, {"{} x", "byte 3 of 4"}, {"[1, 2", "of 5"}, {"  ", "byte"},
    };
    pixcl_error err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        err = (pixcl_error){0};
        assert_null(px_json_parse(cases[i].text, strlen(cases[i].text), "some.json", &err));
        assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
        assert_non_null(strstr(err.message, "some.json"));
        assert_non_null(strstr(err.message, cases[i].expected));
    }
    assert_null(px_json_parse("{}\0{}", 5, "some.json", &err)); /* a NUL is not white space */
    assert_null(px_json_parse("{", 1, "some.json", NULL));
}

static void deep_nesting_does_not_exhaust_the_stack(void **state)
{
    enum { DEPTH = 1000000 };
    char *text = malloc(DEPTH);
    pixcl_error err = {0};

    (void)state;
    memset(text, '[', DEPTH);
    assert_null(px_json_parse(text, DEPTH, "deep.json", &err));
    assert_int_equal(err.status, PIXCL_ERROR_FORMAT);
    free(text);
}

static void print_reports_a_failed_allocation(void **state)
{
    cJSON *json = cJSON_CreateObject();
    pixcl_error err = {0};
    char *text;

    (void)state;
    px_fail_allocation(1);
    assert_null(px_json_print(json, 0, &err));
    assert_int_equal(err.status, PIXCL_ERROR_MEMORY);
    text = px_json_print(json, 1, &err);
    assert_non_null(text);
    px_free(text);
    cJSON_Delete(json);
}

static void whole_numbers_make_an_array_of_any_length(void **state)
{
    static const int values[] = {3, -1};
    static const char *const texts[] = {"[]", "[3]", "[3,-1]"};

    (void)state;
    for (int count = 0; count <= 2; count++) {
        cJSON *json = px_json_ints(values, count);
        char *text = px_json_print(json, 0, NULL);

        assert_string_equal(text, texts[count]);
        px_free(text);
        cJSON_Delete(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_are_short),
        cmocka_unit_test(floats_come_back_with_the_same_bits),
        cmocka_unit_test(damaged_json_is_refused_with_its_place),
        cmocka_unit_test(deep_nesting_does_not_exhaust_the_stack),
        cmocka_unit_test(whole_numbers_make_an_array_of_any_length),
        cmocka_unit_test(print_reports_a_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
