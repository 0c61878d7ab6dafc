"""Images: PNG, JPEG and WebP as their first bytes say, without what a camera writes into them."""

import base64
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final

from shared.events.content import LARGEST_IMAGE_BYTES, Image

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_SUFFIXES: Final = {
    "image/png": {".png"},
    "image/jpeg": {".jpg", ".jpeg"},
    "image/webp": {".webp"},
}
_METADATA: Final = re.compile(
    rb"Exif\0\0|eXIf(?:MM\0\*|II\*\0)|EXIF.{4}(?:MM\0\*|II\*\0)|<x:xmpmeta|<\?xpacket", re.DOTALL
)
_MOST_PIXELS: Final = 10_000
# Segments of JPEG that begin a frame and so have its size; C4, C8 and CC are tables.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class UnusableImageError(Exception):
    """The file cannot be published as an image; the message says what it must be."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image that can be published."""

    id: str
    data: bytes
    image: Image


def read_image(name: str, data: bytes) -> ImageFile:
    """Check an image file; raises `UnusableImageError`."""
    if len(data) > LARGEST_IMAGE_BYTES:
        msg = f"Must be at most {LARGEST_IMAGE_BYTES:,} bytes, not {len(data):,}."
        raise UnusableImageError(msg)
    media_type, (width, height) = _form(data)
    if PurePosixPath(name).suffix not in _SUFFIXES[media_type]:
        msg = f"Must have a name that ends as {media_type}, which it is."
        raise UnusableImageError(msg)
    if not (0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS):
        msg = f"Must be 1 to {_MOST_PIXELS:,} pixels wide and high."
        raise UnusableImageError(msg)
    if _METADATA.search(data):
        msg = "Must be saved without metadata (Exif, XMP), which may say who took it, and where."
        raise UnusableImageError(msg)
    encoded = base64.b64encode(data).decode()
    image = Image(media_type=media_type, width=width, height=height, data_base64=encoded)
    return ImageFile(f"sha256-{sha256(data).hexdigest()}", data, image)


def _form(data: bytes) -> tuple[str, tuple[int, int]]:
    try:
        if data.startswith(_PNG) and data[12:16] == b"IHDR":
            return "image/png", (_big(data, 16, 4), _big(data, 20, 4))
        if data.startswith(_JPEG):
            return "image/jpeg", _size_of_jpeg(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return "image/webp", _size_of_webp(data)
    except IndexError:
        pass
    msg = "Must be a whole PNG, JPEG or WebP file. SVG is not taken: it can hold scripts."
    raise UnusableImageError(msg)


def _size_of_jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while data[at] == 0xFF:  # noqa: PLR2004  # every segment begins with it
        if data[at + 1] in _FRAMES:
            return _big(data, at + 7, 2), _big(data, at + 5, 2)
        at += 2 + _big(data, at + 2, 2)
    raise IndexError


def _size_of_webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8 ":  # lossy: 14 bits each
        return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    if kind == b"VP8L":  # lossless: 14 bits each, less one
        bits = _little(data, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":  # extended: 24 bits each, less one
        return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
    raise IndexError


def _big(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(_part(data, at, length), "big")


def _little(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(_part(data, at, length), "little")


def _part(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise IndexError
    return data[at : at + length]
