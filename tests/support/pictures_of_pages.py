"""Pictures that a browser takes of a page, as numbers. As much of PNG as Chromium writes (RFC 2083)."""

import struct
import zlib
from collections import Counter

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}


def colours(picture: bytes) -> Counter[tuple[int, int, int]]:
    """How many pixels there are of each colour: red, green, blue, 0 to 255."""
    assert picture.startswith(_SIGNATURE)
    chunks: list[tuple[bytes, bytes]] = []
    at = len(_SIGNATURE)
    while at < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        chunks.append((kind, picture[at + 8 : at + 8 + length]))
        at += length + 12
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (depth, interlaced) == (8, 0)
    channels = _CHANNELS[colour]
    data = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    stride = width * channels
    above = bytearray(stride)
    found: Counter[tuple[int, int, int]] = Counter()
    for y in range(height):
        start = y * (stride + 1)
        above = _row(data[start], bytearray(data[start + 1 : start + 1 + stride]), above, channels)
        found.update(zip(above[0::channels], above[1::channels], above[2::channels], strict=True))
    return found


def _row(method: int, row: bytearray, above: bytearray, channels: int) -> bytearray:
    """A row as it was before it was filtered (section 6 of the RFC)."""
    for i in range(len(row)):
        left = row[i - channels] if i >= channels else 0
        corner = above[i - channels] if i >= channels else 0
        guess = (0, left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))[method]
        row[i] = (row[i] + guess) & 255
    return row


def _paeth(left: int, above: int, corner: int) -> int:
    estimate = left + above - corner
    return min((left, above, corner), key=lambda each: abs(estimate - each))
