/* Writes a C file that holds text files as byte arrays, for files that must travel inside the library:
 *
 *     embed OUTPUT.c INPUT...
 *
 * makes the table `px_kernel_files` of src/exec/opencl/sources.h, one entry per input, named by its stem. Arrays of
 * bytes rather than string literals: a literal longer than 4095 characters is more than C11 promises to compile. Runs
 * while pixcl is built, on the building machine. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The part of a path between the last '/' or, on Windows, '\\' and the last '.' after it. No kernel has either in its
 * name. */
static const char *stem_of(const char *path, int *length)
{
    const char *name = path;

    for (const char *c = path; *c; c++)
        if (*c == '/' || *c == '\\')
            name = c + 1;
    const char *dot = strrchr(name, '.');
    *length = dot ? (int)(dot - name) : (int)strlen(name);
    return name;
}

static int write_array(FILE *out, const char *path, int index)
{
    FILE *in = fopen(path, "rb");
    size_t count = 0;
    int byte;

    if (!in) {
        fprintf(stderr, "embed: cannot open %s: %s\n", path, strerror(errno));
        return 1;
    }
    fprintf(out, "/* %s */\nstatic const char text_%d[] = {\n", path, index);
    while ((byte = fgetc(in)) != EOF) {
        /* OpenCL C is ASCII: a byte beyond it would break some drivers' parsers, and a NUL would end the source early.
         * */
        if (byte == 0 || byte > 126) {
            fprintf(stderr, "embed: %s: byte %d of the file is %d; only ASCII text can be embedded\n", path, (int)count,
                    byte);
            fclose(in);
            return 1;
        }
        fprintf(out, "%d,%s", byte, ++count % 24 == 0 ? "\n" : "");
    }
    fprintf(out, "0};\n\n");
    if (ferror(in) || count == 0) {
        fprintf(stderr, "embed: %s is empty or cannot be read\n", path);
        fclose(in);
        return 1;
    }
    fclose(in);
    return 0;
}

int main(int argc, char **argv)
{
    FILE *out;
    int failed = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: embed OUTPUT.c INPUT...\n");
        return 2;
    }
    out = fopen(argv[1], "wb");
    if (!out) {
        fprintf(stderr, "embed: cannot write %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    fprintf(out, "/* Made by tools/embed.c from the files named below; edit those. */\n"
                 "#include \"exec/opencl/sources.h\"\n\n");
    for (int i = 2; i < argc && !failed; i++)
        failed = write_array(out, argv[i], i);
    fprintf(out, "const px_kernel_file px_kernel_files[] = {\n");
    for (int i = 2; i < argc; i++) {
        int length;
        const char *stem = stem_of(argv[i], &length);

        fprintf(out, "    {\"%.*s\", text_%d, sizeof text_%d - 1},\n", length, stem, i, i);
    }
    fprintf(out, "    {0, 0, 0},\n};\n");
    if (ferror(out) || fclose(out) != 0) {
        fprintf(stderr, "embed: cannot write %s: %s\n", argv[1], strerror(errno));
        failed = 1;
    }
    if (failed)
        remove(argv[1]); /* so that the next build tries again */
    return failed;
}
