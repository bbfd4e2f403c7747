/* A fuzz target: its one function, called by libFuzzer, or by replay.c as an ordinary test, and how it complains. */
#ifndef PX_FUZZ_H
#define PX_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for any input whatsoever. Ends the process with the input at hand, for libFuzzer to keep. */
#define MUST_HOLD(condition) ((condition) ? (void)0 : px_fuzz_violation(__FILE__, __LINE__, #condition))

static inline void px_fuzz_violation(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

/* Tries the bytes by themselves, and behind what a sound text has in front of `mark`: facts that no fuzzer guesses. */
static inline void px_fuzz_behind(const char *sound, const char *mark, const uint8_t *data, size_t size,
                                  void (*try_bytes)(const void *bytes, size_t size))
{
    const size_t head = (size_t)(strstr(sound, mark) - sound);
    char *file = malloc(head + size + 1);
    MUST_HOLD(file);
    memcpy(file, sound, head);
    if (size)
        memcpy(file + head, data, size);
    try_bytes(data, size);
    try_bytes(file, head + size);
    free(file);
}

#endif
