/* pixcl translate: pictures or folders of pictures through a trained generator. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "commands.h"
#include "outputs.h"
#include "pixcl/generator.h"
#include "system.h"
#include "terminal.h"

/* The command's own option. */
static char output[PIXCL_OPTION_TEXT_SIZE];

enum { PATH_SIZE = 4096 };

typedef struct translation {
    pixcl_generator *generator;
    bool to_folder; /* the output is a folder, not a file */
    output_list pictures;
    int done, failed, seen; /* pictures; failed: also inputs that hold none */
} translation;

static bool is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0 || strcasecmp(dot, ".png") == 0);
}

/* Makes the folder and its parents. */
static bool make_folders(const char *path)
{
    char part[PATH_SIZE];
    size_t length = strlen(path);
    if (length >= sizeof part)
        return false;
    for (size_t i = 1; i <= length; i++) {
        if (!system_separates(path[i]) && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (!system_make_folder(part) && !system_is_folder(part))
            return false;
    }
    return system_is_folder(path);
}

/* One picture; a failure is reported and counted, and the others go on. */
static void translate(translation *job, const output_item *picture)
{
    pixcl_error err = {0};
    pixcl_image *input = NULL, *result = NULL;
    if ((input = pixcl_image_load(picture->input, &err)) &&
        pixcl_generator_translate(job->generator, input, &result, &err) == PIXCL_OK &&
        pixcl_image_save(result, picture->path, 0, &err) == PIXCL_OK)
        job->done++;
    pixcl_image_destroy(&input);
    pixcl_image_destroy(&result);
    if (err.status == PIXCL_ERROR_INTERRUPTED) /* no failure of the picture */
        return;
    job->seen++;
    if (*err.message) {
        job->failed++;
        terminal_keep();
        fprintf(stderr, "pixcl translate: %s\n", err.message);
    } else if (terminal_is_live()) {
        terminal_draw(picture->path);
    } else {
        puts(picture->path);
    }
}

static bool list_folder(translation *job, const char *folder)
{
    char **names = NULL;
    bool complete = true;
    const int count = system_list(folder, is_picture, &names);
    if (count <= 0) {
        fprintf(stderr, "pixcl translate: %s: %s\n", folder,
                count < 0 ? strerror(errno) : "no .jpg, .jpeg or .png files in it");
        job->failed++;
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_SIZE + 256]; /* the system opens no folder with a longer path */
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        complete = complete && outputs_add(&job->pictures, path, output, true);
        free(names[i]);
    }
    free(names);
    return complete;
}

/* What there is to do. CLI_DONE, or the exit code after saying what is wrong. */
static int list_pictures(translation *job, const cli_args *args)
{
    for (int i = 0; i < args->word_count; i++) {
        const char *word = args->words[i];
        if (!(system_is_folder(word) ? list_folder(job, word)
                                     : outputs_add(&job->pictures, word, output, job->to_folder))) {
            fprintf(stderr, "pixcl translate: no memory for the list of pictures, at %s\n", word);
            return CLI_FAILED;
        }
    }
    return outputs_check(&job->pictures, "translate") ? CLI_DONE : CLI_USAGE;
}

/* "facade.gif" for one picture: meant as a file, of a kind that is not written. */
static bool names_other_file(const cli_args *args)
{
    const char *name = outputs_name(output);
    return args->word_count == 1 && !system_is_folder(args->words[0]) && !system_is_folder(output) &&
           strrchr(name, '.') && !is_picture(output);
}

/* Whether the pictures go into a folder. CLI_DONE, or the exit code after saying what is wrong. */
static int choose_output(translation *job, const cli_args *args)
{
    if (names_other_file(args)) {
        fprintf(stderr,
                "pixcl translate: --output %s is neither a .png nor a .jpg file, and nothing else is written; a folder "
                "is named with a / at its end.\n",
                output);
        return CLI_USAGE;
    }
    job->to_folder =
        args->word_count > 1 || system_is_folder(args->words[0]) || system_is_folder(output) || !is_picture(output);
    if (job->to_folder && is_picture(output) && !system_is_folder(output)) {
        fprintf(stderr,
                "pixcl translate: --output %s names one picture, but there are several inputs: name a folder.\n",
                output);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

static int translate_all(translation *job, cli_args *args)
{
    if (job->to_folder && !make_folders(output)) {
        fprintf(stderr, "pixcl translate: cannot make the folder %s: %s\n", output, strerror(errno));
        return CLI_FAILED;
    }
    job->generator = pixcl_generator_open(args->context, NULL, args->options, &args->err);
    if (!job->generator)
        return cli_fail(args);
    for (size_t i = 0; i < job->pictures.count && !cli_interrupted(NULL); i++)
        translate(job, &job->pictures.items[i]);
    terminal_keep();
    pixcl_generator_close(&job->generator);
    printf("%d of %d pictures translated\n", job->done, job->seen);
    return job->failed || cli_interrupted(NULL) ? CLI_FAILED : CLI_DONE;
}

static int run(cli_args *args)
{
    if (!*output)
        return cli_misuse(args, "--output is missing.");
    if (!*pixcl_options_text(args->options, "checkpoint"))
        return cli_misuse(args, "--checkpoint is missing.");
    translation job = {.to_folder = false};
    int code = choose_output(&job, args);
    if (code == CLI_DONE)
        code = list_pictures(&job, args);
    if (code == CLI_DONE)
        code = translate_all(&job, args);
    outputs_free(&job.pictures);
    return code;
}

static const cli_extra extras[] = {
    {.info = {.name = "output",
              .kind = PIXCL_KIND_TEXT,
              .help = "file for one picture (.png, .jpg), or folder for several, where each becomes STEM.png"},
     .letter = 'o',
     .value = output},
};

const cli_command cmd_translate = {
    .name = "translate",
    .summary = "translate a picture or a folder with a checkpoint",
    .arguments = "INPUT...",
    .about = "Translates pictures, or folders of them, with a trained generator. Any size goes in, the same size comes "
             "out. What the network is, the checkpoint knows.\n\n"
             "  pixcl translate label.png -o facade.png --checkpoint checkpoints/facades\n"
             "  pixcl translate photo.jpg -o monet.png --checkpoint latest_net_G.pth",
    .options = PIXCL_FOR_TRANSLATE,
    .extras = extras,
    .extra_count = sizeof extras / sizeof *extras,
    .fewest = 1,
    .most = 1 << 30,
    .stoppable = true,
    .run = run,
};
