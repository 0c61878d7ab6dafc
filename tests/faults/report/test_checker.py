"""The checker reports a history with a lost, duplicated or out-of-order effect."""

from dataclasses import replace

import pytest

from tests.faults.observe.history import (
    APPLICATIONS,
    CONTACTS,
    DeadLetter,
    Mail,
    Source,
    StoredDecision,
    Version,
)
from tests.faults.report.checker import check
from tests.faults.report.small_history import (
    DECIDED_AT,
    FIRST,
    MESSAGES,
    SECOND,
    SENT,
    application_event,
    correct_history,
    decision_event,
    mail,
    message,
    notification_event,
    without,
)


def test_a_correct_history_has_no_violations():
    verdict = check(correct_history())

    assert verdict.complaints == []
    assert (verdict.mails_repeated, verdict.events_repeated) == (0, 0)


def test_what_happened_long_ago_is_not_to_be_mailed():
    past = frozenset({FIRST, SECOND})
    too_old = [message(each.version, each.about, "too-old") for each in MESSAGES]
    silent = [
        each
        for each in correct_history().events
        if each not in [notification_event(each) for each in SENT]
    ]

    mailed = check(correct_history(past=past))
    stored = check(correct_history(past=past, notifications=too_old, mails=[], events=silent))

    assert stored.complaints == []
    assert len([each for each in mailed.duplicated if "long past" in each]) == len(MESSAGES)


@pytest.mark.parametrize(
    ("loss", "complaint"),
    {
        "of an accepted version": ("events", "accepted, but not on the topic"),
        "of a contact": ("contacts", "its contact is not on the topic"),
        "of a decision": ("decisions", "eligibility has not decided it"),
        "of a decision event": ("decision events", "decided, but not published"),
        "of a stored decision": ("decisions", "published, but no decision is stored"),
        "of a message": ("notifications", "no message about amended"),
        "of a notification event": ("notification events", "sent, but not published"),
        "of a mail": ("mails", "no mail has arrived"),
    }.values(),
)
def test_a_loss_is_reported(loss, complaint):
    history = correct_history()
    changes = {
        "events": lambda: replace(
            history, events=without(history.events, application_event(SECOND))
        ),
        "contacts": lambda: replace(
            history, events=[each for each in history.events if each.topic != CONTACTS]
        ),
        "decisions": lambda: replace(history, decisions=history.decisions[:1]),
        "decision events": lambda: replace(
            history, events=without(history.events, decision_event(SECOND))
        ),
        "notifications": lambda: replace(
            history, notifications=without(MESSAGES, message(SECOND, "amended"))
        ),
        "notification events": lambda: replace(
            history, events=without(history.events, notification_event(SENT[0]))
        ),
        "mails": lambda: replace(history, mails=history.mails[1:]),
    }

    lost = check(changes[loss]()).lost

    assert any(complaint in each for each in lost), lost


def test_a_message_that_was_never_sent_is_lost():
    waiting = with_state(message(SECOND, "eligibility"), "temporary-failure")

    assert any("is temporary-failure" in each for each in check(waiting).lost)


def test_a_stopped_message_about_the_newest_decision_is_lost():
    stopped = with_state(message(SECOND, "eligibility"), "stopped")

    assert any("is stopped" in each for each in check(stopped).lost)


def with_state(notification, state):
    changed = notification._replace(state=state)
    return correct_history(
        notifications=[changed if each == notification else each for each in MESSAGES]
    )


def test_a_second_decision_on_one_version_is_a_duplicate():
    history = correct_history()

    again = replace(history, decisions=[*history.decisions, history.decisions[0]])

    assert check(again).duplicated == ["a:1: eligibility has decided it 2 times"]


def test_a_repeat_with_identical_bytes_is_not_a_duplicate():
    history = correct_history()

    verdict = check(replace(history, events=[*history.events, decision_event(FIRST)]))

    assert verdict.complaints == []
    assert verdict.events_repeated == 1


