"""The page of all metrics: what is committed is what the code says."""

from devstack.metrics_page import Metric, metrics_in, page
from devstack.stack.program import PROJECT


def test_the_committed_page_is_current():
    assert (PROJECT / "docs" / "metrics.md").read_text() == page(), "run `make docs`"


def test_metrics_of_every_kind_are_found():
    found = {each.name: each for each in metrics_in(PROJECT / "shared")}

    assert found["cppp_retries_total"].kind == "counter"
    assert found["cppp_retries_total"].labels == ("error_class",)
    assert found["cppp_end_to_end_seconds"].labels == ("from", "to")
    assert found["cppp_batch_size"] == Metric(
        "cppp_batch_size", "histogram", "Records per batch.", ()
    )
