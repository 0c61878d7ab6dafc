"""Each test that `docs/upgrading.md` names is there."""

import re

import pytest

from devstack.stack.program import PROJECT

PAGE = (PROJECT / "docs" / "upgrading.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+/test_\w+\.py)(?:::(test_\w+))?`", PAGE)))


def test_the_page_names_tests():
    assert len(NAMED) >= 15


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_named_test_is_there(file, test):
    assert re.search(rf"^(async )?def {test}", (PROJECT / "tests" / file).read_text(), re.MULTILINE)
