"""What is not answered is told by the name of its panel."""

from devstack.dashboards.asking import Series
from tests.end_to_end.observed import Unanswered


class Answering:
    """A Prometheus that answers all but what asks for one metric."""

    def __init__(self, unknown):
        self._unknown = unknown

    def answers(self, target, _window):
        return [] if self._unknown in target["expr"] else [Series("", {}, ((0.0, 1.0),))]

    def has_label(self, variable):
        return self._unknown not in variable


def test_a_panel_without_data_is_told_by_its_name():
    unanswered = Unanswered(Answering("cppp_orphans"))
    assert "CPPP Lag / $group" in unanswered.names
    assert "infrastructure.yml / service:mongo_command_duration_seconds:p95_5m{}" in (
        unanswered.names
    )

    assert unanswered.ask() == {"CPPP Overview / Orphans / A", "CPPP Business flow / Orphans / A"}


def test_a_variable_without_values_is_told_by_its_name():
    unanswered = Unanswered(Answering("kafka_consumergroup_group_sum_lag"))

    assert {"CPPP Lag / $group", "CPPP Lag / Lag in records, by group / A"} == unanswered.ask()


def test_a_panel_that_shows_none_for_want_of_series_is_told_too():
    unanswered = Unanswered(Answering("vector(0), "))

    assert unanswered.ask() == set(), "a query was asked with what it shows otherwise"
