"""Weights and pictures that two programs can make bit for bit without sharing a file. README.md states the formulas."""

import numpy as np

FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
GAMMA = np.uint64(0x9E3779B97F4A7C15)
SPREAD = np.float32(0.0692820323)  # sqrt(12) * 0.02: a uniform of this width has the reference's standard deviation
PICTURES = 4


def fnv1a(text):
    """FNV-1a, 64 bits, of the UTF-8 bytes."""
    h = FNV_OFFSET
    for byte in text.encode("utf-8"):
        h = ((h ^ byte) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return h


def splitmix64(z):
    z = z.copy()
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def unit(name, count):
    """`count` float32 in [0, 1), multiples of 2^-24, for the stream `name`."""
    i = np.arange(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        u = splitmix64(np.uint64(fnv1a(name)) + i * GAMMA)
    return (u >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


def centred(name, shape, spread=SPREAD):
    """(unit - 0.5) * spread as float32, shaped."""
    count = int(np.prod(shape, dtype=np.int64))
    return ((unit(name, count) - np.float32(0.5)) * np.float32(spread)).reshape(shape)


def tensor(net, key, shape):
    """Initial value of the state_dict entry `key` of net "G" or "D"; the shape tells conv weights from norm weights."""
    leaf = key.rsplit(".", 1)[-1]
    if leaf == "num_batches_tracked":
        return np.zeros(shape, np.int64)
    if leaf in ("bias", "running_mean"):
        return np.zeros(shape, np.float32)
    if leaf == "running_var":
        return np.ones(shape, np.float32)
    value = centred(net + ":" + key, shape)
    return value if len(shape) == 4 else np.float32(1.0) + value


def philox(key, counter):
    """Four 32-bit words of Philox4x32-10 (Salmon et al., SC 2011), from two words of key and four of counter."""
    key, c = list(key), list(counter)
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(q >> 32) ^ c[1] ^ key[0], q & 0xFFFFFFFF, (p >> 32) ^ c[3] ^ key[1], p & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def random_units(seed, step, stream, count):
    """`count` multiples of 2^-24 in [0, 1): what pixcl's operation with random numbers number `stream` takes in a step."""
    words = [philox((seed & 0xFFFFFFFF, seed >> 32), (i // 4, stream, step & 0xFFFFFFFF, step >> 32))[i % 4]
             for i in range(count)]
    return [(w >> 8) * 2.0**-24 for w in words]


def triangle(t):
    """0..255..0 with period 512."""
    t = t & 511
    return np.where(t < 256, t, 511 - t)


def picture(index, size):
    """Pair `index`: uint8 (size, 2 * size, 3), A on the left, B on the right. `size` divides 256."""
    assert 256 % size == 0
    step = 256 // size
    y, x, c = np.meshgrid(np.arange(size) * step, np.arange(size) * step, np.arange(3), indexing="ij")
    wave = (triangle(x * (c + 1) + 37 * index) + triangle(y * (3 - c) + 91 * index + 64 * c)) >> 1
    grain = (unit("picture:%d" % index, size * size * 3) * np.float32(256)).astype(np.int64).reshape(size, size, 3)
    a = (wave + 3 * grain) >> 2
    b = 255 - a[:, :, [1, 2, 0]]
    return np.concatenate([a, b], axis=1).astype(np.uint8)


def planes(pixels):
    """uint8 (H, W, 3) to float32 (3, H, W) in [-1, 1], each operation rounded to float32."""
    value = pixels.transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    return np.ascontiguousarray((value - np.float32(0.5)) / np.float32(0.5))


def pair(index, size):
    """(A, B) of pair `index` as float32 (3, size, size)."""
    pixels = picture(index, size)
    return planes(pixels[:, :size]), planes(pixels[:, size:])


def checksum(values):
    """Sum of (2i + 1) * bits(values[i]) modulo 2^64; bits are the bytes of uint8, the 32-bit words of float32."""
    flat = np.ascontiguousarray(values).reshape(-1)
    bits = flat.view(np.uint8 if flat.dtype == np.uint8 else np.uint32).astype(np.uint64)
    odd = np.arange(bits.size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    with np.errstate(over="ignore"):
        return int(np.sum(bits * odd, dtype=np.uint64))


def hexadecimal(number):
    return "0x%016x" % (number & 0xFFFFFFFFFFFFFFFF)
