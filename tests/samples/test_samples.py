"""The sample applications: complete, harmless, and decided as the sources say."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from itertools import chain
from uuid import UUID

import orjson
import pytest
from pydantic import TypeAdapter

from samples.generate import HERE, write
from services.eligibility import handlers as eligibility
from services.eligibility.rules.histories import Histories
from services.eligibility.rules.outlook import Outlooks
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import REFERRALS as REFERRALS_OF_FUNDING
from services.eligibility.rules.rules import REFUSALS as REFUSALS_OF_FUNDING
from services.intake.rules import breaches
from services.intake.submission.body import read_submission
from services.recognition import handlers as recognition
from services.recognition.rules.scheme import load_scheme
from shared.clock import hong_kong_date
from shared.credit_codes import LENGTH, factory_number_flaw, is_credit_code
from shared.events.envelope import Event
from shared.events.intake import Application, ApplicationSubmitted
from tests.factories import NOW

APPLICATION = TypeAdapter(Application)
PROGRAMME, SCHEME = load_programme(), load_scheme()
END = datetime(2026, 11, 1, tzinfo=UTC)  # no sample is later
LINES = (HERE / "applications.ndjson").read_bytes().splitlines()
SUBMISSIONS = [orjson.loads(line) for line in LINES]
EXPECTED = [orjson.loads(line) for line in (HERE / "expected.ndjson").read_bytes().splitlines()]
# What needs another application, the factory's record or an officer's ruling, is a condition and no
# reason, or is refused where it is entered.
NEEDS_MORE_THAN_AN_APPLICATION = {
    "earlier-assessment-not-completed",
    "repeat-too-early",
    "repeat-work-too-early",
    "repeat-without-recommended-measure",
    "repeat-without-investment",
    "repeat-without-benefit",
    "repeat-without-change",
    "repeat-benefit-not-stated",
    "recognition-level-not-named",
    "recognition-already-held",
    "another-case-open",
    "label-claimed",
    "approved-by-officer",
    "refused-by-officer",
    "cost-adjusted",
    "amount-set-by-officer",
    "amount-not-ruled",
    "open-to-visitors",
    "factory-number-missing",
}
STREAMS = {
    "1": {"assessment", "demonstration", "verification"},
    "2": {"assessment", "demonstration", "verification"},
    "3": {"assessment", "demonstration", "organisation-support"},
    "4": {"assessment", "demonstration-i", "demonstration-ii", "organisation-support"},
    "5": {"new-technology"},
}


def received_at(submission) -> datetime:
    return datetime.fromisoformat(submission["received_at"])


def factories_of(submission):
    application = submission["application"]
    named = (application.get("factory"), application.get("candidacy", {}).get("factory"))
    return [each for each in named if each]


def decided(submission):
    """Decide one submission with the services' own steps; exactly one service does."""
    event = ApplicationSubmitted(
        application_id=str(UUID(int=1)),
        version=1,
        received_at=received_at(submission),
        application=APPLICATION.validate_json(orjson.dumps(submission["application"])),
    )
    arrived = Event("ApplicationSubmitted", event, 0)
    decider = eligibility.Decider(PROGRAMME, NOW, Histories(), Outlooks(PROGRAMME))
    funding = decider.fact(arrived)
    label = recognition.propose(arrived, SCHEME, NOW)
    if funding is None:
        assert label
        return "recognition", label.decision
    assert label is None
    return "eligibility", funding.decision


def test_the_rules_decide_every_sample_as_the_sources_say():
    found = []
    for line, submission in enumerate(SUBMISSIONS, start=1):
        service, decision = decided(submission)
        found.append(
            {
                "line": line,
                "service": service,
                "outcome": decision.outcome,
                "grant_cents": getattr(decision, "grant_cents", None),
                "reasons": [reason.code for reason in decision.reasons],
            }
        )

    different = [pair for pair in zip(EXPECTED, found, strict=True) if pair[0] != pair[1]]

    assert not different, f"{len(different)} samples, the first: {different[0]}"


def test_the_generator_writes_these_files_byte_for_byte(tmp_path):
    write(tmp_path)

    for name in ("applications.ndjson", "expected.ndjson"):
        assert (tmp_path / name).read_bytes() == (HERE / name).read_bytes(), (
            f"{name} is not what the generator writes: run `python -m samples.generate`"
        )


