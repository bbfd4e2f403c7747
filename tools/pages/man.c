/* Man pages, in the macros of man(7). */
#include <ctype.h>
#include <string.h>

#include "pages.h"

/* One character, so that it comes out as it stands: '-' as that of a keyboard, which can be copied into a shell. */
static void put_character(FILE *out, char character)
{
    static const struct {
        char character;
        const char *written;
    } SPECIAL[] = {
        {'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'"', "\\(dq"}, {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"},
    };
    for (size_t i = 0; i < sizeof SPECIAL / sizeof *SPECIAL; i++) {
        if (character == SPECIAL[i].character) {
            fputs(SPECIAL[i].written, out);
            return;
        }
    }
    fputc(character, out);
}

static void put(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        put_character(out, text[i]);
}

static void put_text(FILE *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_bold(FILE *out, const char *text, size_t length)
{
    fputs("\\fB", out);
    put(out, text, length);
    fputs("\\fR", out);
}

/* The --name at the beginning of `word`; 0: none is there. */
static size_t option_length(const char *word)
{
    size_t length = 2;
    if (word[0] != '-' || word[1] != '-' || !isalpha((unsigned char)word[2]))
        return 0;
    while (isalnum((unsigned char)word[length]) || word[length] == '_' || word[length] == '-')
        length++;
    return length;
}

/* One line of the page, options in bold. A line that would begin as a request does not. */
static void put_line(FILE *out, const char *text, size_t length)
{
    if (length > 0 && (text[0] == '.' || text[0] == '\''))
        fputs("\\&", out);
    for (size_t at = 0; at < length;) {
        const size_t option = at == 0 || strchr(" (\"", text[at - 1]) ? option_length(text + at) : 0;
        if (option > 0)
            put_bold(out, text + at, option);
        else
            put_character(out, text[at]);
        at += option > 0 ? option : 1;
    }
    fputc('\n', out);
}

/* As cli_print_wrapped() takes it: paragraphs, and lines laid out by hand, which are examples. */
static void put_paragraphs(FILE *out, const char *text)
{
    bool laid_out = false, first = true;
    while (*text) {
        const size_t length = strcspn(text, "\n");
        if (laid_out != (*text == ' ')) {
            fputs(laid_out ? ".EE\n" : ".PP\n.EX\n", out);
            laid_out = !laid_out;
            first = laid_out;
        }
        if (length > 0 && !laid_out && !first)
            fputs(".PP\n", out);
        if (length > 0)
            put_line(out, text, length);
        first = false;
        text += length + (text[length] == '\n');
    }
    if (laid_out)
        fputs(".EE\n", out);
}

/* "pixcl-train". */
static void put_name(FILE *out, const cli_command *command)
{
    put_text(out, command->alone ? "" : "pixcl-");
    put_text(out, command->name);
}

static void put_head(FILE *out, const char *name, const char *summary)
{
    fputs(".\\\" Made from the tables of the command's options.\n.TH ", out);
    for (const char *c = name; *c; c++)
        put_character(out, (char)toupper((unsigned char)*c));
    fputs(" 1 \"\" \"pixcl " PIXCL_VERSION "\" \"pixcl\"\n.SH NAME\n", out);
    put_text(out, name);
    fputs(" \\- ", out);
    put_text(out, summary);
    fputs("\n.SH SYNOPSIS\n", out);
}

static void put_option(FILE *out, const page_option *option)
{
    char text[1024];
    const char *value = cli_value_name(option->info->kind);
    fputs(".TP\n", out);
    if (option->extra && option->extra->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", option->extra->letter);
    fputs("\\fB\\-\\-", out);
    put_text(out, option->info->name);
    fputs("\\fR", out);
    if (*value)
        fprintf(out, " \\fI%s\\fR", value + 1);
    fputc('\n', out);
    cli_describe(option->info, option->extra ? option->extra->names : NULL, option->usual, text, sizeof text);
    put_line(out, text, strlen(text));
}

static void put_options(FILE *out, const cli_command *command)
{
    page_option option;
    const char *heading = "";
    fputs(".SH OPTIONS\nIn a name \\- and _ are the same; ", out);
    fputs("\\fB\\-\\-name\\fR \\fIvalue\\fR and \\fB\\-\\-name=\\fIvalue\\fR too. Defaults stand in [ ].\n", out);
    for (int i = 0; page_option_at(command, i, &option); i++) {
        if (strcmp(heading, option.heading) != 0)
            fprintf(out, ".SS %s\n", option.heading);
        heading = option.heading;
        put_option(out, &option);
    }
    fputs(".SS Help\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nprint the options of this command\n", out);
}

static void put_exit_codes(FILE *out)
{
    fputs(".SH EXIT STATUS\n.TP\n0\ndone\n.TP\n1\nfailed\n.TP\n2\nwrong usage\n.TP\n3\nno usable device\n", out);
}

void man_write_command(FILE *out, const cli_command *command)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", command->alone ? "" : "pixcl-", command->name);
    put_head(out, name, command->summary);
    fputs("\\fB", out);
    put_text(out, cli_before_name(command));
    put_text(out, command->name);
    fputs("\\fR ", out);
    if (*command->arguments)
        fprintf(out, "\\fI%s\\fR ", command->arguments);
    fputs("[\\fB\\-\\-\\fIoption value\\fR]...\n.SH DESCRIPTION\n", out);
    put_paragraphs(out, command->about);
    put_options(out, command);
    put_exit_codes(out);
    fputs(".SH SEE ALSO\n", out);
    fputs(command->alone ? "\\fBpixcl\\fR(1), \\fBpixcl\\-devices\\fR(1)\n" : "\\fBpixcl\\fR(1)\n", out);
}

static void put_environment(FILE *out)
{
    fputs(".SH ENVIRONMENT\n"
          ".TP\nPIXCL_DEVICE\nwhat \\fB\\-\\-device\\fR means when it is not given\n"
          ".TP\nPIXCL_CACHE_DIR\n"
          "folder for built programs and what was measured of devices [$XDG_CACHE_HOME/pixcl or \\(ti/.cache/pixcl]\n"
          ".TP\nOCL_ICD_VENDORS\n"
          "where the OpenCL loader finds its drivers [/etc/OpenCL/vendors]\n",
          out);
}

void man_write_overview(FILE *out)
{
    put_head(out, "pixcl", "pix2pix and CycleGAN on any OpenCL device");
    fputs("\\fBpixcl\\fR \\fICOMMAND\\fR [\\fB\\-\\-\\fIoption value\\fR]...\n.SH DESCRIPTION\n"
          "Trains the networks of pix2pix, CycleGAN and colorization, and translates pictures with them, on an\n"
          "integrated or discrete GPU or on the CPU. Options keep the names of the PyTorch reference\n"
          "(pytorch\\-CycleGAN\\-and\\-pix2pix), and its files of weights are read and written.\n"
          ".SH COMMANDS\n",
          out);
    for (int i = 0; cli_commands[i]; i++) {
        fputs(".TP\n\\fB", out);
        put_name(out, cli_commands[i]);
        fputs("\\fR(1)\n", out);
        put_text(out, cli_commands[i]->summary);
        fputc('\n', out);
    }
    fputs(".SH OPTIONS\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nlist the commands; behind a command: its options\n"
          ".TP\n\\fB\\-\\-version\\fR\nprint the version\n"
          ".SH EXAMPLES\n.EX\n"
          "pixcl train \\-\\-dataroot FOLDER \\-\\-name mine \\-\\-direction AtoB\n"
          "pixcl test \\-\\-dataroot FOLDER \\-\\-name mine\n"
          "pixcl translate PICTURE \\-o OUTPUT.png \\-\\-checkpoint checkpoints/mine\n.EE\n",
          out);
    put_exit_codes(out);
    put_environment(out);
    fputs(".SH SEE ALSO\n\\fBclinfo\\-check\\fR(1)", out);
    for (int i = 0; cli_commands[i]; i++) {
        fputs(",\n\\fB", out);
        put_name(out, cli_commands[i]);
        fputs("\\fR(1)", out);
    }
    fputc('\n', out);
}
