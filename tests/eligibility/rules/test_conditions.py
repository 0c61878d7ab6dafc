"""What is owed for a grant, beside the grant itself."""

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
def test_who_is_granted_a_demonstration_of_phase_2_owes_visits(phase, stream, conditions, source):
    granted = decided(phase, stream)
    referred = decided(phase, stream, factory={"industry": "other"})
    refused = decided(phase, stream, factory={"place": "elsewhere"})

    assert granted.conditions == referred.conditions == conditions, source
    assert refused.conditions == ()
