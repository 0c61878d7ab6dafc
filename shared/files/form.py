"""Recognises content that is not UTF-8 text, so that it is named instead of decoded by guess."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_START_BYTES: Final = 16
_SAMPLE_BYTES: Final = 64 * 1024
_LONGEST_LINE_BYTES: Final = 1024 * 1024
_COMMON: Final = 0.8  # share of everyday characters: some 0.5 if the wrong encoding is tried
_APART: Final = 0.1
_LAST_LEAD_BYTE: Final = {"big5": 0xC6, "gb2312": 0xD7}  # of the everyday characters


class UnusableFileError(ValueError):
    """A file cannot be read as a whole; the message says why, and what to do."""


class Form(NamedTuple):
    """What content is instead of UTF-8 text, and how to make UTF-8 text of it."""

    name: str
    remedy: str

    @property
    def told(self) -> str:
        """Both as a message."""
        return f"this is {self.name}. {self.remedy}"


def _encoding(name: str, iconv: str) -> Form:
    return Form(
        name,
        "Must be UTF-8: save it as `CSV UTF-8` in Excel or as UTF-8 in an editor, or convert it "
        f"with `iconv -f {iconv} -t UTF-8`.",
    )


def _compressed(name: str, program: str) -> Form:
    return Form(name, f"Must be the file itself: unpack it first with `{program}`.")


_WORKBOOK: Final = "Must be text in UTF-8: in Excel choose Save As, `CSV UTF-8 (Comma delimited)`."
# In this order: the mark of UTF-32 begins with that of UTF-16. Without a mark, every second byte
# of ASCII in UTF-16 is null.
_STARTS: Final = [
    (re.compile(pattern, re.DOTALL), form)
    for pattern, form in (
        (rb"\x1f\x8b", _compressed("gzip", "gunzip")),
        (rb"BZh[1-9]1AY&SY", _compressed("bzip2", "bunzip2")),
        (rb"\xfd7zXZ\0", _compressed("xz", "unxz")),
        (rb"\x28\xb5\x2f\xfd", _compressed("zstd", "unzstd")),
        (rb"PK\x03\x04", Form("an Excel workbook or a ZIP archive", _WORKBOOK)),
        (rb"\xd0\xcf\x11\xe0", Form("an Excel workbook", _WORKBOOK)),
        (
            rb"\xff\xfe\0\0|\0\0\xfe\xff|\0\0\0[^\0]|[^\0]\0\0\0",
            _encoding("UTF-32", "UTF-32"),
        ),
        (
            rb"\xff\xfe|\xfe\xff|\0[^\0]\0[^\0]|[^\0]\0[^\0]\0",
            _encoding("UTF-16 (in Excel: Unicode Text)", "UTF-16"),
        ),
    )
]
_BIG5: Final = _encoding("Big5", "BIG5-HKSCS")
_GB18030: Final = _encoding("GB18030 (GBK, GB 2312)", "GB18030")
_EITHER: Final = _encoding("Big5 or GB18030 (too short to tell)", "BIG5-HKSCS")


def form_of(content: bytes) -> Form | None:
    """Return what content is, or `None` for UTF-8 text and for what is not recognised.

    The whole content has to fit: a wrong byte in UTF-8 text does not make it another encoding.
    """
    return form_by_start(content) or (None if _is_utf8(content) else _legacy(content))


def check_form(file: Path) -> None:
    """Raise `UnusableFileError` for a file that is recognised as something else than UTF-8 text."""
    with file.open("rb") as opened:
        start = opened.read(_START_BYTES)
        opened.seek(0)
        form = form_by_start(start) or _legacy(_sample(_lines(opened)))
    if form:
        msg = f"{file}: {form.told}"
        raise UnusableFileError(msg)


@contextmanager
def opened_text(file: Path) -> Iterator[IO[str]]:
    """Open a text file in UTF-8, with or without a byte order mark; line ends stay as they are.

    Invalid bytes become lone surrogates, which the validation of each line reports. Raises
    `UnusableFileError` as `check_form` does.
    """
    check_form(file)
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
        yield opened


def read_text(file: Path) -> str:
    """Return a small file; raises `UnusableFileError` if it is not UTF-8 text."""
    check_form(file)
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{file}: must be text in UTF-8: {error}"
        raise UnusableFileError(msg) from error


def form_by_start(content: bytes) -> Form | None:
    """Return what content is whose first bytes say that it is not UTF-8 text."""
    return next((form for start, form in _STARTS if start.match(content)), None)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lines(opened: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: opened.readline(_LONGEST_LINE_BYTES), b"")


def _sample(lines: Iterable[bytes]) -> bytes:
    """Return the lines that are not ASCII, up to a limit; nothing if all lines are UTF-8."""
    others, size, all_utf8 = list[bytes](), 0, True
    for line in lines:
        if line.isascii():
            continue
        all_utf8 = all_utf8 and _is_utf8(line)
        if size < _SAMPLE_BYTES:
            others.append(line)
            size += len(line)
        elif not all_utf8:
            break
    return b"" if all_utf8 else b"".join(others)


def _legacy(content: bytes) -> Form | None:
    """Tell the two encodings apart, in which nearly all bytes are valid, by everyday characters."""
    big5, gb18030 = _everyday(content, "big5hkscs"), _everyday(content, "gb18030")
    if max(big5, gb18030) < _COMMON:
        return None
    if abs(big5 - gb18030) < _APART:
        return _EITHER
    return _BIG5 if big5 > gb18030 else _GB18030


def _everyday(content: bytes, encoding: str) -> float:
    """Return the share of everyday characters among those that are not ASCII."""
    try:
        others = [each for each in content.decode(encoding) if not each.isascii()]
    except UnicodeDecodeError:
        return 0
    return sum(map(_is_everyday, others)) / len(others) if others else 0


def _is_everyday(character: str) -> bool:
    return any(
        len(found := character.encode(encoding, "ignore")) > 1 and found[0] <= last
        for encoding, last in _LAST_LEAD_BYTE.items()
    )
