"""The checker itself: a history with a loss, a double or a wrong order does not pass."""

from dataclasses import replace

import pytest

from tests.faults.observe.history import (
    APPLICATIONS,
    CONTACTS,
    DeadLetter,
    Kept,
    Mail,
    Source,
    Version,
)
from tests.faults.report.checker import check
from tests.faults.report.small_history import (
    DECIDED_AT,
    FIRST,
    NOTES,
    SECOND,
    SENT,
    application_event,
    decision_event,
    mail,
    note,
    notice,
    whole,
    without,
)


def test_a_history_without_a_fault_passes():
    verdict = check(whole())

    assert verdict.complaints == []
    assert (verdict.mails_repeated, verdict.events_repeated) == (0, 0)


def test_what_happened_long_ago_is_not_to_be_mailed():
    past = frozenset({FIRST, SECOND})
    too_old = [note(each.version, each.about, "too-old") for each in NOTES]
    silent = [each for each in whole().events if each not in [notice(each) for each in SENT]]

    mailed = check(whole(past=past))
    kept = check(whole(past=past, notifications=too_old, mails=[], events=silent))

    assert kept.complaints == []
    assert len([each for each in mailed.doubled if "long past" in each]) == len(NOTES)


@pytest.mark.parametrize(
    ("loss", "told"),
    {
        "of an accepted version": ("events", "accepted, but not on the topic"),
        "of a contact": ("contacts", "its contact is not on the topic"),
        "of a decision": ("kept", "eligibility has not decided it"),
        "of an announcement": ("announced", "decided, but not announced"),
        "of a kept decision": ("kept", "announced, but no decision is kept"),
        "of a message": ("notifications", "no message about amended"),
        "of a notice": ("notices", "sent, but not announced"),
        "of a mail": ("mails", "no mail has arrived"),
    }.values(),
)
def test_a_loss_is_told(loss, told):
    history = whole()
    cut = {
        "events": lambda: replace(
            history, events=without(history.events, application_event(SECOND))
        ),
        "contacts": lambda: replace(
            history, events=[each for each in history.events if each.topic != CONTACTS]
        ),
        "kept": lambda: replace(history, kept=history.kept[:1]),
        "announced": lambda: replace(
            history, events=without(history.events, decision_event(SECOND))
        ),
        "notifications": lambda: replace(
            history, notifications=without(NOTES, note(SECOND, "amended"))
        ),
        "notices": lambda: replace(history, events=without(history.events, notice(SENT[0]))),
        "mails": lambda: replace(history, mails=history.mails[1:]),
    }

    lost = check(cut[loss]()).lost

    assert any(told in each for each in lost), lost


def test_a_message_that_waits_for_ever_is_a_loss():
    waiting = replace_note(note(SECOND, "eligibility"), "temporary-failure")

    assert any("is temporary-failure" in each for each in check(waiting).lost)


def test_a_message_about_the_newest_decision_may_not_be_stopped():
    stopped = replace_note(note(SECOND, "eligibility"), "stopped")

    assert any("is stopped" in each for each in check(stopped).lost)


def replace_note(message, state):
    changed = message._replace(state=state)
    return whole(notifications=[changed if each == message else each for each in NOTES])


def test_a_second_decision_on_one_version_is_a_double():
    history = whole()

    again = replace(history, kept=[*history.kept, history.kept[0]])

    assert check(again).doubled == ["a:1: eligibility has decided it 2 times"]


def test_a_repeat_with_identical_bytes_is_no_double():
    history = whole()

    verdict = check(replace(history, events=[*history.events, decision_event(FIRST)]))

    assert verdict.complaints == []
    assert verdict.events_repeated == 1


@pytest.mark.parametrize(
    "repeat",
    [
        decision_event(FIRST, b'{"decided_at":"2026-11-02T01:30:00.001000Z","grant_cents":1}'),
        decision_event(FIRST, headers=(("ce_id", b"2"),)),
        application_event(FIRST, b'{"other":1}'),
        notice(SENT[0])._replace(value=b"other"),
    ],
    ids=["another decision", "another event id", "another application", "another notice"],
)
def test_a_repeat_that_differs_is_a_double(repeat):
    history = whole()

    doubled = check(replace(history, events=[*history.events, repeat])).doubled

    assert any("2 different" in each for each in doubled)


def test_a_decision_that_is_announced_otherwise_than_kept_is_told():
    history = whole()
    kept = [history.kept[0]._replace(decided_at="2026-11-02T01:30:09.999"), history.kept[1]]

    assert check(replace(history, kept=kept)).doubled == ["a:1: another decision is announced"]


@pytest.mark.parametrize("make", [application_event, decision_event])
def test_versions_that_go_backwards_are_out_of_order(make):
    history = whole()
    others = without(history.events, make(FIRST), make(SECOND))

    verdict = check(replace(history, events=[*others, make(SECOND), make(FIRST)]))

    assert any("[2, 1]" in each for each in verdict.disordered)
    assert verdict.lost == verdict.doubled == []


def test_an_older_decision_that_is_repeated_after_a_newer_one_is_in_order():
    history = whole()

    verdict = check(replace(history, events=[*history.events, decision_event(FIRST)]))

    assert verdict.disordered == []


def test_a_repeated_mail_is_counted():
    history = whole()

    verdict = check(replace(history, mails=[*history.mails, history.mails[0]]))

    assert verdict.mails_repeated == 1
    assert verdict.complaints == []


def test_a_repeated_mail_that_differs_is_a_double():
    history = whole()

    verdict = check(replace(history, mails=[*history.mails, mail(SENT[0], b"other")]))

    assert verdict.doubled == ["<a:received:1>: mails under one Message-ID differ"]


def test_a_mail_too_many_is_a_double():
    history = whole()
    more = [mail(SENT[0])._replace(message_id=f"<{number}>") for number in range(2)]

    doubled = check(replace(history, mails=[*history.mails, *more])).doubled

    assert doubled == ["a: more mails than there is to tell"]


@pytest.mark.parametrize(
    "stranger",
    [
        {"kept": [Kept("eligibility", Version("b", 1), DECIDED_AT)]},
        {"events": [application_event(Version("b", 1))]},
        {"mails": [Mail("b", "<b>", b"1")]},
    ],
    ids=["decided", "published", "mailed"],
)
def test_what_nobody_submitted_is_foreign(stranger):
    history = whole()
    more = {name: [*getattr(history, name), *things] for name, things in stranger.items()}

    assert any(each.startswith("b") for each in check(replace(history, **more)).foreign)


def letter(offset):
    return DeadLetter(Source("eligibility", APPLICATIONS, 0, offset), b"key", b"poison")


def test_each_record_of_poison_is_one_dead_letter_however_often_it_was_written():
    history = whole(dead_letters=[letter(7), letter(7), letter(8)], poison={"eligibility": 2})

    assert check(history).complaints == []


def test_poison_that_is_no_dead_letter_is_lost():
    lost = check(whole(dead_letters=[letter(7)], poison={"eligibility": 2})).lost

    assert lost == ["1 records of poison are no dead letters (eligibility)"]


def test_a_good_record_that_was_given_up_is_told():
    foreign = check(whole(dead_letters=[letter(7)])).foreign

    assert foreign == ["1 good records are dead letters (eligibility)"]
