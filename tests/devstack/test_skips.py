"""No test passes because a tool is missing: what is skipped is listed here, with the reason."""

import ast
from collections import Counter
from collections.abc import Iterator

from devstack.stack.program import PROJECT

TESTS = PROJECT / "tests"
ALLOWED = {
    (
        "devstack/testing/test_small_disk.py",
        "skipif",
    ): "the kernel forbids mounts; no tool would help",
    ("faults/test_scenarios.py", "skip"): "the same, for the fault of a full disk",
    ("shared/service/test_memory.py", "skipif"): "tunes glibc, which other systems do not have",
}
SKIPPING = {"skip", "skipif", "importorskip", "xfail", "skipTest", "skipUnless"}


def skips(source: str) -> Iterator[str]:
    """Return what in a module skips a test."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in SKIPPING:
            yield node.attr


def test_skipping_is_found():
    assert list(skips("import pytest\npytest.importorskip('docker')")) == ["importorskip"]
    assert list(skips("@pytest.mark.skipif(True, reason='')\ndef test(): pass")) == ["skipif"]


def test_no_other_test_is_skipped():
    found = Counter(
        (str(path.relative_to(TESTS)), each)
        for path in TESTS.rglob("*.py")
        if "releases" not in path.parts
        for each in skips(path.read_text())
    )

    assert found == dict.fromkeys(ALLOWED, 1)
