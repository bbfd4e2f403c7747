/* The options of a command, and what completes their values. */
#include <stdlib.h>
#include <string.h>

#include "pages.h"

/* What the texts stand for, which their kind does not tell. */
static const struct {
    const char *name;
    page_value value;
    const char *words;
} TEXTS[] = {
    {"checkpoint", PAGE_PATH, ""},
    {"checkpoints_dir", PAGE_PATH, ""},
    {"dataroot", PAGE_PATH, ""},
    {"device", PAGE_WORDS, "gpu cpu accelerator"},
    {"epoch", PAGE_WORDS, "latest best"},
    {"init_from", PAGE_PATH, ""},
    {"name", PAGE_WORDS, ""},
    {"network", PAGE_WORDS, ""},
    {"on", PAGE_WORDS, ""},
    {"only", PAGE_WORDS, ""},
    {"output", PAGE_PATH, ""},
    {"phase", PAGE_WORDS, "train val test"},
    {"results_dir", PAGE_PATH, ""},
    {"suffix", PAGE_WORDS, ""},
    {"to", PAGE_PATH, ""},
    {"trace", PAGE_PATH, ""},
    {"val_phase", PAGE_WORDS, "train val test"},
};

static bool library_option_at(const cli_command *command, int index, page_option *option)
{
    pixcl_error err = {0};
    const pixcl_option_info *info;
    for (int group = 0; group < PIXCL_GROUP_COUNT; group++) {
        for (int i = 0; (info = pixcl_option_at(i)); i++) {
            if (info->group != (pixcl_option_group)group || !(info->commands & (unsigned)command->options) ||
                index-- > 0)
                continue;
            *option = (page_option){.info = info, .heading = pixcl_option_group_name(info->group)};
            pixcl_options *defaults = pixcl_options_create(command->options, &err);
            if (!defaults ||
                pixcl_options_get(defaults, info->name, option->usual, sizeof option->usual, &err) != PIXCL_OK) {
                fprintf(stderr, "pages: %s\n", err.message);
                exit(1);
            }
            pixcl_options_destroy(&defaults);
            return true;
        }
    }
    return false;
}

bool page_option_at(const cli_command *command, int index, page_option *option)
{
    if ((size_t)index >= command->extra_count)
        return library_option_at(command, index - (int)command->extra_count, option);
    const cli_extra *extra = &command->extras[index];
    *option = (page_option){.info = &extra->info, .extra = extra, .heading = "Options of this command"};
    pixcl_option_print(&extra->info, extra->value, option->usual, sizeof option->usual);
    return true;
}

static void add_word(char *words, const char *word, size_t length)
{
    const size_t before = strlen(words);
    if (memchr(word, '<', length)) /* unet_<n> stands for many */
        return;
    if (before + length + 2 > PAGE_WORDS_SIZE) {
        fprintf(stderr, "pages: the words of an option are longer than PAGE_WORDS_SIZE\n");
        exit(1);
    }
    snprintf(words + before, PAGE_WORDS_SIZE - before, "%s%.*s", before ? " " : "", (int)length, word);
}

static page_value text_value(const page_option *option, char *words)
{
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        if (strcmp(TEXTS[i].name, option->info->name) != 0)
            continue;
        add_word(words, TEXTS[i].words, strlen(TEXTS[i].words));
        return TEXTS[i].value;
    }
    fprintf(stderr, "pages: say in tools/pages/options.c whether --%s takes a path or which words\n",
            option->info->name);
    exit(1);
}

page_value page_value_of(const page_option *option, char words[PAGE_WORDS_SIZE])
{
    const char *name;
    words[0] = '\0';
    switch (option->info->kind) {
    case PIXCL_KIND_FLAG:
        return PAGE_NOTHING;
    case PIXCL_KIND_CHOICE:
        for (const char *word = option->info->choices; *word;) {
            const size_t length = strcspn(word, ",");
            add_word(words, word, length);
            word += length + (word[length] == ',');
        }
        return PAGE_WORDS;
    case PIXCL_KIND_TEXT:
        for (int i = 0; option->extra && option->extra->names && (name = option->extra->names(i)); i++)
            add_word(words, name, strlen(name));
        return text_value(option, words);
    case PIXCL_KIND_INT:
    case PIXCL_KIND_FLOAT:
        break;
    }
    return PAGE_WORDS;
}

void page_brief(const page_option *option, char text[PAGE_BRIEF_SIZE])
{
    const char *help = option->info->help, *more = "";
    size_t length = strcspn(help, ";");
    if (length >= PAGE_BRIEF_SIZE) {
        more = " ..";
        for (length = PAGE_BRIEF_SIZE - 1 - strlen(more); help[length] != ' ';)
            length--;
    }
    snprintf(text, PAGE_BRIEF_SIZE, "%.*s%s", (int)length, help, more);
}
