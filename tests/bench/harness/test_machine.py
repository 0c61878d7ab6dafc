import re

from bench.harness.machine import software_versions


def test_versions_are_extracted_from_the_output_of_programs():
    versions = software_versions()

    assert {"python", "kafka", "mongodb", "motor"} <= set(versions)
    assert {
        name for name, each in versions.items() if not re.fullmatch(r"\d+(\.\w+)+", each)
    } == set()
