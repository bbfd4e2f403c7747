/* For tests of files: a fresh folder that is the working folder while a test runs, and looking at what is in it.
 * Included after cmocka.h. */
#ifndef PX_TEST_OWN_FOLDER_H
#define PX_TEST_OWN_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "scratch_folder.h"

/* A fresh folder, and the working folder while a test runs. */
static char folder[SCRATCH_PATH];

static inline int enter_folder(void **state)
{
    (void)state;
    return scratch_folder_make(folder) == 0 && chdir(folder) == 0 ? 0 : -1;
}

static inline int leave_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 ? scratch_remove(folder) : -1;
}

/* Entries of the working folder, hidden ones too. */
static inline int entry_count(void)
{
    px_os_folder *entries = px_os_folder_open(".");
    px_os_kind kind;
    int count = 0;

    assert_non_null(entries);
    while (px_os_folder_next(entries, &kind))
        count++;
    px_os_folder_close(entries);
    return count;
}

static inline void assert_holds(const char *path, const void *expected, size_t expected_size)
{
    uint8_t *bytes;
    size_t size;
    pixcl_error err = {0};

    assert_int_equal(px_file_read(path, &bytes, &size, &err), PIXCL_OK);
    assert_int_equal(size, expected_size);
    assert_memory_equal(bytes, expected, expected_size);
    assert_int_equal(bytes[size], 0);
    px_free(bytes);
}

#endif
