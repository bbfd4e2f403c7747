"""Pictures of 8-bit RGB as PNG files: what pixcl writes is read, and sheets of pictures are written."""

import struct
import zlib
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass
class Picture:
    width: int
    height: int
    pixels: bytearray  # rows from the top, red, green, blue

    @staticmethod
    def blank(width, height):
        return Picture(width, height, bytearray(b"\xff" * (3 * width * height)))

    def paste(self, other, x, y):
        """Puts all of the other picture at (x, y), inside this one."""
        for row in range(other.height):
            start = 3 * ((y + row) * self.width + x)
            self.pixels[start:start + 3 * other.width] = other.pixels[3 * row * other.width:3 * (row + 1) * other.width]

    def enlarged(self, scale):
        """Every pixel as a square of scale x scale."""
        picture = Picture(scale * self.width, scale * self.height, bytearray())
        for y in range(self.height):
            row = self.pixels[3 * y * self.width:3 * (y + 1) * self.width]
            picture.pixels += b"".join(bytes(row[i:i + 3]) * scale for i in range(0, len(row), 3)) * scale
        return picture


def paeth(a, b, c):
    """The one of left, up and upper left that is nearest to left + up - upper left."""
    pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfilter(kind, line, above):
    """Undoes in place what a row was predicted from: `above` is the row before it, undone already."""
    if kind == 1:
        for i in range(3, len(line)):
            line[i] = (line[i] + line[i - 3]) & 255
    elif kind == 2:
        for i, up in enumerate(above):
            line[i] = (line[i] + up) & 255
    elif kind in (3, 4):
        for i, up in enumerate(above):
            left, corner = (line[i - 3], above[i - 3]) if i >= 3 else (0, 0)
            line[i] = (line[i] + ((left + up) // 2 if kind == 3 else paeth(left, up, corner))) & 255
    elif kind != 0:
        raise ValueError(f"filter {kind} is not one of 0 to 4")


def chunks(data):
    at = len(SIGNATURE)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8:at + 8 + length]
        at += length + 12


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if not data.startswith(SIGNATURE):
        raise ValueError(f"{path}: not a PNG file")
    packed = b""
    for kind, body in chunks(data):
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            if (depth, colour, interlaced) != (8, 2, 0):
                raise ValueError(f"{path}: not 8-bit RGB without interlacing, which is what pixcl writes")
        elif kind == b"IDAT":
            packed += body
    raw = zlib.decompress(packed)
    picture = Picture(width, height, bytearray())
    above = bytes(3 * width)
    for y in range(height):
        start = y * (3 * width + 1)
        line = bytearray(raw[start + 1:start + 1 + 3 * width])
        unfilter(raw[start], line, above)
        picture.pixels += line
        above = line
    return picture


def write(path, picture):
    """Every row as its difference from the one above."""
    raw, above, length = bytearray(), bytes(3 * picture.width), 3 * picture.width
    for y in range(picture.height):
        line = picture.pixels[y * length:(y + 1) * length]
        raw.append(2)
        raw += bytes((value - up) & 255 for value, up in zip(line, above))
        above = line
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(SIGNATURE)
        for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(raw), 9)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
