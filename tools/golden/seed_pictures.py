#!/usr/bin/env python3
"""Makes the small pictures in tests/golden/image/ from which fuzzing of the decoders starts.

Needs python3-pil (Debian); run as `python3 tools/golden/seed_pictures.py`.
"""
import os

from PIL import Image

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tests', 'golden', 'image')


def main():
    image = Image.new('RGB', (20, 12))
    image.putdata([(x * 12, y * 20, (x * y * 7) % 256) for y in range(12) for x in range(20)])
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(os.path.join(FOLDER, 'turned.jpg'), quality=60, exif=exif.tobytes())
    image.convert('CMYK').save(os.path.join(FOLDER, 'progressive_cmyk.jpg'), quality=60, progressive=True)
    image.quantize(14).save(os.path.join(FOLDER, 'palette.png'), transparency=2)


main()
