/* The table of environment variables. A variable is documented by being here; reading one that is not is a defect. */
#include "base/env.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/context.h"

static const px_env_variable table[] = {
    {"PIXCL_CACHE_DIR",
     "folder for built programs and what was measured of devices (default: $XDG_CACHE_HOME/pixcl or ~/.cache/pixcl)"},
    {"PIXCL_DEVICE", "what --device means when it is not given: an index, gpu, cpu, or a part of a name"},
    {"PIXCL_DEVICE_CLASS", "cpu, integrated or discrete: plan for the device as if it were one of these (for tests)"},
    {"PIXCL_CONV",
     "direct, dot, winograd, winograd2, lane, planes, pixel or gemm: the algorithm of every convolution that it can "
     "do (gemm: block 1)"},
    {"PIXCL_BLOCK", "1, 4, 8 or 16: force the channel block b of the layout N,C/b,H,W,b"},
    {"PIXCL_TUNE",
     "off: convolutions and device by default, whatever pixcl tune and clinfo-check --step have measured"},
    {"PIXCL_MAX_LAUNCH", "cut kernel launches of more than this many MFLOP into pieces (GPUs: what takes 50 ms)"},
    {"PIXCL_PLAN_OFF", "comma list of plan passes to switch off: fuse, alias, reuse"},
    {"PIXCL_MAX_WORK_GROUP", "lower the device's largest work-group size to this (for tests)"},
    {"PIXCL_MAX_LOCAL_MEMORY", "lower the device's local memory to this many bytes (for tests)"},
    {"PIXCL_MAX_ALLOCATION", "lower the device's largest allocation to this many bytes (for tests)"},
    {"PIXCL_NO_PROGRAM_CACHE", "1: neither read nor write built programs on disk"},
    {"PIXCL_MEMORY_LIMIT", "device bytes a plan may use"},
    {"PIXCL_DRIVER_SECONDS", "how long an OpenCL driver may take to start before it is left out (default: 20)"},
    {"PIXCL_POISON", "1: all device memory starts as NaN, so that a read before a write shows (for tests)"},
    {"PIXCL_FREE_MEMORY", "n: so many bytes of host memory are taken for free (for tests)"},
    {"PIXCL_FAIL_IO",
     "n: the n-th of pixcl's own calls for files fails; n+: it and all after it; n!: the process is killed there (for "
     "tests)"},
    {"PIXCL_FAIL_ALLOC", "n: the n-th host allocation fails (for tests)"},
    {"XDG_CACHE_HOME", "the user's cache folder"},
    {"HOME", "the user's home folder"},
    {"LOCALAPPDATA", "Windows: the folder for what programs keep of a user, in place of HOME"},
    {"TMPDIR", "the folder for temporary files (default: /tmp)"},
    {"OCL_ICD_VENDORS", "the OpenCL loader's: a folder that registers drivers, or one registration, or a library"},
    {"OPENCL_VENDOR_PATH", "the OpenCL loader's: a folder that registers drivers"},
    {"LD_LIBRARY_PATH", "the system's: where libraries are found. A driver is tried again when it changes"},
    {"LD_PRELOAD", "the system's: libraries that come first. As above"},
    {"RUSTICL_ENABLE", "Mesa's: the devices to switch on. As above"},
    {"POCL_DEVICES", "PoCL's: its kinds of devices. As above"},
    {"NO_COLOR", "set to anything: no colour on a terminal"},
};

enum { VARIABLES = sizeof table / sizeof table[0] };

const px_env_variable *px_env_table(size_t *count)
{
    *count = VARIABLES;
    return table;
}

const char *px_env_text(const char *name)
{
    for (size_t i = 0; i < VARIABLES; i++) {
        if (strcmp(table[i].name, name) == 0) {
            const pixcl_context *context = px_context();
            const char *value = context && context->environment ? context->environment[i] : getenv(name);
            return value && *value ? value : NULL;
        }
    }
    assert(!"environment variable missing from the table of env.c");
    return NULL;
}

int64_t px_env_number(const char *name, int64_t otherwise)
{
    const char *text = px_env_text(name);
    char *end;
    long long value;

    if (!text)
        return otherwise;
    errno = 0;
    value = strtoll(text, &end, 10);
    return errno || end == text || *end ? otherwise : value;
}

bool px_env_flag(const char *name)
{
    const char *text = px_env_text(name);

    return text && (strcmp(text, "1") == 0 || strcasecmp(text, "on") == 0 || strcasecmp(text, "yes") == 0 ||
                    strcasecmp(text, "true") == 0);
}

bool px_env_lists(const char *name, const char *word)
{
    const char *text = px_env_text(name);
    size_t wanted = strlen(word);

    while (text && *text) {
        size_t length;

        text += strspn(text, ", ");
        length = strcspn(text, ", ");
        if (length == wanted && length > 0 && memcmp(text, word, length) == 0)
            return true;
        text += length;
    }
    return false;
}
