from xml.etree.ElementTree import fromstring

from services.operations.page.plots import flow_plot, lag_plot
from services.operations.sources.history import History
from services.operations.sources.targets import Target

A = Target("notify", "a:1")


def history(looks, lag=()):
    kept = History(look_seconds=5)
    for number in range(looks):
        kept.add(number * 5.0, {A: {"mailed": number * 10.0}}, dict.fromkeys(lag, 3.0))
    return kept


def test_a_plot_says_in_words_what_it_shows():
    plot = flow_plot(history(20), "mailed", 100.0)

    assert plot.text == "mailed per minute, last 15 minutes: now 120, highest 120"
    assert fromstring(plot.svg).get("aria-label") == plot.text  # noqa: S314 - our own


def test_there_is_none_as_long_as_there_is_nothing_to_see():
    assert flow_plot(history(1), "mailed", 5.0) is None
    assert lag_plot(history(20), "notify", 100.0) is None


def test_names_of_groups_are_escaped():
    plot = lag_plot(history(20, ['<&">']), '<&">', 100.0)

    assert '<&">' in fromstring(plot.svg).get("aria-label")  # noqa: S314 - our own
