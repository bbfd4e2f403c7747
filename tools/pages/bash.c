/* The completion of bash. It needs nothing of the package bash-completion but to be found by it. */
#include <string.h>

#include "pages.h"

/* A name for a function: clinfo-check has a '-', which POSIX knows in no name. */
static void function_name(const char *program, char *name, size_t size)
{
    snprintf(name, size, "_%s", program);
    for (char *c = name; *c; c++) {
        if (*c == '-')
            *c = '_';
    }
}

static void write_commands(FILE *out, const cli_command *const *commands)
{
    fputs("    local commands='", out);
    for (int i = 0; commands[i] && !commands[i]->alone; i++)
        fprintf(out, "%s ", commands[i]->name);
    fputs("--help --version'\n", out);
}

static void write_options(FILE *out, const cli_command *const *commands)
{
    page_option option;
    fputs("    case $command in\n", out);
    for (int i = 0; commands[i]; i++) {
        fprintf(out, "    %s) options='", commands[i]->name);
        for (int k = 0; page_option_at(commands[i], k, &option); k++)
            fprintf(out, "--%s ", option.info->name);
        fprintf(out, "--help' arguments=%d ;;\n", commands[i]->most);
    }
    fputs("    esac\n", out);
}

/* The arm of an option; `command` may be a pattern. */
static void write_value(FILE *out, const char *command, const page_option *option)
{
    char words[PAGE_WORDS_SIZE];
    fprintf(out, "    %s:--%s", command, option->info->name);
    if (option->extra && option->extra->letter)
        fprintf(out, " | %s:-%c", command, option->extra->letter);
    switch (page_value_of(option, words)) {
    case PAGE_NOTHING:
        fputs(") takes=nothing ;;\n", out);
        break;
    case PAGE_PATH:
        fputs(") takes=path ;;\n", out);
        break;
    case PAGE_WORDS:
        fprintf(out, ") takes=words words='%s' ;;\n", words);
        break;
    }
}

/* A command's own options go before those of the library, which are the same in every command. */
static void write_values(FILE *out, const cli_command *const *commands)
{
    page_option option;
    fputs("    case $command:$option in\n", out);
    for (int i = 0; commands[i]; i++) {
        for (int k = 0; page_option_at(commands[i], k, &option) && option.extra; k++)
            write_value(out, commands[i]->name, &option);
    }
    for (int i = 0; pixcl_option_at(i); i++) {
        option = (page_option){.info = pixcl_option_at(i)};
        write_value(out, "*", &option);
    }
    fputs("    *) takes=nothing ;;\n    esac\n", out);
}

void bash_write(FILE *out, const char *program)
{
    const cli_command *const *commands = page_commands(program);
    char name[64];
    function_name(program, name, sizeof name);
    fprintf(out, "# Completion of %s in bash. Made from the tables of its options.\n\n%s()\n{\n", program, name);
    fputs("    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} front=\n"
          "    local command options= arguments=0 takes words= reply\n"
          "    COMPREPLY=()\n"
          "\n"
          "    # --name=value is three words, or one where '=' does not part words.\n"
          "    if [[ $current == = ]]; then\n"
          "        current=\n"
          "    elif [[ $option == = ]]; then\n"
          "        option=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    elif [[ $current == --*=* ]]; then\n"
          "        option=${current%%=*} front=${current%%=*}= current=${current#*=}\n"
          "    fi\n"
          "    [[ $option == --* ]] && option=${option//-/_} option=--${option#__}\n"
          "\n",
          out);
    if (commands[0]->alone) {
        fprintf(out, "    command=%s\n", program);
    } else {
        write_commands(out, commands);
        fputs("    if [[ $COMP_CWORD -eq 1 ]]; then\n"
              "        COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))\n"
              "        return\n"
              "    fi\n"
              "    command=${COMP_WORDS[1]}\n",
              out);
    }
    write_options(out, commands);
    write_values(out, commands);
    fputs("\n"
          "    if [[ $takes == words ]]; then\n"
          "        COMPREPLY=($(compgen -P \"$front\" -W \"$words\" -- \"$current\"))\n"
          "    elif [[ $takes == nothing && $current == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
          "    elif [[ $takes == path || $arguments -gt 0 ]]; then\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        while IFS= read -r reply; do\n"
          "            COMPREPLY+=(\"$front$reply\")\n"
          "        done < <(compgen -f -- \"$current\")\n"
          "    fi\n"
          "}\n",
          out);
    fprintf(out, "complete -F %s %s\n", name, program);
}
