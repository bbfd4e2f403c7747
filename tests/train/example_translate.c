/* Translates one picture: example CHECKPOINT INPUT OUTPUT */
#include <stdio.h>

#include <pixcl/device.h>
#include <pixcl/generator.h>

int main(int argc, char **argv)
{
    int code;
    if (pixcl_helper_main(argc, argv, &code)) /* this program, started anew to try OpenCL drivers */
        return code;
    if (argc != 4) {
        fprintf(stderr, "usage: %s CHECKPOINT INPUT OUTPUT\n", argv[0]);
        return 2;
    }

    pixcl_error err = {0};
    pixcl_image *input = NULL, *output = NULL;
    /* Without a context: no messages. Without options: the best device, all defaults. */
    pixcl_generator *generator = pixcl_generator_open(NULL, argv[1], NULL, &err);

    if (generator && (input = pixcl_image_load(argv[2], &err)))
        pixcl_generator_translate(generator, input, &output, &err); /* any size; the output has the same */
    if (output)
        pixcl_image_save(output, argv[3], 0, &err); /* .png or .jpg; 0: default quality */
    if (err.status != PIXCL_OK)
        fprintf(stderr, "%s\n", err.message);

    pixcl_image_destroy(&input);
    pixcl_image_destroy(&output);
    pixcl_generator_close(&generator);
    return err.status != PIXCL_OK;
}
