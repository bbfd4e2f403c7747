// Translates a batch in one call, from C++: example CHECKPOINT INPUT... prints the mean colour of each result.
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <pixcl/device.h>
#include <pixcl/generator.h>

namespace {

// The library's handles, closed when they go out of scope.
struct close_generator {
    void operator()(pixcl_generator *generator) const { pixcl_generator_close(&generator); }
};
struct destroy_image {
    void operator()(pixcl_image *image) const { pixcl_image_destroy(&image); }
};
using generator_ptr = std::unique_ptr<pixcl_generator, close_generator>;
using image_ptr = std::unique_ptr<pixcl_image, destroy_image>;

void check(bool fine, const pixcl_error &err)
{
    if (!fine)
        throw std::runtime_error(err.message);
}

} // namespace

int main(int argc, char **argv)
try {
    int code;
    if (pixcl_helper_main(argc, argv, &code))
        return code;
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s CHECKPOINT INPUT...\n", argv[0]);
        return 2;
    }

    pixcl_error err = {};
    const generator_ptr generator(pixcl_generator_open(nullptr, argv[1], nullptr, &err));
    check(generator != nullptr, err);

    // All inputs have the size of the first: bytes in rows of red, green and blue.
    std::vector<unsigned char> pictures;
    int height = 0, width = 0;
    for (int i = 2; i < argc; i++) {
        const image_ptr loaded(pixcl_image_load(argv[i], &err));
        check(loaded != nullptr, err);
        if (i == 2)
            height = loaded->height, width = loaded->width;
        const image_ptr colour(pixcl_image_convert(loaded.get(), 3, &err));
        check(colour != nullptr, err);
        const image_ptr fitting(pixcl_image_resize(colour.get(), width, height, &err));
        check(fitting != nullptr, err);
        pictures.insert(pictures.end(), fitting->pixels, fitting->pixels + std::size_t(3) * height * width);
    }

    // In as bytes, out as PyTorch has them: floats from -1 to 1, a plane for each channel.
    const int count = argc - 2;
    std::vector<float> made(pictures.size());
    const pixcl_tensor input = pixcl_tensor_nhwc(pictures.data(), PIXCL_UINT8, count, height, width, 3);
    const pixcl_tensor output = pixcl_tensor_nchw(made.data(), PIXCL_FLOAT32, count, 3, height, width);
    check(pixcl_generator_run(generator.get(), &input, &output, &err) == PIXCL_OK, err);

    const std::size_t plane = std::size_t(height) * width;
    for (int i = 0; i < count; i++) {
        double mean[3] = {};
        for (int c = 0; c < 3; c++)
            for (std::size_t p = 0; p < plane; p++)
                mean[c] += made[(std::size_t(i) * 3 + c) * plane + p] / double(plane);
        std::printf("%s %.4f %.4f %.4f\n", argv[i + 2], mean[0], mean[1], mean[2]);
    }
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
