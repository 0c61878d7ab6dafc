"""What the site reads beside items: labels, and a million applications with their decisions."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, get_args

import orjson

from bench.harness.stack import BenchmarkStack
from services.eligibility import rule_set as eligibility
from services.eligibility.rules.programme import load_programme
from services.recognition import rule_set as recognition
from services.recognition.rules.scheme import load_scheme
from shared.events.eligibility import ProgrammePublished
from shared.events.intake import Industry
from shared.events.recognition import LabelAwarded, SchemePublished
from shared.rule_sets.model import RuleSet

_TEMPLATES: Final = 10_000  # which MongoDB multiplies: faster than to send all
_STREAMS: Final = ("assessment", "demonstration", "verification", "new-technology")
_PLACES: Final = ("dongguan", "shenzhen", "guangzhou", "foshan", "hong-kong", "other-guangdong")
_OUTCOMES: Final = ("eligible", "eligible", "ineligible", "referred")
_PHASES: Final = ("2", "3", "4", "5")
_BUCKETS: Final = [f"{each:02x}" for each in range(256)]  # how the ids of applications begin
_IN_FORCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_CATEGORY: Final = "partner-manufacturing"


def labels(number: int) -> Iterator[LabelAwarded]:
    """Yield awarded labels of several rounds."""
    for count in range(number):
        year = 2016 + count % 10
        yield LabelAwarded(
            application_id=f"{count:08x}-0000-8000-8000-000000000000",
            version=1,
            certificate_number=f"GDHK-{year}-{count:06}-00",
            category=_CATEGORY,
            enterprise_name=f"Enterprise {count} Limited 企業{count}有限公司",
            business_registration_number=f"{count:08}",
            round_year=year,
            valid_from=date(year + 1, 1, 1),
            valid_to=date(year + 2, 12, 31),
            rule_version="1",
            awarded_at=datetime(year, 12, 1, tzinfo=UTC),
        )


def rule_sets() -> Sequence[ProgrammePublished | SchemePublished]:
    """Return the rules as eligibility and recognition publish them."""
    return [
        _in_force(eligibility.rule_set_of(load_programme())),
        _in_force(recognition.rule_set_of(load_scheme())),
    ]


def _in_force(rule_set: RuleSet) -> Any:
    text = orjson.dumps({**rule_set.content, "in_force_from": _IN_FORCE})
    return rule_set.event.model_validate_json(text)


def keep_applications(stack: BenchmarkStack, number: int) -> None:
    """Store applications and decisions as the site keeps them, and mark all as changed."""
    database = stack.mongo["portal"]
    database["templates"].insert_many([_application(each) for each in range(_TEMPLATES)])
    copies = number // _TEMPLATES
    database["templates"].aggregate(
        [
            {"$project": {"application": True, "decision": True, "n": {"$range": [0, copies]}}},
            {"$unwind": "$n"},
            {"$set": {"_id": {"$concat": ["$_id", "-", {"$toString": "$n"}]}}},
            {"$unset": "n"},
            {"$out": "applications"},
        ]
    )
    database.drop_collection("templates")
    mark_all(stack, "first")


def mark_all(stack: BenchmarkStack, mark: str) -> None:
    """Say that every bucket of applications has changed."""
    marks = {"$set": dict.fromkeys(_BUCKETS, mark)}
    stack.mongo["portal"]["marks"].update_one({"_id": "marks"}, marks, upsert=True)


def _application(number: int) -> dict[str, Any]:
    industries = get_args(Industry)
    outcome = _OUTCOMES[number % len(_OUTCOMES)]
    return {
        "_id": f"{_BUCKETS[number % len(_BUCKETS)]}{number:06}",
        "application": {
            "version": 1,
            "scheme": "funding",
            "stream": _STREAMS[number % len(_STREAMS)],
            "industry": industries[number % len(industries)],
            "place": _PLACES[number % len(_PLACES)],
            "month": f"{2010 + number % 16}-{number % 12 + 1:02}",
        },
        "decision": {
            "version": 1,
            "rank": 0,
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "outcome": outcome,
            "phase": _PHASES[number % len(_PHASES)],
            "grant_cents": 2_800_000 if outcome == "eligible" else None,
        },
    }
