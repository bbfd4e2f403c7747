/* base/format and what stands on it, in a locale that writes 1,5: numbers are still those of the C locale, and the
 * locale is the host's again afterwards. Skipped where the C library has neither localedef nor the locales of
 * Windows. */
#include <locale.h>

#include "base/format.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os.h"
#include "options/fields.h"
#include "temp_folder.h"
#include "listen.h"

static bool comma; /* the process is in the locale */

static int enter_locale(void **state)
{
    if (temp_folder_make(state) != 0)
        return -1;
    char command[512];
    snprintf(command, sizeof command, "localedef -c -f %s/comma.charmap -i %s/comma.locale %s 2>%s", PX_TEST_DATA,
             PX_TEST_DATA, in_temp("comma"), in_temp("warnings"));
    int code = system(command); /* not 0: it warns of what the locale lacks */
    (void)code;
    px_os_set_variable("LOCPATH", temp_folder);
    comma = setlocale(LC_ALL, "comma") || setlocale(LC_ALL, "German_Germany.1252"); /* Windows brings that */
    return 0;
}

/* Else a test shows nothing; also that the library's calls before left the locale as it was. */
static void need_comma(void)
{
    char text[8];
    if (!comma)
        skip();
    snprintf(text, sizeof text, "%g", 1.5);
    assert_string_equal(text, "1,5");
}

static void texts(void **state)
{
    (void)state;
    need_comma();
    char text[32], *end;
    assert_int_equal(px_snprintf(text, sizeof text, "%a|%g|%.2f", 1.5, -0.25, 1e3), 22);
    assert_string_equal(text, "0x1.8p+0|-0.25|1000.00");
    assert_true(px_strtod("0x1.8p+0;", &end) == 1.5);
    assert_int_equal(*end, ';');
    assert_true(px_strtod("1,5", &end) == 1);
    assert_int_equal(*end, ',');

    px_text grown = {0};
    px_text_add(&grown, "%s %.1f", "x", 2.5);
    assert_string_equal(grown.data, "x 2.5");
    px_text_free(&grown);
    char *formatted = px_format(NULL, "%g", 0.5);
    assert_string_equal(formatted, "0.5");
    px_free(formatted);
    pixcl_error err = {0};
    px_fail(&err, PIXCL_ERROR_ARGUMENT, "--lr %g", 0.1);
    assert_string_equal(err.message, "--lr 0.1");
    need_comma();
}

static void keep(void *user, pixcl_log_level level, const char *message)
{
    (void)level;
    snprintf(user, 64, "%s, here %g", message, 1.5);
}

static void a_callback_is_in_the_host_s_locale(void **state)
{
    (void)state;
    need_comma();
    char heard[64] = "";
    listen(keep, heard, PIXCL_LOG_INFO);
    px_log(PIXCL_LOG_INFO, "%g", 0.5);
    listen(NULL, NULL, PIXCL_LOG_INFO);
    assert_string_equal(heard, "0.5, here 1,5");
}

static void json(void **state)
{
    (void)state;
    need_comma();
    const char expected[] = "{\"a\":0.1,\"b\":-2.5e-10,\"c\":3}";
    cJSON *object = px_json_parse(expected, strlen(expected), "here", NULL), *built = cJSON_CreateObject();
    assert_non_null(object);
    assert_true(cJSON_GetObjectItem(object, "b")->valuedouble == -2.5e-10);
    px_json_add_float(built, "a", 0.1f);
    cJSON_AddNumberToObject(built, "b", -2.5e-10);
    px_json_add_float(built, "c", 3);
    char *text = px_json_print(built, 0, NULL);
    assert_string_equal(text, expected);
    px_free(text);
    cJSON_Delete(object);
    cJSON_Delete(built);
    need_comma();
}

static void options(void **state)
{
    (void)state;
    need_comma();
    pixcl_error err = {0};
    pixcl_options o, back;
    char text[32];
    px_options_default(&o, PIXCL_FOR_TRAIN);
    assert_int_equal(pixcl_options_set(&o, "lr", "0.00015", &err), PIXCL_OK);
    assert_true(o.lr == 0.00015);
    assert_int_equal(pixcl_options_set(&o, "lr", "0,1", &err), PIXCL_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "e.g. 0.0002."));
    assert_int_equal(pixcl_options_get(&o, "lr", text, sizeof text, &err), PIXCL_OK);
    assert_string_equal(text, "0.00015");
    char *written = pixcl_options_to_json(&o, &err);
    assert_int_equal(px_options_from_json(&back, written, strlen(written), &err), PIXCL_OK);
    assert_true(back.lr == 0.00015);
    pixcl_free(written);
    need_comma();
}

static int leave_locale(void **state)
{
    setlocale(LC_ALL, "C");
    return temp_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(a_callback_is_in_the_host_s_locale),
                                       cmocka_unit_test(json), cmocka_unit_test(options)};
    return cmocka_run_group_tests(tests, enter_locale, leave_locale);
}
