"""The three formats are told by their bytes; the size is right."""

import base64
import struct
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.content.folder.images import UnusableImageError, read_image
from tests.cli.content.editing import png


def segment(kind: int, data: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(data) + 2) + data


def jpeg(width: int, height: int) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes(9)
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0" + bytes(9))
        + segment(0xC4, bytes(20))
        + segment(0xC2, frame)
    )


def webp(kind: bytes, data: bytes) -> bytes:
    part = kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(part) + 4) + b"WEBP" + part


def lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", width - 1 | (height - 1) << 14))


def extended(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp(b"VP8X", bytes(4) + size)


FORMS = {
    "a.png": (png, "image/png"),
    "a.jpg": (jpeg, "image/jpeg"),
    "a.jpeg": (jpeg, "image/jpeg"),
    "lossy.webp": (lossy, "image/webp"),
    "lossless.webp": (lossless, "image/webp"),
    "extended.webp": (extended, "image/webp"),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("size", [(1, 1), (320, 200), (200, 320)])
def test_an_image_is_read(name, size):
    make, media_type = FORMS[name]
    data = make(*size)
    read = read_image(name, data)

    assert (read.image.width, read.image.height) == size
    assert read.image.media_type == media_type
    assert base64.b64decode(read.image.data_base64) == data
    assert read.id == f"sha256-{sha256(data).hexdigest()}"


@pytest.mark.parametrize("name", FORMS)
def test_a_file_that_is_cut_off_in_its_header_is_refused(name):
    make, _ = FORMS[name]
    whole = make(320, 200)
    short = whole[:20] if name.endswith("png") else whole[: min(len(whole) - 1, 24)]

    with pytest.raises(UnusableImageError):
        read_image(name, short)


@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8L"]),
    st.binary(max_size=60),
)
def test_any_bytes_are_an_image_or_refused(begin, rest):
    for name in ("a.png", "a.jpg", "a.webp"):
        with suppress(UnusableImageError):
            assert read_image(name, begin + rest).image.width
