import pytest

from services.operations.page.wording import ago, commands, duration, number


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, "not known"),
        (0, "0 s"),
        (119.9, "119 s"),
        (120, "2 min"),
        (7200, "2 h 0 min"),
        (200_000, "2 d 7 h"),
    ],
)
def test_durations_have_units(seconds, written):
    assert duration(seconds) == written


def test_never_is_not_0_seconds_ago():
    assert (ago(None), ago(0)) == ("never", "0 s ago")


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "not known"), (0.0, "0"), (12.34, "12.3"), (1234.5, "1,234"), (3, "3")],
)
def test_numbers(value, written):
    assert number(value) == written


def test_commands_are_marked_and_everything_is_escaped():
    assert commands("Run `cppp <x>` & go") == "Run <code>cppp &lt;x&gt;</code> &amp; go"
