/* Writes the man pages and the completions of bash, zsh and fish into a folder, from the tables that the commands parse
 * their arguments with: pages FOLDER. */
#include "pages.h"

#include <stdlib.h>
#include <string.h>

static const cli_command *const alone[] = {&cmd_clinfo_check, NULL};

const cli_command *const *page_commands(const char *program)
{
    return strcmp(program, "pixcl") == 0 ? cli_commands : alone;
}

static FILE *begin(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (!out) {
        perror(path);
        exit(1);
    }
    return out;
}

static void end(FILE *out, const char *name)
{
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        perror(name);
        exit(1);
    }
}

static void write_command(const char *folder, const cli_command *command)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s.1", command->alone ? "" : "pixcl-", command->name);
    FILE *out = begin(folder, name);
    man_write_command(out, command);
    end(out, name);
}

static void write_completions(const char *folder, const char *program)
{
    char name[64];
    FILE *out = begin(folder, program);
    bash_write(out, program);
    end(out, program);
    snprintf(name, sizeof name, "%s.fish", program);
    out = begin(folder, name);
    fish_write(out, program);
    end(out, name);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: pages FOLDER\n");
        return 2;
    }
    FILE *out = begin(argv[1], "pixcl.1");
    man_write_overview(out);
    end(out, "pixcl.1");
    for (int i = 0; cli_commands[i]; i++)
        write_command(argv[1], cli_commands[i]);
    write_command(argv[1], &cmd_clinfo_check);
    write_completions(argv[1], "pixcl");
    write_completions(argv[1], "clinfo-check");
    out = begin(argv[1], "_pixcl");
    zsh_write(out);
    end(out, "_pixcl");
    return 0;
}
