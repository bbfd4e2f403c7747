/* Any bytes as the pickle of a .pth file, with storages of whatever size it names: what a zip archive's checksums
 * would keep the fuzzer from reaching. */
#include "fuzz.h"

#include "base/memory.h"
#include "store/pth_state.h"

/* Storages of zeros, unless they would take too much; then there is nothing to place. */
static bool fill_storages(px_tensor_file *file, px_pth_state *state)
{
    for (size_t i = 0; i < state->storage_count; i++) {
        if (state->storages[i].count > 100000)
            return false;
        state->storages[i].data =
            px_tensor_file_block(file, state->storages[i].count * px_dtype_size(state->storages[i].dtype), NULL);
        if (!state->storages[i].data)
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pixcl_error err = {0};
    px_tensor_file *file = px_calloc(1, sizeof *file, NULL);
    px_pickle pickle = {0};
    px_pth_state state = {0};

    if (!file)
        return 0;
    file->source = px_strdup("fuzz", NULL);
    if (px_pickle_parse(data, size, px_pth_globals, "fuzz", &pickle, NULL, &err) == PIXCL_OK &&
        px_pth_collect(&pickle, "fuzz", &state, &err) == PIXCL_OK && fill_storages(file, &state))
        px_pth_place(file, &state, &err);
    for (size_t i = 0; i < file->list.count; i++) {
        const px_tensor *tensor = &file->list.tensors[i];
        const volatile uint8_t *bytes = tensor->data;

        for (size_t b = 0; b < px_tensor_bytes(tensor); b++) /* reads what it says is there */
            (void)bytes[b];
    }
    px_pth_state_free(&state);
    px_pickle_free(&pickle);
    px_tensor_file_close(&file);
    return 0;
}
