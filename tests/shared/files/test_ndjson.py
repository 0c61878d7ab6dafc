"""Files of JSON documents, one on each line."""

import json

import pytest

from shared.files.form import UnusableFileError
from shared.files.ndjson import Line, count_lines, is_one_document, read_lines

ONE = {"type": "CaseRuled", "reasons": [{"en": "a"}, {"en": "b"}], "empty": {}}


def write(tmp_path, content):
    file = tmp_path / "a.ndjson"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_lines_are_counted_from_one_and_empty_ones_passed_over(tmp_path):
    file = write(tmp_path, b"\xef\xbb\xbf{}\r\n\n  \n[1]")

    assert list(read_lines(file)) == [Line(1, b"{}"), Line(4, b"[1]")]
    assert count_lines(file) == 4


@pytest.mark.parametrize(("content", "lines"), [(b"", 0), (b"\n", 1), (b"a", 1), (b"a\nb\n", 2)])
def test_lines_are_counted_with_and_without_an_end(tmp_path, content, lines):
    assert count_lines(write(tmp_path, content)) == lines


def test_a_line_longer_than_any_document_is_reported(tmp_path):
    with pytest.raises(UnusableFileError, match="line 1 is too long"):
        list(read_lines(write(tmp_path, b"x" * 17 * 1024 * 1024)))


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ONE, indent=2),
        json.dumps([ONE, ONE], indent="\t"),
        json.dumps(ONE, indent=0) + "\n" + json.dumps(ONE, indent=0),
        "\ufeff\n" + json.dumps(ONE, indent=4),
        "[" + ",\n".join([json.dumps(ONE)] * 3) + "]",
        "[\n" + ",\n".join([json.dumps(ONE)] * 3) + "\n]",
        '{"type": "CaseRuled",\n "version": 1}',
    ],
)
def test_one_document_over_several_lines_is_told_as_such_once(tmp_path, content):
    with pytest.raises(UnusableFileError, match="this is one JSON document over several lines"):
        read_lines(write(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]\n[2]",
        "not json\nnot json",
        '{"cut": ',
        '{"cut": \n{"type": "CaseRuled"}\n',
        json.dumps(ONE) + "\n" + json.dumps(ONE, indent=2),
    ],
)
def test_other_lines_are_told_one_by_one(tmp_path, content):
    lines = [each for each in content.encode().split(b"\n") if each]

    assert [each.body for each in read_lines(write(tmp_path, content))] == [
        each.strip() for each in lines
    ]


def test_deep_nesting_is_no_reason_to_fail():
    assert not is_one_document(b"[" * 50_000, b"[]")


def test_without_a_first_or_second_line_nothing_is_known():
    assert not is_one_document(b"", b"x")
    assert not is_one_document(b'{"a":', b" ")


def test_equal_lines_are_different_submissions_and_a_line_is_always_the_same_one():
    assert Line(1, b"{}").idempotency_key != Line(2, b"{}").idempotency_key
    assert Line(1, b"{}").idempotency_key == Line(1, b"{}").idempotency_key
    assert Line(1, b"1\n").idempotency_key != Line(11, b"\n").idempotency_key
    assert Line(1, b"{}").idempotency_key == "2abb749635de1a7f1d45ce3a27636ef3"
