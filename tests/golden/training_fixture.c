#include "golden/training_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "weights/session.h"

/* The configuration's names are those of options. */
static void read_options(training_fixture *f)
{
    pixcl_error err = {0};
    const cJSON *item;

    px_options_default(&f->options, PIXCL_FOR_TRAIN);
    pixcl_options_set(&f->options, "no_dropout", NULL, NULL); /* PyTorch's random numbers are others */
    cJSON_ArrayForEach(item, training_fixture_field(f, f->json, "config"))
    {
        char number[40];
        snprintf(number, sizeof number, "%.15g", item->valuedouble);
        const char *text = cJSON_IsString(item) ? item->valuestring : cJSON_IsTrue(item) ? "true" : number;
        if (pixcl_options_set(&f->options, item->string, text, &err) != PIXCL_OK)
            fail_msg("%s: %s", f->name, err.message);
    }
    const pixcl_options *o = &f->options;
    f->model = px_model_options_of(o, o->batch_size, o->crop_size, o->crop_size);
}

void training_fixture_open(training_fixture *f, const char *name)
{
    pixcl_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *path = px_path_join(PX_GOLDEN, name, &err);

    *f = (training_fixture){.name = name};
    if (!path || px_file_read(path, &bytes, &size, &err) != PIXCL_OK)
        fail_msg("%s", err.message);
    f->json = px_json_parse((const char *)bytes, size, path, &err);
    if (!f->json)
        fail_msg("%s", err.message);
    px_free(bytes);
    px_free(path);
    read_options(f);
}

void training_fixture_close(training_fixture *f)
{
    cJSON_Delete(f->json);
    f->json = NULL;
}

const cJSON *training_fixture_field(const training_fixture *f, const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!value)
        fail_msg("%s: has no %s", f->name, name);
    return value;
}

double training_fixture_number(const training_fixture *f, const cJSON *object, const char *name)
{
    return training_fixture_field(f, object, name)->valuedouble;
}
