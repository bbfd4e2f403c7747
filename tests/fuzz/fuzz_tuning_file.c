/* Any bytes as the tuning file of a device: as they are, and as what stands behind the lines that say which device,
 * driver, pixcl and kernels the file is of. */
#include "fuzz.h"

#include <string.h>

#include "base/memory.h"
#include "exec/opencl/tuning_file.h"
#include "plan/conv_method.h"

static const px_cl_device device = {.platform_name = "platform", .name = "device", .driver = "1.0"};

static px_tuning *parse(const void *bytes, size_t size)
{
    pixcl_error err = {.message = ""};
    px_tuning *tuning = px_tuning_parse(&device, bytes, size, "input", &err);
    MUST_HOLD(tuning || (err.status != PIXCL_OK && err.message[0]));
    return tuning;
}

static void check_entry(const px_tuning *tuning, const px_tuned *entry)
{
    const px_cut *c = &entry->cut;
    const int sizes[] = {c->width, c->channels, c->rows, c->blocks, c->scalars, c->vectors, c->splits};
    MUST_HOLD(px_tuning_find(tuning, &entry->problem) == c); /* once */
    MUST_HOLD(px_cut_check(&entry->problem, c, NULL) == PIXCL_OK);
    MUST_HOLD(*px_conv_algorithm_name(c->algorithm));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        MUST_HOLD(sizes[i] >= 0);
}

static void check_round_trip(const px_tuning *tuning)
{
    char *text = px_tuning_print(&device, tuning, NULL);
    px_tuning *again = text ? parse(text, strlen(text)) : NULL;
    char *text_again = again ? px_tuning_print(&device, again, NULL) : NULL;
    MUST_HOLD(text && again && text_again);
    MUST_HOLD(again->count == tuning->count && strcmp(text, text_again) == 0);
    for (size_t i = 0; i < tuning->count; i++) {
        const px_cut *cut = px_tuning_find(again, &tuning->entries[i].problem);
        MUST_HOLD(cut && memcmp(cut, &tuning->entries[i].cut, sizeof *cut) == 0);
    }
    px_free(text_again);
    px_tuning_destroy(&again);
    px_free(text);
}

static void try_bytes(const void *bytes, size_t size)
{
    px_tuning *tuning = parse(bytes, size);
    for (size_t i = 0; tuning && i < tuning->count; i++)
        check_entry(tuning, &tuning->entries[i]);
    if (tuning)
        check_round_trip(tuning);
    px_tuning_destroy(&tuning);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *empty;
    if (!empty) {
        const px_tuning none = {.count = 0};
        empty = px_tuning_print(&device, &none, NULL);
        MUST_HOLD(empty);
    }
    px_fuzz_behind(empty, "\"entries\"", data, size, try_bytes);
    return 0;
}
