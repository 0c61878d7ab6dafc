"""No personal value is in any log, metric, page or trace of a run with every fault."""

from collections import Counter

import pytest

from devstack.servers.service import service_names
from tests.end_to_end.faulty_run import FaultyRun
from tests.end_to_end.leaks import Leak, leaks
from tests.end_to_end.observed_platform import observed_platform
from tests.log_lines import log_lines, undocumented

pytestmark = [pytest.mark.plays, pytest.mark.timeout(180)]
MOST_LINES = 100  # of a service in this run; a flood has thousands


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with observed_platform(tmp_path_factory.mktemp("platform")) as platform:
        faulty = FaultyRun(platform)
        faulty.play()
        yield faulty


@pytest.fixture(scope="module")
def lines(run):
    return {name: log_lines(run.on.log(name)) for name in service_names()}


@pytest.fixture(scope="module")
def sources(run):
    return run.on.sources()


def said(found: list[Leak]) -> str:
    return "\n".join(
        f"{each.source}: {each.value!r} ({each.form}): {each.around}" for each in found
    )


def test_no_personal_value_is_seen_anywhere(run, sources):
    assert [name for name, text in sources.items() if not text.strip("[]")] == []
    assert (found := leaks(sources, run.values)) == [], said(found)


@pytest.mark.parametrize("source", ["log of notify", "metrics of intake", "operations"])
def test_a_leak_would_be_found(run, sources, source):
    careless = f'{{"event": "mail.refused", "answer": "550 <{run.values[1]}>"}}\n'
    planted = {source: sources[source] + careless}

    assert {(each.source, each.value) for each in leaks(planted, run.values)} == {
        (source, run.values[1])
    }


def test_every_line_is_json_and_documented(lines):
    for name, written in lines.items():
        assert {each["service"] for each in written} == {name}
        assert [each for line in written for each in undocumented(line)] == []
        assert len(written) < MOST_LINES, Counter(each["event"] for each in written)


def test_what_went_wrong_was_logged(lines):
    happened = {name: {each["event"] for each in written} for name, written in lines.items()}

    begun = {"service.started", "service.ready"}
    assert {name: begun - each for name, each in happened.items() if not begun <= each} == {}
    assert {"dependency.unavailable", "dependency.available"} <= happened["notify"]
    assert "record.dead_lettered" in happened["eligibility"] & happened["recognition"]
    assert {"notification.failed", "notification.not_rendered"} <= happened["notify"]
    assert {"service.stopping", "service.stopped"} <= happened["recognition"]


def test_one_id_finds_what_went_wrong_with_an_application_in_all_services(run, lines):
    wanted = run.traces["bad record"]
    found = {
        name: [each["event"] for each in written if each["correlation_id"] == wanted]
        for name, written in lines.items()
    }

    assert set(found["notify"]) == {"record.dead_lettered"}
    assert wanted in run.on.seen["commands"]
    [rendered] = {
        each["correlation_id"]
        for each in lines["notify"]
        if each["event"] == "notification.not_rendered"
    }
    assert rendered == run.traces["unrendered"]
