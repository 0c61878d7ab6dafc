from bench.harness.effects import DecisionEvent
from bench.harness.verdict import compare_effects
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
    return DecisionEvent(application_id, event_id or f"of-{application_id}", **(fields | changes))


DOCUMENTS = [document(), document("b", "ineligible", 0)]
EVENTS = [event(), event("b")]


def test_a_run_with_one_correct_document_and_event_per_application_is_clean():
    assert compare_effects(EXPECTED, DOCUMENTS, EVENTS).is_clean


def test_an_application_without_a_document_is_lost():
    assert compare_effects(EXPECTED, DOCUMENTS[:1], EVENTS).lost == 1


def test_an_application_without_an_event_is_lost():
    assert compare_effects(EXPECTED, DOCUMENTS, EVENTS[1:]).lost == 1


def test_a_second_document_is_a_duplicate():
    assert compare_effects(EXPECTED, [*DOCUMENTS, document()], EVENTS).doubled == 1


def test_a_second_event_with_another_id_is_a_duplicate():
    verdict = compare_effects(EXPECTED, DOCUMENTS, [*EVENTS, event("a", "another")])
    assert (verdict.doubled, verdict.repeated) == (1, 0)


def test_a_second_event_with_the_same_id_is_only_repeated():
    verdict = compare_effects(EXPECTED, DOCUMENTS, [*EVENTS, event()])
    assert (verdict.doubled, verdict.repeated) == (0, 1)
    assert verdict.is_clean


def test_an_unexpected_grant_is_wrong_in_a_document_or_in_an_event():
    assert compare_effects(EXPECTED, [document(grant_cents=99), DOCUMENTS[1]], EVENTS).wrong == 1
    assert compare_effects(EXPECTED, DOCUMENTS, [event(grant_cents=99), EVENTS[1]]).wrong == 1


def test_unexpected_reasons_are_wrong():
    assert compare_effects(EXPECTED, DOCUMENTS, [event(reasons=()), EVENTS[1]]).wrong == 1


def test_a_decision_about_an_unknown_application_is_wrong():
    verdict = compare_effects(
        EXPECTED, [*DOCUMENTS, document("unknown")], [*EVENTS, event("unknown")]
    )
    assert verdict.wrong == 1
    assert not verdict.is_clean
