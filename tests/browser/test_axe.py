"""What tells violations is what its page says it is."""

import hashlib

from tests.browser.visiting import AXE


def test_axe_is_the_file_that_its_page_names():
    named = (AXE.parent / "README.md").read_text()

    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in named
