#!/usr/bin/env python3
"""Prints the tables of tests/unit/test_image_lab.c: colours through scikit-image's rgb2lab and lab2rgb.

Needs python3-skimage (Debian); run as `python3 tools/golden/lab.py`.
"""
import warnings

import numpy as np
from skimage import color

# Corners, greys on both sides of the two thresholds (10 and 11 of sRGB's, 23 and 24 of L*'s), and colours in between.
RGB = [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 255, 255), (255, 0, 255), (255, 255, 0),
       (10, 10, 10), (11, 11, 11), (23, 23, 23), (24, 24, 24), (128, 128, 128), (1, 2, 3), (200, 100, 50),
       (37, 90, 211), (250, 249, 3), (90, 8, 60)]
# L, a, b that sRGB has, and some that it has not: clipped, and the last three with a negative Z.
LAB = [(50, 0, 0), (70, 20, -30), (5, 3, -4), (30, -25, 30), (90, 5, 60), (50, 110, 110), (50, -110, -110),
       (100, 60, 0), (10, 0, 110), (1, -110, 110), (0, 0, 110)]


def main():
    rgb = np.array([RGB], np.uint8)
    for value, lab in zip(RGB, color.rgb2lab(rgb)[0]):
        print('    {{%d, %d, %d}, {%.5f, %.5f, %.5f}},' % (*value, *lab))
    print()
    warnings.simplefilter('ignore')  # lab2rgb warns of a negative Z
    for value, rgb in zip(LAB, color.lab2rgb(np.array([LAB], np.float64))[0]):
        print('    {{%d, %d, %d}, {%.3f, %.3f, %.3f}},' % (*value, *(255 * rgb)))


main()
