"""A Maildir: a folder with a file for each mail."""

import os
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

_SUBFOLDERS = ("tmp", "new", "cur")


class Maildir:
    """Stores mails byte for byte. It does not sync the disk: the mails are for looking at."""

    def __init__(self, folder: Path) -> None:
        for each in _SUBFOLDERS:
            (folder / each).mkdir(parents=True, exist_ok=True)
        self._drafts, self._mails = f"{folder / 'tmp'}/", f"{folder / 'new'}/"
        self._suffix = f".P{os.getpid()}"
        self._numbers = count(1)

    def store(self, sender: str, recipients: Sequence[str], content: bytes) -> None:
        """Store a mail atomically, with its envelope as headers on top."""
        name = f"{time.time_ns()}{self._suffix}Q{next(self._numbers)}.sink"
        draft = self._drafts + name
        with open(draft, "xb", buffering=0) as opened:  # noqa: PTH123  # a path costs as much
            opened.write(_headers(sender, recipients) + content)
        os.rename(draft, self._mails + name)  # noqa: PTH104


def _headers(sender: str, recipients: Sequence[str]) -> bytes:
    delivered = (f"Delivered-To: {each}\r\n" for each in recipients)
    return "".join([f"Return-Path: <{sender}>\r\n", *delivered]).encode()
