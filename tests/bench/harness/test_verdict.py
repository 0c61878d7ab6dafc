from bench.harness.effects import Decided
from bench.harness.verdict import judge
from samples.sample import eligible, ineligible

EXPECTED = {"a": eligible(100), "b": ineligible("no-open-phase")}


def document(application_id="a", outcome="eligible", grant_cents=100):
    return {"application_id": application_id, "outcome": outcome, "grant_cents": grant_cents}


def event(application_id="a", event_id="", **changes):
    expected = EXPECTED.get(application_id, EXPECTED["a"])
    fields = {
        "outcome": expected.outcome,
        "grant_cents": expected.grant_cents,
        "reasons": expected.reasons,
        "appended_ms": 0,
    }
    return Decided(application_id, event_id or f"of-{application_id}", **(fields | changes))


DOCUMENTS = [document(), document("b", "ineligible", 0)]
EVENTS = [event(), event("b")]


def test_a_run_with_one_right_document_and_event_for_each_is_clean():
    assert judge(EXPECTED, DOCUMENTS, EVENTS).is_clean


def test_what_has_no_document_is_lost():
    assert judge(EXPECTED, DOCUMENTS[:1], EVENTS).lost == 1


def test_what_has_no_event_is_lost():
    assert judge(EXPECTED, DOCUMENTS, EVENTS[1:]).lost == 1


def test_a_second_document_is_a_double():
    assert judge(EXPECTED, [*DOCUMENTS, document()], EVENTS).doubled == 1


def test_an_event_under_a_second_id_is_a_double():
    verdict = judge(EXPECTED, DOCUMENTS, [*EVENTS, event("a", "another")])
    assert (verdict.doubled, verdict.repeated) == (1, 0)


def test_the_same_event_once_more_is_no_double_but_told():
    verdict = judge(EXPECTED, DOCUMENTS, [*EVENTS, event()])
    assert (verdict.doubled, verdict.repeated) == (0, 1)
    assert verdict.is_clean


def test_another_grant_is_wrong_in_a_document_and_in_an_event():
    assert judge(EXPECTED, [document(grant_cents=99), DOCUMENTS[1]], EVENTS).wrong == 1
    assert judge(EXPECTED, DOCUMENTS, [event(grant_cents=99), EVENTS[1]]).wrong == 1


def test_other_reasons_are_wrong():
    assert judge(EXPECTED, DOCUMENTS, [event(reasons=()), EVENTS[1]]).wrong == 1


def test_a_decision_on_what_nobody_asked_is_wrong():
    verdict = judge(EXPECTED, [*DOCUMENTS, document("poison")], [*EVENTS, event("poison")])
    assert verdict.wrong == 1
    assert not verdict.is_clean
