/* Which system this is, and that each is told its own cure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/cure.h"
#include "pixcl/error.h"

static void releases_are_told(void **state)
{
    static const struct {
        const char *text;
        px_system system;
    } RELEASES[] = {
        {"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n", PX_SYSTEM_DEBIAN},
        {"NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n", PX_SYSTEM_DEBIAN},
        {"NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", PX_SYSTEM_DEBIAN},
        {"NAME=\"Fedora Linux\"\nVERSION_ID=41\nID=fedora\n", PX_SYSTEM_FEDORA},
        {"NAME=\"Rocky Linux\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", PX_SYSTEM_FEDORA},
        {"NAME='Red Hat Enterprise Linux'\nID='rhel'\nID_LIKE='fedora'\n", PX_SYSTEM_FEDORA},
        {"NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling", PX_SYSTEM_ARCH},
        {"NAME=\"Manjaro Linux\"\nID_LIKE=arch\nID=manjaro\n", PX_SYSTEM_ARCH},
        {"NAME=\"openSUSE Tumbleweed\"\nID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", PX_SYSTEM_SUSE},
        {"NAME=\"SLES\"\nID=\"sles\"\nID_LIKE=\"suse\"\n", PX_SYSTEM_SUSE},
        {"NAME=\"Alpine Linux\"\nID=alpine\n", PX_SYSTEM_OTHER},
        {"NAME=\"Debian\"\nVARIANT_ID=debian\n", PX_SYSTEM_OTHER},
        {"ID=debianish\nID_LIKE=\"deb archaic\"\n", PX_SYSTEM_OTHER},
        {"ID=", PX_SYSTEM_OTHER},
        {"", PX_SYSTEM_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof RELEASES / sizeof *RELEASES; i++) {
        if (px_system_of_release(RELEASES[i].text) != RELEASES[i].system)
            fail_msg("%s: taken for system %d", RELEASES[i].text, (int)px_system_of_release(RELEASES[i].text));
    }
}

static void each_system_has_its_cure(void **state)
{
    static const char *const MANAGERS[PX_SYSTEM_COUNT] = {
        [PX_SYSTEM_DEBIAN] = "`apt install pocl-opencl-icd`",
        [PX_SYSTEM_FEDORA] = "`dnf install pocl`",
        [PX_SYSTEM_ARCH] = "`pacman -S pocl`",
        [PX_SYSTEM_SUSE] = "`zypper install pocl`",
        [PX_SYSTEM_MACOS] = "macOS brings OpenCL",
        [PX_SYSTEM_WINDOWS] = "nvidia.com",
        [PX_SYSTEM_OTHER] = "portablecl.org",
    };

    (void)state;
    for (int i = 0; i < PX_SYSTEM_COUNT; i++) {
        char text[PX_CURE_SIZE];

        px_cure_no_driver((px_system)i, text);
        assert_non_null(strstr(text, MANAGERS[i]));
        assert_int_equal(px_cure_cpu_driver((px_system)i) == NULL, i == PX_SYSTEM_MACOS);
        if (i != PX_SYSTEM_MACOS)
            assert_non_null(strstr(text, px_cure_cpu_driver((px_system)i)));
        /* not cut */
        assert_non_null(strstr(text, "`clinfo-check` shows what was found."));
        assert_true(i == PX_SYSTEM_DEBIAN || !strstr(text, "apt install"));
    }
    /* With what stands in front of it, and a note on 400 bytes of devices, it is within a message. */
    assert_true(PX_CURE_SIZE + 400 + strlen("no usable OpenCL device. ") < sizeof((pixcl_error *)NULL)->message);
}

static void here_is_a_system(void **state)
{
    (void)state;
    assert_in_range(px_system_here(), 0, PX_SYSTEM_COUNT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases_are_told),
        cmocka_unit_test(each_system_has_its_cure),
        cmocka_unit_test(here_is_a_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
