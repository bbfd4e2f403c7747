/* From checkpoints to files of single networks, and between safetensors and .pth. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/context.h"
#include "base/memory.h"
#include "pixcl/checkpoint.h"
#include "store/tensor_writer.h"
#include "weights/checkpoint.h"
#include "weights/names.h"
#include "weights/onnx.h"

/* Both the word for --format and the extension. */
static const char *const format_names[] = {[PX_SAFETENSORS] = "safetensors", [PX_PTH] = "pth"};

typedef struct conversion {
    const px_tensor_file *file;
    const char *to;
    const pixcl_convert_params *params;
} conversion;

/* False when the name of a file ends with no format's extension. */
static bool format_of_name(const char *path, px_tensor_format *format)
{
    const char *extension = px_path_extension(path);
    for (int i = 0; i < 2; i++) {
        if (*extension && strcasecmp(extension + 1, format_names[i]) == 0) {
            *format = (px_tensor_format)i;
            return true;
        }
    }
    return false;
}

/* params->format, or `otherwise`. */
static pixcl_status choose_format(const conversion *c, px_tensor_format otherwise, px_tensor_format *format,
                                  pixcl_error *err)
{
    const char *word = c->params->format;
    *format = otherwise;
    if (!word || !*word)
        return PIXCL_OK;
    for (int i = 0; i < 2; i++) {
        if (strcmp(word, format_names[i]) == 0) {
            *format = (px_tensor_format)i;
            return PIXCL_OK;
        }
    }
    return px_fail(err, PIXCL_ERROR_ARGUMENT, "Invalid format \"%.80s\": expected pth, safetensors or onnx.", word);
}

/* Whether ONNX is asked for, by --format or by the name of the target. */
static bool is_onnx(const conversion *c)
{
    const char *word = c->params->format;
    return word && *word ? strcmp(word, "onnx") == 0 : strcasecmp(px_path_extension(c->to), ".onnx") == 0;
}

/* A folder that is there, or a name that is no weights file's. */
static bool is_folder_name(const char *path)
{
    px_tensor_format unused;
    return px_path_is_folder(path) || !format_of_name(path, &unused);
}

static pixcl_status commit(const conversion *c, px_tensor_writer **writer, const char *path, size_t tensors,
                           pixcl_error *err)
{
    pixcl_status status = px_tensor_writer_commit(writer, NULL, NULL, err);
    if (status == PIXCL_OK && c->params->written)
        c->params->written(c->params->user, path, tensors);
    return status;
}

/* PyTorch counts batches beside every running_var, behind it in the state_dict. */
static pixcl_status declare_count(px_tensor_writer *writer, const char *key, const int64_t *passes, size_t *tensors,
                                  pixcl_error *err)
{
    static const char behind[] = "running_var", name[] = "num_batches_tracked";
    size_t length = strlen(key), end = sizeof behind - 1;
    if (length < end || strcmp(key + length - end, behind) != 0)
        return PIXCL_OK;
    char *count = px_format(err, "%.*s%s", (int)(length - end), key, name);
    pixcl_status status =
        count ? px_tensor_writer_declare(writer, count, PX_DTYPE_I64, 0, NULL, passes, err) : PIXCL_ERROR_MEMORY;
    px_free(count);
    (*tensors)++;
    return status;
}

/* The state_dict of one network, in the order of the checkpoint, which is the reference's. */
static pixcl_status write_network(const conversion *c, const char *net, px_tensor_format format, int64_t passes,
                                  pixcl_error *err)
{
    char *path = px_net_path(c->to, net, format_names[format], err);
    px_tensor_writer *writer = path ? px_tensor_writer_create(path, format, err) : NULL;
    pixcl_status status = writer ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    size_t tensors = 0;
    for (size_t i = 0; status == PIXCL_OK && i < px_tensor_file_count(c->file); i++) {
        const px_tensor *tensor = px_tensor_file_at(c->file, i);
        char of[PX_NET_NAME_SIZE];
        const char *key = px_name_split(tensor->name, of);
        if (!key || strcmp(of, net) != 0 || px_key_part_of(key) == PX_KEY_MOMENT)
            continue;
        status = px_tensor_file_verify(c->file, tensor, err);
        if (status == PIXCL_OK)
            status =
                px_tensor_writer_declare(writer, key, tensor->dtype, tensor->rank, tensor->shape, tensor->data, err);
        if (status == PIXCL_OK)
            status = declare_count(writer, key, &passes, &tensors, err);
        tensors++;
    }
    if (status == PIXCL_OK)
        status = commit(c, &writer, path, tensors, err);
    px_tensor_writer_abandon(&writer);
    px_free(path);
    return status;
}

static pixcl_status convert_checkpoint(const conversion *c, pixcl_error *err)
{
    px_run_state state;
    pixcl_options options;
    px_tensor_format format;
    px_net_names nets = {.count = 0};
    if (!is_folder_name(c->to))
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "%s holds several networks, and %s is the name of one file: name a folder, which gets one file "
                       "for each network.",
                       px_tensor_file_source(c->file), c->to);
    pixcl_status status = choose_format(c, PX_PTH, &format, err);
    if (status == PIXCL_OK)
        status = px_checkpoint_read(c->file, &options, &state, err);
    if (status == PIXCL_OK)
        status = px_make_folders(c->to, err);
    for (size_t i = 0; status == PIXCL_OK && i < px_tensor_file_count(c->file); i++)
        px_net_names_add(&nets, px_tensor_file_at(c->file, i)->name);
    for (int i = 0; status == PIXCL_OK && i < nets.count; i++)
        status =
            write_network(c, nets.names[i], format, (int64_t)state.step * px_net_passes(&options, nets.names[i]), err);
    return status;
}

