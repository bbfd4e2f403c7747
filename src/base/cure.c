#include "base/cure.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Packages with drivers, by the names in each system's list; none for macOS, where OpenCL takes Apple's alone. What
 * stands for the CPU was run on Debian alone. */
static const struct {
    const char *cpu, *intel, *amd, *nvidia;
} DRIVERS[PX_SYSTEM_COUNT] = {
    [PX_SYSTEM_DEBIAN] = {"`apt install pocl-opencl-icd`", "intel-opencl-icd", "mesa-opencl-icd", "nvidia-opencl-icd"},
    [PX_SYSTEM_FEDORA] = {"`dnf install pocl` (RHEL: from EPEL)", "intel-compute-runtime", "mesa-libOpenCL",
                          "xorg-x11-drv-nvidia-cuda of RPM Fusion"},
    [PX_SYSTEM_ARCH] = {"`pacman -S pocl`", "intel-compute-runtime", "opencl-mesa", "opencl-nvidia"},
    [PX_SYSTEM_SUSE] = {"`zypper install pocl`", "intel-opencl", "Mesa-libRusticlOpenCL", "nvidia-compute-G06"},
    [PX_SYSTEM_WINDOWS] = {"Intel's CPU Runtime for OpenCL Applications (intel.com)", NULL, NULL, NULL},
    [PX_SYSTEM_OTHER] = {"PoCL (portablecl.org)", "Intel's Compute Runtime", "Mesa's rusticl",
                         "the OpenCL part of its driver"},
};

/* IDs of os-release. One that ends with '*' stands for all that begin so. */
static const struct {
    const char *id;
    px_system system;
} IDS[] = {
    {"debian", PX_SYSTEM_DEBIAN}, {"ubuntu", PX_SYSTEM_DEBIAN}, {"fedora", PX_SYSTEM_FEDORA},
    {"rhel", PX_SYSTEM_FEDORA},   {"centos", PX_SYSTEM_FEDORA}, {"arch", PX_SYSTEM_ARCH},
    {"suse", PX_SYSTEM_SUSE},     {"sles", PX_SYSTEM_SUSE},     {"opensuse*", PX_SYSTEM_SUSE},
};

static px_system system_of_id(const char *id, size_t length)
{
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
        const size_t known = strcspn(IDS[i].id, "*");
        const bool begins = IDS[i].id[known] == '*';

        if ((begins ? length >= known : length == known) && memcmp(id, IDS[i].id, known) == 0)
            return IDS[i].system;
    }
    return PX_SYSTEM_OTHER;
}

/* The system of the first known word in the value of `key` ("ID="), which may be quoted. */
static px_system system_of_key(const char *text, const char *key)
{
    const size_t length = strlen(key);

    while (strncmp(text, key, length) != 0) {
        text = strchr(text, '\n');
        if (!text)
            return PX_SYSTEM_OTHER;
        text++;
    }
    for (const char *word = text + length; *word && *word != '\n';) {
        const size_t size = strcspn(word, " \"'\r\n");
        const px_system found = system_of_id(word, size);

        if (found != PX_SYSTEM_OTHER)
            return found;
        word += size + (word[size] && word[size] != '\n');
    }
    return PX_SYSTEM_OTHER;
}

px_system px_system_of_release(const char *text)
{
    const px_system by_id = system_of_key(text, "ID=");

    return by_id != PX_SYSTEM_OTHER ? by_id : system_of_key(text, "ID_LIKE=");
}

const char *px_cure_cpu_driver(px_system system)
{
    return DRIVERS[system].cpu;
}

void px_cure_no_driver(px_system system, char text[PX_CURE_SIZE])
{
    if (system == PX_SYSTEM_WINDOWS)
        snprintf(
            text, PX_CURE_SIZE,
            "Install the graphics driver of the GPU's maker, which brings OpenCL (intel.com, amd.com, nvidia.com), "
            "or for any CPU %s. `clinfo-check` shows what was found.",
            DRIVERS[system].cpu);
    else if (system == PX_SYSTEM_MACOS)
        snprintf(text, PX_CURE_SIZE,
                 "macOS brings OpenCL, with drivers for its GPUs, and takes no others: a newer macOS may have one. "
                 "`clinfo-check` shows what was found.");
    else
        snprintf(text, PX_CURE_SIZE,
                 "Install an OpenCL driver: for any CPU %s; Intel graphics %s; AMD %s, then set "
                 "RUSTICL_ENABLE=radeonsi (RUSTICL_ENABLE=iris for Intel); NVIDIA %s. A driver is found by its file in "
                 "/etc/OpenCL/vendors (or where OCL_ICD_VENDORS points), and a GPU needs your user in the groups video "
                 "and render. `clinfo-check` shows what was found.",
                 DRIVERS[system].cpu, DRIVERS[system].intel, DRIVERS[system].amd, DRIVERS[system].nvidia);
}
