from services.operations.sources.figures import parse_figures

PAGE = """\
# HELP cppp_applications_accepted_total Applications stored durably.
# TYPE cppp_applications_accepted_total counter
cppp_applications_accepted_total{service="intake",scheme="funding"} 3.0
cppp_applications_accepted_total{service="intake",scheme="recognition"} 2.0
cppp_notifications_ended_total{service="notify",state="sent"} 7.0
cppp_notifications_ended_total{service="notify",state="permanent-failure"} 4.0
cppp_end_to_end_seconds_bucket{service="e",from="accepted",to="decided",le="2.5"} 1.0
cppp_end_to_end_seconds_bucket{service="e",from="accepted",to="decided",le="5.0"} 8.0
cppp_end_to_end_seconds_bucket{service="e",from="accepted",to="decided",le="+Inf"} 10.0
cppp_end_to_end_seconds_count{service="e",from="accepted",to="decided"} 10.0
cppp_build_info{service="e",version="1.2.3"} 1.0
cppp_orphans{service="r",stage="decided"} 2.0
cppp_orphans_counted_timestamp_seconds{service="r"} 1.7e+09
something_else{le="5.0"} broken
"""


def test_only_the_figures_of_the_overview_are_parsed():
    figures = parse_figures(PAGE)

    assert figures.totals == {
        "accepted": 5,
        "mailed": 7,
        "timed:decided": 10,
        "on_time:decided": 8,
    }
    assert (figures.version, figures.rules) == ("1.2.3", "")
    assert (figures.orphans, figures.orphans_at) == ({"decided": 2}, 1.7e9)


def test_a_service_with_rules_that_has_decided_nothing_yet_has_decided_0():
    assert parse_figures('cppp_rules_info{rule_version="7"} 1.0').totals == {"decided": 0}
