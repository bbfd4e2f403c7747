/* What to install on this system, in the words of its manager of packages. */
#ifndef PX_BASE_CURE_H
#define PX_BASE_CURE_H

#include <stddef.h>

/* Systems that name their packages alike. */
typedef enum px_system {
    PX_SYSTEM_DEBIAN, /* apt: Debian, Ubuntu, Mint */
    PX_SYSTEM_FEDORA, /* dnf: Fedora, RHEL, Rocky */
    PX_SYSTEM_ARCH,   /* pacman: Arch, Manjaro */
    PX_SYSTEM_SUSE,   /* zypper: openSUSE, SLES */
    PX_SYSTEM_MACOS,
    PX_SYSTEM_WINDOWS,
    PX_SYSTEM_OTHER,
    PX_SYSTEM_COUNT
} px_system;

/* Room for the longest text of px_cure_no_driver(), the NUL included. A message has room for it and 400 bytes more. */
enum { PX_CURE_SIZE = 540 };

/* This system. Reads /etc/os-release on those that have it. */
px_system px_system_here(void);
/* The system of an os-release file with this text: by its ID, or else by the words of its ID_LIKE. */
px_system px_system_of_release(const char *text);

/* What gets an OpenCL driver for any CPU: "`apt install pocl-opencl-icd`"; NULL where none can be added. */
const char *px_cure_cpu_driver(px_system system);
/* Sentences on what to do without any driver. */
void px_cure_no_driver(px_system system, char text[PX_CURE_SIZE]);

#endif
