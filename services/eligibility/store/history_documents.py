"""The documents of a factory's history: their indexes, and how they are read. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from services.eligibility.rules.histories import Case, Histories, OpenCase, QueuePlace
from services.eligibility.rules.repeat import Completion
from shared.identifiers import factory_key

Document = Mapping[str, Any]

DECISIONS_BY_FACTORY: Final = (("factory_registration_number", 1), ("decided_at", -1))
COMPLETIONS_BY_FACTORY: Final = (("factory_registration_number", 1),)
OUTCOME: Final = (
    "application_id",
    "factory_registration_number",
    "stream",
    "version",
    "received_at",
    "decided_at",
    "ruling_id",
    "outcome",
)


def read_histories(
    completions: Collection[Document],
    decided: Mapping[str, Document],
    withdrawn: Collection[str] = (),
) -> Histories:
    """Read the histories of factories; `withdrawn` are ids of applications."""
    closed = {each["_id"] for each in completions} | set(withdrawn)
    still_open = (each for key, each in decided.items() if key not in closed)
    return Histories(_assessments(completions), _open_cases(still_open))


def in_force(decided: Iterable[Document]) -> dict[str, Document]:
    """Return the decision in force of each application that is not refused, by application id."""
    latest: dict[str, Document] = {}
    for each in sorted(decided, key=_order):
        latest[each["application_id"]] = each
    return {key: each for key, each in latest.items() if each["outcome"] != "ineligible"}


def _order(document: Document) -> tuple[int, bool, datetime]:
    """As `FundingDecision.order`."""
    return document["version"], document["ruling_id"] is not None, document["decided_at"]


def _open_cases(decided: Iterable[Document]) -> dict[Case, list[OpenCase]]:
    found: dict[Case, list[OpenCase]] = defaultdict(list)
    for each in decided:
        case = factory_key(each["factory_registration_number"]), each["stream"]
        place = QueuePlace(each["received_at"], each["application_id"], case)
        found[case].append(OpenCase(place, each["outcome"] == "eligible", each["version"]))
    return found


def _assessments(completions: Iterable[Document]) -> dict[str, tuple[Completion, ...]]:
    found: dict[str, tuple[Completion, ...]] = {}
    for each in sorted(completions, key=lambda each: (each["completed_on"], each["_id"])):
        if each["stream"] == "assessment":
            factory = factory_key(each["factory_registration_number"])
            completion = Completion(
                date.fromisoformat(each["completed_on"]),
                each["report_approved"],
                tuple(each["recommended_measures"]),
            )
            known = found.get(factory, ())
            # Imported by an older release and by this one, a case is here under two ids.
            found[factory] = known if completion in known else (*known, completion)
    return found
