#!/usr/bin/env python3
"""Makes tests/golden/image/resize.bin: what Pillow's bicubic resize and convert('L') give for a few small pictures.

Needs python3-pil (Debian); run as `python3 tools/golden/resize.py`. Format, little endian: "PXRS", u32 version 1, then
records of u32 kind, width, height, channels and the pixels. Kind 1 is an input; 2 its resized copy; 3 its grey copy.
"""
import os
import random
import struct

from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, '..', '..', 'tests', 'golden', 'image', 'resize.bin')

INPUT, RESIZED, GREY = 1, 2, 3


def picture(width, height, rng):
    """A quarter each of smooth ramps, noise, hard black and white edges (where bicubic overshoots) and flat colour."""
    image = Image.new('RGB', (width, height))
    for y in range(height):
        for x in range(width):
            if x < width // 2 and y < height // 2:
                pixel = (x * 255 // width, y * 255 // height, (x + y) * 127 // width)
            elif x < width // 2:
                pixel = tuple(rng.randrange(256) for _ in range(3))
            elif y < height // 2:
                pixel = tuple(255 * ((x // 3 + y // (2 + c)) % 2) for c in range(3))
            else:
                pixel = (200, 30, 255)
            image.putpixel((x, y), pixel)
    return image


def main():
    rng = random.Random(7)
    plan = [
        ((47, 39), [(64, 60), (20, 30), (47, 17), (21, 39), (5, 3), (46, 40)]),
        ((64, 48), [(32, 24), (30, 23)]),
        ((1, 1), [(5, 4)]),
        ((3, 2), [(40, 1), (1, 9)]),
    ]
    with open(PATH, 'wb') as out:
        def record(kind, image):
            out.write(struct.pack('<4I', kind, image.width, image.height, len(image.getbands())))
            out.write(image.tobytes())

        out.write(b'PXRS' + struct.pack('<I', 1))
        for size, targets in plan:
            image = picture(*size, rng)
            grey = image.convert('L')
            for source in (image, grey):
                record(INPUT, source)
                if source is image:
                    record(GREY, grey)
                for target in targets if source is image else targets[:3]:
                    record(RESIZED, source.resize(target, Image.BICUBIC))


main()