/* Where any other file goes and in which form. */
static pixcl_status choose_target(const conversion *c, char **path, px_tensor_format *format, pixcl_error *err)
{
    const char *source = px_tensor_file_source(c->file), *name = px_path_name(source);
    bool is_safetensors = strcmp(px_tensor_file_format(c->file), "safetensors") == 0;
    px_tensor_format by_name = is_safetensors ? PX_PTH : PX_SAFETENSORS;
    bool folder = is_folder_name(c->to);
    if (!folder)
        format_of_name(c->to, &by_name);
    pixcl_status status = choose_format(c, by_name, format, err);
    if (status == PIXCL_OK && !folder && *format != by_name)
        return px_fail(err, PIXCL_ERROR_ARGUMENT, "--format %s contradicts --to %s: leave the option out.",
                       format_names[*format], c->to);
    if (status == PIXCL_OK && folder)
        status = px_make_folders(c->to, err);
    if (status != PIXCL_OK)
        return status;
    *path =
        folder ? px_format(err, "%s/%.*s.%s", c->to, (int)(px_path_extension(name) - name), name, format_names[*format])
               : px_strdup(c->to, err);
    return *path ? PIXCL_OK : PIXCL_ERROR_MEMORY;
}

static pixcl_status convert_file(const conversion *c, pixcl_error *err)
{
    char *path = NULL;
    px_tensor_format format;
    pixcl_status status = choose_target(c, &path, &format, err);
    if (status != PIXCL_OK)
        return status;
    px_tensor_writer *writer = px_tensor_writer_create(path, format, err);
    status = writer ? PIXCL_OK : PIXCL_ERROR_MEMORY;
    for (size_t i = 0; status == PIXCL_OK && i < px_tensor_file_metadata_count(c->file); i++) {
        const char *key, *value = px_tensor_file_metadata_at(c->file, i, &key);
        status = px_tensor_writer_metadata(writer, key, value, err);
    }
    for (size_t i = 0; status == PIXCL_OK && i < px_tensor_file_count(c->file); i++) {
        const px_tensor *tensor = px_tensor_file_at(c->file, i);
        status = px_tensor_file_verify(c->file, tensor, err);
        if (status == PIXCL_OK)
            status = px_tensor_writer_declare(writer, tensor->name, tensor->dtype, tensor->rank, tensor->shape,
                                              tensor->data, err);
    }
    if (status == PIXCL_OK)
        status = commit(c, &writer, path, px_tensor_file_count(c->file), err);
    px_tensor_writer_abandon(&writer);
    px_free(path);
    return status;
}

/* The file of a model in the folder c->to (px_free): PyTorch's name for a checkpoint's network, else the file's own. */
static char *onnx_path(const conversion *c, const px_generator_file *generator, px_way way, pixcl_error *err)
{
    if (!generator->other) {
        const bool cycle = strcmp(generator->trained.model, "cycle_gan") == 0;
        return px_net_path(c->to, !cycle ? "G" : way == PX_FORTH ? "G_A" : "G_B", "onnx", err);
    }
    const char *name = px_path_name(px_tensor_file_source(generator->file));
    return px_format(err, "%s/%.*s.onnx", c->to, (int)(px_path_extension(name) - name), name);
}

/* The generator as a model in a file of its own. */
static pixcl_status convert_to_onnx(const conversion *c, const char *path, pixcl_error *err)
{
    const pixcl_convert_params *p = c->params;
    px_generator_file generator;
    px_way way;
    char *target = NULL;
    size_t tensors = 0;
    pixcl_status status = px_generator_file_open(&generator, path, p->direction, p->network, err);
    if (status != PIXCL_OK)
        return status;
    status = px_generator_file_way(&generator, p->direction, &way, err);
    if (status == PIXCL_OK && strcasecmp(px_path_extension(c->to), ".onnx") == 0)
        target = px_strdup(c->to, err);
    else if (status == PIXCL_OK && (status = px_make_folders(c->to, err)) == PIXCL_OK)
        target = onnx_path(c, &generator, way, err);
    if (status == PIXCL_OK)
        status = target ? px_onnx_write(&generator, way, p->eval, p->half, target, &tensors, err) : err->status;
    if (status == PIXCL_OK && p->written)
        p->written(p->user, target, tensors);
    px_generator_file_close(&generator);
    px_free(target);
    return status;
}

pixcl_status pixcl_convert(pixcl_context *context, const char *path, const char *to, const pixcl_convert_params *params,
                           pixcl_error *err)
{
    PX_ENTER(context);
    const pixcl_convert_params defaults = {0};
    pixcl_error local = {0};
    err = err ? err : &local;
    const conversion by_name = {NULL, to, params ? params : &defaults};
    if (is_onnx(&by_name))
        return convert_to_onnx(&by_name, path, err);
    if (by_name.params->eval || by_name.params->half || by_name.params->direction || by_name.params->network)
        return px_fail(err, PIXCL_ERROR_ARGUMENT,
                       "--direction, --network, --eval and --half are for ONNX: name a file .onnx, or leave them out.");
    char *located = px_checkpoint_locate(path, err);
    px_tensor_file *file = located ? px_tensor_file_open(located, err) : NULL;
    pixcl_status status = err->status;
    if (file) {
        const conversion c = {file, to, params ? params : &defaults};
        status = px_is_checkpoint(file) ? convert_checkpoint(&c, err) : convert_file(&c, err);
    }
    px_tensor_file_close(&file);
    px_free(located);
    return status;
}
