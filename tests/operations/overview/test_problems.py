import inspect
import re
from dataclasses import replace
from datetime import timedelta

from services.operations.dead_letters.letters import Count
from services.operations.overview import problems, staleness
from services.operations.sources.alerts import Alert, Alerts
from services.operations.sources.lag import GroupLag, LagSeen
from services.operations.sources.targets import Target
from shared.clock import milliseconds
from tests.deploy.repository import ROOT
from tests.factories import NOW
from tests.operations.overview.seeing import away, lag, overview, ready, waiting


def whats(found):
    return [each.what for each in found.problems]


def test_when_everything_is_well_it_says_so():
    found = overview(ready("intake"), ready("notify"))

    assert (found.state, found.summary, found.problems) == ("fine", "Nothing is wrong.", [])


def test_before_the_first_look_nothing_is_claimed():
    assert overview(looked_at=None).state == "unknown"
    assert overview().state == "unknown"


def test_the_common_cause_comes_before_those_who_wait_for_it():
    found = overview(waiting("intake", "mongodb"), waiting("notify", "mongodb"), ready("x"))

    assert whats(found)[0] == "MongoDB cannot be reached: 2 services wait for it."
    assert len(found.problems) == 3
    assert (found.state, found.summary) == ("page", "3 things are wrong. Act now.")


def test_a_dead_service_comes_before_its_lag_and_the_alert_that_says_the_same_is_not_repeated():
    gone = {"name": "ConsumerGone", "severity": "page", "summary": "gone"}
    runbook = "docs/runbooks/services.md#consumergone"
    found = overview(
        away("eligibility"),
        lag=lag(eligibility=GroupLag(12, 75.0, 0)),
        alerts=Alerts(
            "answers",
            NOW,
            is_watched=True,
            firing=[
                Alert(**gone, about="eligibility", runbook=runbook),
                Alert(**gone, about="notify", runbook=runbook),
            ],
        ),
    )

    assert whats(found) == [
        "eligibility at eligibility:80 is away: no connection.",
        "eligibility has no member: nobody consumes. It is 75 s behind.",
        "Alert ConsumerGone: gone",
    ]
    assert found.problems[-1].about == "notify"
    assert len(found.alerts.firing) == 2


def test_a_ticket_hides_no_page_about_the_same():
    degraded = replace(waiting("intake", "kafka"), state="degraded")
    runbook = "docs/runbooks/services.md#servicewaits"
    page = Alert(name="ServiceWaits", about="intake", severity="page", runbook=runbook)

    for severity, many in (("page", 2), ("ticket", 1)):
        told = [page.model_copy(update={"severity": severity})]
        found = overview(degraded, alerts=Alerts("answers", NOW, is_watched=True, firing=told))

        assert (found.state, len(found.problems)) == (severity, many)


def test_a_group_whose_members_are_late_is_told_with_what_to_look_at():
    found = overview(ready("x"), lag=lag(notify=GroupLag(1200, 61.0, 2)))

    assert whats(found) == ["notify is 61 s behind (1,200 records)."]


def test_several_processes_of_one_service_are_one_that_waits():
    waits = [
        replace(waiting("notify", "kafka"), target=Target("notify", address))
        for address in ("a:1", "b:1")
    ]

    assert len(overview(*waits, ready("x")).problems) == 2
    assert whats(overview(*waits, waiting("x", "kafka")))[0] == (
        "Kafka cannot be reached: 2 services wait for it."
    )


def test_no_lag_without_a_member_does_not_look_healthy():
    found = overview(ready("x"), lag=lag(notify=GroupLag(0, 0.0, 0)))

    assert whats(found) == ["notify has no member: nobody consumes."]
    assert found.state == "page"


def test_a_group_that_is_no_service_may_be_abandoned():
    assert (
        overview(ready("x"), lag=lag(tried=GroupLag(9, 900.0, 0, is_registered=False))).state
        == "fine"
    )


def test_records_whose_age_is_not_known_do_not_look_healthy():
    found = overview(ready("x"), lag=lag(notify=GroupLag(10_000, None, 3)))

    assert whats(found) == ["How long records wait is not known of notify."]
    assert found.state == "ticket"


def test_lag_that_was_not_read_lately_is_told():
    found = overview(ready("x"), lag=LagSeen({}, NOW.timestamp() - 61))

    assert whats(found) == ["Lag has not been read for a minute."]


