"""The obligations that come with a grant."""

import pytest

from tests.eligibility.phases import decided


@pytest.mark.parametrize(
    ("phase", "stream", "conditions", "source"),
    [
        ("2", "demonstration", ("open-to-visitors",), "S24"),
        ("2", "assessment", (), "S24"),
        ("3", "demonstration", (), "setting"),
        ("4", "demonstration-ii", (), "setting"),
        ("5", "new-technology", (), "setting"),
    ],
)
def test_only_a_demonstration_of_phase_2_comes_with_visits(phase, stream, conditions, source):
    granted = decided(phase, stream)
    referred = decided(phase, stream, factory={"industry": "other"})
    refused = decided(phase, stream, factory={"place": "elsewhere"})

    assert granted.conditions == referred.conditions == conditions, source
    assert refused.conditions == ()
