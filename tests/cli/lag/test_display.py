"""What `cppp lag` prints of figures."""

import re

import pytest

from cli.lag.display import show
from shared.lag.model import Group, Lags, PartitionLag


@pytest.fixture
def shown(capsys):
    def printed(group, *rows, by_partition=False):
        show(Lags(1000.0, [group], rows), by_partition=by_partition)
        return re.sub(r"[│┃]", " ", capsys.readouterr().out)

    return printed


def a_row(group, records=3):
    return PartitionLag(group, "facts.v1", 0, 0, records, 940.0)


def test_a_service_without_members_is_told_with_what_to_do(shown):
    said = shown(Group("notify", 0, registered=True), a_row("notify"))

    assert "notify has no members: nobody reads for it. Start notify" in said
    assert "docs/runbooks/operations.md" in said


@pytest.mark.parametrize("members", [1, None])
def test_a_service_that_has_members_or_may_have_some_is_not(shown, members):
    assert "no members" not in shown(Group("notify", members, registered=True), a_row("notify"))


def test_nobody_has_to_start_a_tool_again(shown):
    assert "Start" not in shown(Group("console-consumer-123", 0), a_row("console-consumer-123"))


@pytest.mark.parametrize("by_partition", [False, True])
def test_a_group_that_has_nothing_to_read_has_a_line_with_what_is_not_known(shown, by_partition):
    said = shown(Group("notify", 0, registered=True), by_partition=by_partition)

    [line] = [each.split() for each in said.splitlines() if each.split()[:1] == ["notify"]][:1]
    assert line == ["notify", *["?"] * (4 if by_partition else 3), "0"]
    assert "notify has no members" in said


@pytest.mark.parametrize("name", ["[/x]", "[red]x"])
def test_names_are_no_markup(shown, name):
    assert shown(Group(name, 0, registered=True), a_row(name)).count(name) == 3