@pytest.mark.parametrize(
    "repeat",
    [
        decision_event(FIRST, b'{"decided_at":"2026-11-02T01:30:00.001000Z","grant_cents":1}'),
        decision_event(FIRST, headers=(("ce_id", b"2"),)),
        application_event(FIRST, b'{"other":1}'),
        notification_event(SENT[0])._replace(value=b"other"),
    ],
    ids=[
        "another decision",
        "another event id",
        "another application",
        "another notification event",
    ],
)
def test_a_repeat_with_other_bytes_is_a_duplicate(repeat):
    history = correct_history()

    duplicated = check(replace(history, events=[*history.events, repeat])).duplicated

    assert any("2 different" in each for each in duplicated)


def test_a_published_decision_that_is_not_the_stored_one_is_reported():
    history = correct_history()
    decisions = [
        history.decisions[0]._replace(decided_at="2026-11-02T01:30:09.999"),
        history.decisions[1],
    ]

    assert check(replace(history, decisions=decisions)).duplicated == [
        "a:1: the published decision is not the stored one"
    ]


@pytest.mark.parametrize("make", [application_event, decision_event])
def test_a_newer_version_before_an_older_one_is_out_of_order(make):
    history = correct_history()
    others = without(history.events, make(FIRST), make(SECOND))

    verdict = check(replace(history, events=[*others, make(SECOND), make(FIRST)]))

    assert any("[2, 1]" in each for each in verdict.out_of_order)
    assert verdict.lost == verdict.duplicated == []


def test_a_repeat_of_an_older_decision_after_a_newer_one_is_in_order():
    history = correct_history()

    verdict = check(replace(history, events=[*history.events, decision_event(FIRST)]))

    assert verdict.out_of_order == []


def test_a_repeated_mail_is_counted():
    history = correct_history()

    verdict = check(replace(history, mails=[*history.mails, history.mails[0]]))

    assert verdict.mails_repeated == 1
    assert verdict.complaints == []


def test_a_repeated_mail_with_other_bytes_is_a_duplicate():
    history = correct_history()

    verdict = check(replace(history, mails=[*history.mails, mail(SENT[0], b"other")]))

    assert verdict.duplicated == ["<a:received:1>: mails with the same Message-ID differ"]


def test_more_mails_than_messages_are_duplicates():
    history = correct_history()
    more = [mail(SENT[0])._replace(message_id=f"<{number}>") for number in range(2)]

    duplicated = check(replace(history, mails=[*history.mails, *more])).duplicated

    assert duplicated == ["a: more mails than messages"]


@pytest.mark.parametrize(
    "effect",
    [
        {"decisions": [StoredDecision("eligibility", Version("b", 1), DECIDED_AT)]},
        {"events": [application_event(Version("b", 1))]},
        {"mails": [Mail("b", "<b>", b"1")]},
    ],
    ids=["decided", "published", "mailed"],
)
def test_an_effect_of_what_was_never_accepted_is_unexpected(effect):
    history = correct_history()
    more = {name: [*getattr(history, name), *things] for name, things in effect.items()}

    assert any(each.startswith("b") for each in check(replace(history, **more)).unexpected)


def dead_letter(offset):
    return DeadLetter(Source("eligibility", APPLICATIONS, 0, offset), b"key", b"poison")


def test_each_poison_pill_is_one_dead_letter_however_often_it_was_published():
    history = correct_history(
        dead_letters=[dead_letter(7), dead_letter(7), dead_letter(8)],
        expected_dead_letters={"eligibility": 2},
    )

    assert check(history).complaints == []


def test_a_poison_pill_that_is_not_a_dead_letter_is_lost():
    lost = check(
        correct_history(dead_letters=[dead_letter(7)], expected_dead_letters={"eligibility": 2})
    ).lost

    assert lost == ["1 poison pills are not dead letters (eligibility)"]


def test_a_dead_letter_of_a_good_record_is_unexpected():
    unexpected = check(correct_history(dead_letters=[dead_letter(7)])).unexpected

    assert unexpected == ["1 good records are dead letters (eligibility)"]
