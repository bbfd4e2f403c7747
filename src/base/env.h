/* Every environment variable pixcl reads, in one table (env.c), with its meaning. Nothing else calls getenv(). */
#ifndef PX_BASE_ENV_H
#define PX_BASE_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct px_env_variable {
    const char *name;
    const char *help;
} px_env_variable;

/* The table, for `pixcl --help` and the README test. */
const px_env_variable *px_env_table(size_t *count);

/* Value of a variable of the table, as it was when the thread's context was made; NULL when unset or empty. A name
 * outside the table is a defect: asserts in debug. */
const char *px_env_text(const char *name);
/* Whole number, or `otherwise` when unset or not a number. */
int64_t px_env_number(const char *name, int64_t otherwise);
/* True for 1, on, yes, true. */
bool px_env_flag(const char *name);
/* True when the comma-separated value contains the word. */
bool px_env_lists(const char *name, const char *word);

#endif
