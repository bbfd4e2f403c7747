/* What the command asks of the system itself, and not of the library: the pair system_posix.c and system_windows.c. */
#ifndef PIXCL_TOOLS_SYSTEM_H
#define PIXCL_TOOLS_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a character separates the parts of a path. */
bool system_separates(char c);
bool system_is_folder(const char *path);
/* Makes a folder; true also when something of that name is there. */
bool system_make_folder(const char *path);
/* The names in a folder that are not hidden and that `keep` likes, sorted by byte value, each to be freed, as the list;
 * -1 and errno where it cannot be read. */
int system_list(const char *folder, bool (*keep)(const char *name), char ***names);

/* A file as the file system knows it, whatever the path says. False when there is none. */
typedef struct system_identity {
    uint64_t device, number;
} system_identity;
bool system_identify(const char *path, system_identity *found);

/* At the start of a program: a stream that is missing goes nowhere, since a file that is opened must not take its
 * place, and a failing write is an error and no signal. */
void system_begin_streams(void);
/* Whether the reader of stdout is no more; whether it is a terminal, and how many columns that has, 0 where it does not
 * tell. */
bool system_output_is_closed(void);
bool system_output_is_terminal(void);
int system_output_width(void);

/* PoCL keeps a block of 2 MB for every program and fills a fiftieth of it. A C library that would place such blocks on
 * what the compiler has just left behind, and so keep those pages in use for good, is told to map them one by one. As a
 * mapping of its own, a block takes what is filled. */
void system_map_large_blocks(void);

/* Ctrl-C, and what asks a process to end (SIGTERM, or SIGHUP when its terminal goes away; on Windows the closed
 * window): `ask` is called in another thread for the first one, and what comes after it ends the process. */
void system_catch_interrupts(void (*ask)(void));
/* Writes a text to stderr from there. */
void system_say(const char *text, size_t size);

#endif
