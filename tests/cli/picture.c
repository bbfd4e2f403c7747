/* Pictures for the command tests, on the library alone:
 *   picture make FILE WIDTH HEIGHT CHANNELS   writes a gradient
 *   picture size FILE                         prints "WIDTH HEIGHT CHANNELS"
 *   picture l1 FILE FILE                      prints the mean absolute difference of two pictures in RGB, 0 to 1
 *   picture most FILE FILE                    prints the largest, 0 to 255 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixcl/compare.h>

static int fail(const pixcl_error *err)
{
    fprintf(stderr, "picture: %s\n", err->message);
    return 1;
}

static int make(const char *path, int width, int height, int channels)
{
    pixcl_error err = {0};
    pixcl_image *image = pixcl_image_create(width, height, channels, &err);
    if (!image)
        return fail(&err);
    for (int i = 0; i < width * height * channels; i++)
        image->pixels[i] = (uint8_t)(255L * i / (width * height * channels));
    pixcl_status status = pixcl_image_save(image, path, 0, &err);
    pixcl_image_destroy(&image);
    return status == PIXCL_OK ? 0 : fail(&err);
}

static int size(const char *path)
{
    pixcl_error err = {0};
    pixcl_image *image = pixcl_image_load(path, &err);
    if (!image)
        return fail(&err);
    printf("%d %d %d\n", image->width, image->height, image->channels);
    pixcl_image_destroy(&image);
    return 0;
}

static int most_of(const pixcl_image *a, const pixcl_image *b)
{
    int most = 0;
    for (int i = 0; i < a->width * a->height * 3; i++)
        most = abs(a->pixels[i] - b->pixels[i]) > most ? abs(a->pixels[i] - b->pixels[i]) : most;
    return most;
}

static int compare(char **paths, bool mean)
{
    pixcl_error err = {0};
    pixcl_image *images[2] = {NULL, NULL};
    pixcl_metrics metrics;
    bool done = true;
    for (int i = 0; i < 2 && done; i++) {
        pixcl_image *loaded = pixcl_image_load(paths[i], &err);
        images[i] = loaded ? pixcl_image_convert(loaded, 3, &err) : NULL;
        pixcl_image_destroy(&loaded);
        done = images[i] != NULL;
    }
    done = done && pixcl_compare(images[0], images[1], &metrics, &err) == PIXCL_OK;
    if (done && mean)
        printf("%.6f\n", metrics.l1);
    else if (done)
        printf("%d\n", most_of(images[0], images[1]));
    pixcl_image_destroy(&images[0]);
    pixcl_image_destroy(&images[1]);
    return done ? 0 : fail(&err);
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "make") == 0)
        return make(argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]));
    if (argc == 3 && strcmp(argv[1], "size") == 0)
        return size(argv[2]);
    if (argc == 4 && strcmp(argv[1], "l1") == 0)
        return compare(argv + 2, true);
    if (argc == 4 && strcmp(argv[1], "most") == 0)
        return compare(argv + 2, false);
    fprintf(stderr, "usage: picture make FILE WIDTH HEIGHT CHANNELS | size FILE | l1 FILE FILE | most FILE FILE\n");
    return 2;
}