def test_there_are_a_thousand_small_enough_to_keep():
    assert len(SUBMISSIONS) == len(EXPECTED) == 1000
    assert [each["line"] for each in EXPECTED] == list(range(1, 1001))
    assert (HERE / "applications.ndjson").stat().st_size < 1000 * 1024


def test_each_is_a_body_that_intake_takes():
    for line in LINES:
        submission = read_submission(line)

        assert submission.received_at
        assert not list(breaches(submission.application, submission.received_at, END))


@pytest.mark.parametrize(
    ("service", "reasons"),
    [("eligibility", eligibility.REASONS), ("recognition", recognition.REASONS)],
)
def test_every_reason_that_an_application_alone_can_lead_to_occurs(service, reasons):
    occurring = {
        code for each in EXPECTED if each["service"] == service for code in each["reasons"]
    }

    assert occurring == set(reasons) - NEEDS_MORE_THAN_AN_APPLICATION


def test_every_outcome_occurs_often():
    outcomes = Counter((each["service"], each["outcome"]) for each in EXPECTED)

    assert set(outcomes) == {
        ("eligibility", "eligible"),
        ("eligibility", "ineligible"),
        ("eligibility", "referred"),
        ("recognition", "qualified"),
        ("recognition", "not-qualified"),
        ("recognition", "referred"),
    }
    assert min(outcomes.values()) >= 30


def test_every_stream_of_every_phase_and_every_category_occurs():
    pairs, categories = set(), set()
    for submission in SUBMISSIONS:
        application = submission["application"]
        phase = PROGRAMME.on(hong_kong_date(received_at(submission))).phase
        pairs.add((phase and phase.name, application["stream"]))
        categories.add(application.get("candidacy", {}).get("category"))

    for phase, streams in STREAMS.items():
        assert {(phase, stream) for stream in streams} <= pairs
    assert len(categories - {None}) == 4


def test_refusals_grant_nothing_and_only_eligible_samples_have_an_amount():
    for each in EXPECTED:
        if each["outcome"] == "eligible":
            assert each["grant_cents"] > 0
        else:
            assert each["grant_cents"] == (0 if each["outcome"] == "ineligible" else None)


def test_refused_samples_name_what_refuses_them():
    for each in EXPECTED:
        if each["outcome"] == "ineligible":
            assert set(each["reasons"]) <= REFUSALS_OF_FUNDING | REFERRALS_OF_FUNDING


def test_moments_are_in_order_in_the_past_and_written_in_several_time_zones():
    moments = [received_at(each) for each in SUBMISSIONS]

    assert moments == sorted(moments)
    assert date(2013, 3, 31) in {hong_kong_date(each) for each in moments}
    assert moments[-1] < END
    assert len({each.utcoffset() for each in moments}) >= 5


def test_people_and_enterprises_are_invented_and_each_applies_once():
    domains = {each["contact"]["email"].rsplit("@")[1] for each in SUBMISSIONS}
    languages = Counter(each["contact"]["language"] for each in SUBMISSIONS)
    factories = [
        each["registration_number"] for each in chain.from_iterable(map(factories_of, SUBMISSIONS))
    ]

    assert all(each.endswith((".example.com", ".example.net", ".example.org")) for each in domains)
    assert len(factories) == len(set(factories)) > 900
    assert set(languages) == {"en", "zh-Hant", "zh-Hans"}
    assert min(languages.values()) > 250


def test_the_numbers_of_factories_are_valid_but_for_those_that_are_mistyped_on_purpose():
    wrong = 0
    for submission, expected in zip(SUBMISSIONS, EXPECTED, strict=True):
        for factory in factories_of(submission):
            number = factory["registration_number"]
            assert factory_number_flaw(number) is None
            is_mainland = len(number) == LENGTH
            wrong += is_mainland and not is_credit_code(number)
            assert is_mainland or re.fullmatch("[0-9]{8}-[0-9]{3}", number)
            assert (is_mainland and not is_credit_code(number)) == (
                "credit-code-not-valid" in expected["reasons"]
            )

    assert wrong == 4
