"""The metrics of lag: what is shown of figures, however old they are."""

from dataclasses import replace

import pytest
from aiokafka import TopicPartition
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from services.operations.metrics import LagMetrics
from services.operations.watch import NO_LAGS
from shared.lag.model import Group, Lags, PartitionLag, Range
from shared.metrics import Metrics

NOW = 1_000_000.0
CURRENT_SECONDS = 20
LABELS = ("group", "topic", "partition")
LAGS = Lags(
    at=NOW - 30,
    groups=[Group("notify", 3, registered=True), Group("recognition", 0), Group("other", None)],
    partitions=[
        PartitionLag("notify", "facts.v1", 0, 7, 5, NOW - 90),
        PartitionLag("notify", "facts.v1", 1, None, 2, NOW - 10),
        PartitionLag("notify", "rulings.v1", 0, 3, 0, None),
        PartitionLag("recognition", "facts.v1", 0, 0, 4, None),
    ],
    ranges={TopicPartition("facts.v1", 0): Range(2, 12)},
)


@pytest.fixture
def shown():
    """A function that returns the values of a metric: by group, topic and partition."""
    metrics = Metrics("operations")
    lags = [LAGS]
    LagMetrics(metrics, lambda: lags[0], CURRENT_SECONDS, lambda: NOW)

    def values(name: str, new: Lags = LAGS) -> dict[str, float]:
        lags[0] = new
        families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
        return {
            " ".join(each.labels[label] for label in LABELS if label in each.labels): each.value
            for family in families
            for each in family.samples
            if each.name == name
        }

    return values


def test_lag_is_shown_by_partition(shown):
    assert shown("kafka_consumergroup_group_lag") == {
        "notify facts.v1 0": 5,
        "notify facts.v1 1": 2,
        "notify rulings.v1 0": 0,
        "recognition facts.v1 0": 4,
    }


def test_seconds_of_a_current_reading_are_those_of_its_moment(shown):
    current = replace(LAGS, at=NOW - CURRENT_SECONDS + 1)

    seconds = shown("kafka_consumergroup_group_lag_seconds", current)

    assert seconds["notify facts.v1 0"] == 90 - CURRENT_SECONDS + 1


def test_seconds_grow_with_the_clock_once_the_next_reading_is_overdue(shown):
    assert shown("kafka_consumergroup_group_lag_seconds") == {
        "notify facts.v1 0": 90,
        "notify facts.v1 1": 10,
        "notify rulings.v1 0": 0,
    }, "a record that could not be read in time has no age yet"


@pytest.mark.parametrize("of", ["group", "group_topic"])
def test_an_age_that_is_not_known_is_not_shown_as_0(shown, of):
    found = shown(f"kafka_consumergroup_{of}_max_lag_seconds")

    assert not {each for each in found if each.startswith("recognition")}


@pytest.mark.parametrize("figure", ["sum_lag", "max_lag", "max_lag_seconds"])
def test_a_group_that_has_nothing_to_read_has_no_lag_rather_than_0(shown, figure):
    assert "other" not in shown(f"kafka_consumergroup_group_{figure}")


@pytest.mark.parametrize(
    ("metric", "notify"),
    [
        ("kafka_consumergroup_group_sum_lag", 7),
        ("kafka_consumergroup_group_max_lag", 5),
        ("kafka_consumergroup_group_max_lag_seconds", 90),
        ("kafka_consumergroup_members", 3),
    ],
)
def test_a_group_has_its_sums_and_maxima(shown, metric, notify):
    assert shown(metric)["notify"] == notify


def test_a_topic_has_its_sum_and_maximum(shown):
    assert shown("kafka_consumergroup_group_topic_sum_lag")["notify facts.v1"] == 7
    seconds = shown("kafka_consumergroup_group_topic_max_lag_seconds")
    assert seconds["notify facts.v1"] == 90


def test_a_group_without_members_shows_zero_and_an_unknown_number_is_not_shown(shown):
    assert shown("kafka_consumergroup_members") == {"notify": 3, "recognition": 0}


def test_groups_of_services_are_told_from_others(shown):
    found = shown("cppp_consumer_group_registered")
    assert found == {"notify": 1, "recognition": 0, "other": 0}


def test_offsets_are_shown(shown):
    partition = "facts.v1 0"
    assert shown("kafka_consumergroup_group_offset")[f"notify {partition}"] == 7
    assert shown("kafka_partition_earliest_offset") == {partition: 2}
    assert shown("kafka_partition_latest_offset") == {partition: 12}


@pytest.mark.parametrize(("lags", "at"), [(LAGS, NOW - 30), (NO_LAGS, 0)])
def test_the_time_of_the_figures_is_shown(shown, lags, at):
    assert shown("kafka_lag_exporter_last_update_timestamp_seconds", lags) == {"": at}
