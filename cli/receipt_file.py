"""Receipt files: one JSON object per line, appended next to the input file to resume from it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from os import SEEK_END
from pathlib import Path
from typing import IO, Any, Final

_SUFFIX: Final = ".receipts.ndjson"
_LONGEST_RECEIPT: Final = 65_536  # bytes


def receipts_beside(file: Path) -> Path:
    """Return the default path of the receipts for `file`."""
    return file.with_name(file.name + _SUFFIX)


def read_receipts(
    path: Path, *fields: str, optional: Sequence[str] = ()
) -> Iterator[tuple[Any, ...]]:
    """Yield these fields of each receipt, then the optional ones, or `None` for those.

    Skips lines that lack a field or were cut off by a crash.
    """
    if not path.exists():
        return
    with path.open("rb") as opened:
        for line in opened:
            with suppress(ValueError, KeyError, TypeError):
                receipt = json.loads(line)
                yield (*(receipt[each] for each in fields), *map(receipt.get, optional))


def open_receipts(path: Path) -> IO[bytes]:
    """Open a receipt file for appending, without what a crash left of a last line.

    What it was the receipt of is sent again, and is the same then.
    """
    opened = path.open("ab+")
    size = opened.seek(0, SEEK_END)
    opened.seek(max(size - _LONGEST_RECEIPT, 0))
    last = opened.read().rpartition(b"\n")[2]
    if last and _is_whole(last):
        opened.write(b"\n")
    elif last:
        opened.truncate(size - len(last))
    return opened


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def write_receipt(opened: IO[bytes], receipt: Mapping[str, Any]) -> None:
    """Append one receipt; the caller flushes."""
    opened.write(json.dumps(receipt, ensure_ascii=False).encode() + b"\n")
