"""Receipts that a crash cut off."""

import pytest

from cli.receipt_file import open_receipts, read_receipts, write_receipt

ONE, TWO, THREE = (b'{"line": %d, "name": "\xe4\xbc\x81"}' % n for n in (1, 2, 3))


def reopened(path, before):
    path.write_bytes(before)
    with open_receipts(path) as opened:
        write_receipt(opened, {"line": 3, "name": "企"})
    return path.read_bytes()


@pytest.mark.parametrize("cut", range(1, len(TWO)))
def test_what_a_crash_left_of_a_line_is_gone_and_the_lines_before_it_are_not(tmp_path, cut):
    path = tmp_path / "receipts"

    assert reopened(path, ONE + b"\n" + TWO[:cut]) == ONE + b"\n" + THREE + b"\n"
    assert [line for (line,) in read_receipts(path, "line")] == [1, 3]


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        (b"", b""),
        (ONE[:5], b""),
        (ONE, ONE + b"\n"),
        (ONE + b"\n", ONE + b"\n"),
        (ONE + b"\n" + TWO, ONE + b"\n" + TWO + b"\n"),
        ((ONE + b"\n") * 5_000 + TWO[:9], (ONE + b"\n") * 5_000),
    ],
)
def test_whole_lines_are_kept_with_or_without_their_end(tmp_path, before, kept):
    assert reopened(tmp_path / "receipts", before) == kept + THREE + b"\n"
