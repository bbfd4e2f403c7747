/* Any bytes as a file of tensors: opened by content, everything in it looked at. */
#include "fuzz.h"

#include "base/memory.h"
#include "store/tensor_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pixcl_error err = {0};
    px_tensor_file *file = px_tensor_file_parse(data, size, "fuzz", &err);

    MUST_HOLD(file || (err.status != PIXCL_OK && err.message[0]));
    for (size_t i = 0; file && i < px_tensor_file_count(file); i++) {
        const px_tensor *tensor = px_tensor_file_at(file, i);
        float *values = px_calloc(tensor->count, sizeof *values, NULL);

        MUST_HOLD(px_tensor_file_find(file, tensor->name) == tensor);
        if (values) /* reads every byte of the data */
            px_tensor_file_get_f32(file, tensor->name, tensor->rank, tensor->shape, values, NULL);
        px_free(values);
    }
    px_tensor_file_close(&file);
    return 0;
}
