#!/usr/bin/env python3
"""Makes tests/golden/swd.json: sliced Wasserstein distances between small sets of formula pictures, in float64.

Needs python3-numpy; run as `python3 tools/golden/swd.py`. Patches lie where src/report/swd.c puts them and directions are
its own, as both are numbers by counter; all else is written down from the definition (include/pixcl/evaluate.h).
"""

import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "..", "..", "tests", "golden", "swd.json")

SIDE, SMALLEST, A_PICTURE, A_SET, DIRECTIONS = 7, 16, 1024, 16384, 128
WINDOW = np.array([1, 4, 6, 4, 1]) / 16


def words(seed, stream, positions):
    """Word p of a stream of src/base/rng.h, for an array of p: Philox4x32-10."""
    positions = np.asarray(positions, np.uint64)
    block = positions // np.uint64(4)
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    c = [block & low, block >> shift, np.full_like(block, stream), np.zeros_like(block)]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> shift) ^ c[1] ^ np.uint64(key[0]), p1 & low, (p0 >> shift) ^ c[3] ^ np.uint64(key[1]), p0 & low]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.choose((positions % np.uint64(4)).astype(int), c)


def below(word, n):
    product = word * np.uint64(n)
    assert np.all(product & np.uint64(0xFFFFFFFF) >= (1 << 32) % n)  # no draw that Lemire's method would repeat
    return (product >> np.uint64(32)).astype(int)


def directions(seed, values):
    """[values][DIRECTIONS], unit vectors."""
    w = words(seed, 0, np.arange(2 * values * DIRECTIONS)).astype(np.float64)
    normal = np.sqrt(-2 * np.log((w[0::2] + 1) / 2**32)) * np.cos(2 * np.pi * w[1::2] / 2**32)
    d = normal.reshape(DIRECTIONS, values).T
    return d / np.linalg.norm(d, axis=0)


def convolve(planes, window):
    """Both ways over (height, width, channels), mirrored about the outermost pixel."""
    for axis in (0, 1):
        pad = [(2, 2) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(planes, pad, mode="reflect")
        planes = sum(w * np.take(padded, range(i, i + planes.shape[axis]), axis) for i, w in enumerate(window))
    return planes


def pyramid(picture, levels):
    fine = picture.astype(np.float64)
    result = []
    for level in range(levels):
        if min(fine.shape[:2]) < SMALLEST:
            break
        coarse = convolve(fine, WINDOW)[::2, ::2]
        spread = np.zeros_like(fine)
        spread[::2, ::2] = coarse
        result.append(fine if level == levels - 1 else fine - convolve(spread, 2 * WINDOW))
        fine = coarse
    return result


def patches(pictures, levels, seed):
    """By level: [count][channels * SIDE * SIDE]."""
    result = []
    for level in range(levels):
        planes = [p[level] for p in (pyramid(picture, levels) for picture in pictures) if len(p) > level]
        step = 1
        while -(-len(planes) * A_PICTURE // step) > A_SET:
            step *= 2
        found = []
        for number in range(0, len(planes) * A_PICTURE, step):
            plane = planes[number // A_PICTURE]
            x = below(words(seed, 1 + level, 2 * number), plane.shape[1] - SIDE + 1)
            y = below(words(seed, 1 + level, 2 * number + 1), plane.shape[0] - SIDE + 1)
            found.append(plane[y : y + SIDE, x : x + SIDE].transpose(2, 0, 1).reshape(-1))
        result.append(np.array(found))
    return result


def quantiles(values, places):
    """Of sorted columns, the quantile functions at `places` in (0, 1)."""
    return values[(places * len(values)).astype(int)]


def distance(a, b, channels, seed):
    area = SIDE * SIDE
    for c in range(channels):
        part = slice(c * area, (c + 1) * area)
        mean = (a[:, part].mean() + b[:, part].mean()) / 2
        deviation = np.sqrt((np.square(a[:, part] - mean).mean() + np.square(b[:, part] - mean).mean()) / 2)
        for s in (a, b):
            s[:, part] = (s[:, part] - mean) / deviation
    d = directions(seed, channels * area)
    a, b = np.sort(a @ d, axis=0), np.sort(b @ d, axis=0)
    edges = np.unique(np.concatenate([np.arange(len(a) + 1) * len(b), np.arange(len(b) + 1) * len(a)]))
    places = (edges[1:] + edges[:-1]) / 2 / (len(a) * len(b))
    gaps = np.abs(quantiles(a, places) - quantiles(b, places))
    return 1000 * float((gaps * np.diff(edges)[:, None]).sum() / (len(a) * len(b)) / DIRECTIONS)


def picture(number, width, height, channels, coarseness):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    return ((x * (3 + c) + y * 5 + number * 29) ^ (x * y >> coarseness)) & 255


CASES = [
    # channels, seed, levels asked for, then of each set: pictures, width, height of the first, coarseness
    (3, 0, 0, (2, 64, 64, 2), (2, 64, 64, 3)),
    (1, 7, 0, (3, 37, 53, 2), (1, 80, 35, 5)),
    (3, 1 << 40, 2, (20, 33, 40, 1), (3, 50, 41, 4)),  # more patches than a set holds
]


def main():
    cases = []
    for channels, seed, levels, *sets in CASES:
        made = [[picture(n, w + n, h - n % 3, channels, coarse) for n in range(count)] for count, w, h, coarse in sets]
        if levels == 0:
            levels = int(np.log2(min(made[0][0].shape[:2]) // SMALLEST)) + 1
        a, b = (patches(pictures, levels, seed) for pictures in made)
        cases.append({
            "channels": channels, "seed": seed, "levels": levels,
            "sets": [dict(zip(("pictures", "width", "height", "coarseness"), s)) for s in sets],
            "patches": [[len(level) for level in s] for s in (a, b)],
            "distance": [distance(x, y, channels, seed) for x, y in zip(a, b)],
        })
    with open(PATH, "w", encoding="utf-8") as out:
        json.dump(cases, out, indent=1)
        out.write("\n")


main()
