"""What is written down about the machine."""

import re

from bench.harness.machine import versions


def test_versions_are_numbers_whatever_a_program_says_around_them():
    told = versions()

    assert {"python", "kafka", "mongodb", "motor"} <= set(told)
    assert {name for name, each in told.items() if not re.fullmatch(r"\d+(\.\w+)+", each)} == set()