def test_dead_letters_can_wait_and_are_told_with_the_command():
    letters = {"notify": {"invalid": Count(2, oldest_ms=milliseconds(NOW))}}

    found = overview(ready("notify"), letters=letters)

    assert (found.state, whats(found)) == (
        "ticket",
        ["2 dead letters wait for somebody: 2 of notify."],
    )
    assert "`cppp dead-letters list --state open`" in found.problems[0].action


def test_old_dead_letters_are_told_as_such():
    five_hours = milliseconds(NOW - timedelta(hours=5))
    letters = {"notify": {"invalid": Count(2, oldest_ms=five_hours)}}

    found = Alert(name="DeadLettersFound", about="notify", runbook="docs/runbooks/dead-letters.md")
    alerts = Alerts("answers", NOW, is_watched=True, firing=[found])

    [problem] = overview(ready("notify"), letters=letters, alerts=alerts).problems

    assert "more than four hours" in problem.what
    assert problem.runbook.endswith("#deadlettersold")


def test_orphans_without_a_decision_are_for_now_and_without_a_mail_for_tomorrow():
    for stage, state in (("decided", "page"), ("notified", "ticket")):
        counting = ready("reconciliation", orphans={stage: 1}, orphans_at=NOW.timestamp())

        assert overview(counting).state == state


def test_a_prometheus_that_is_away_or_silent_is_told():
    fine = Alerts("answers", NOW, is_watched=True)
    for alerts in (replace(fine, source="away"), replace(fine, is_watched=False)):
        assert len(overview(ready("x"), alerts=alerts).problems) == 1
    assert overview(ready("x"), alerts=Alerts("not-set")).state == "fine"


def test_counts_that_are_old_are_told():
    counting = ready("reconciliation", orphans={"decided": 0}, orphans_at=1.0)

    assert whats(overview(counting)) == ["Orphans have not been counted for five minutes."]


def test_what_was_never_seen_does_not_look_healthy():
    for seconds, many in ((0, 0), (61, 2), (301, 3)):
        found = overview(
            ready("reconciliation"),
            started_at=NOW - timedelta(seconds=seconds),
            letters_counted_at=None,
        )

        assert len(found.problems) == many
    assert whats(found) == [
        f"{each} since operations started."
        for each in (
            "Lag has not been read",
            "Dead letters have not been counted",
            "Orphans have not been counted",
        )
    ]


def test_orphans_are_missed_only_where_somebody_counts_them():
    hour = NOW - timedelta(hours=1)

    assert overview(ready("x"), started_at=hour, lag=lag()).state == "fine"


def test_dead_letters_that_are_not_counted_are_told_once():
    runbook = "docs/runbooks/dead-letters.md#deadlettersnotcounted"
    alert = Alert(name="DeadLettersNotCounted", about="operations", runbook=runbook)

    found = overview(
        ready("x"),
        letters_counted_at=NOW - timedelta(seconds=61),
        alerts=Alerts("answers", NOW, is_watched=True, firing=[alert]),
    )

    assert whats(found) == ["Dead letters have not been counted for a minute."]


def test_a_look_that_is_old_is_told():
    found = overview(ready("x"), looked_at=NOW - timedelta(seconds=61))

    assert whats(found) == ["Services have not been asked for a minute."]


def test_the_command_for_dead_letters_finds_what_is_counted():
    letters = {"notify": {"other": Count(2), "invalid": Count(redriven=1)}}

    counts = overview(ready("x"), letters=letters).dead_letters.counts

    assert [each.command for each in counts] == [
        "cppp dead-letters list --letters --state open --group notify",
        "cppp dead-letters list --letters --group notify --reason invalid",
    ]


def test_every_runbook_that_a_problem_names_exists():
    text = inspect.getsource(problems) + inspect.getsource(staleness)
    pages = dict(re.findall(r'_(\w+): Final = "(docs/runbooks/[\w-]+\.md)"', text))
    named = set(re.findall(r'"(docs/runbooks/[\w.#-]+)"', text))
    named |= {f"{pages[name]}#{at}" for name, at in re.findall(r"\{_(\w+)\}#(\w+)", text)}

    assert len(named) > 5
    for each in named:
        page, _, anchor = each.partition("#")
        assert not anchor or f"## {anchor}" in (ROOT / page).read_text().lower()
