"""Generates `docs/rules.md`: every parameter, reason and source of the rules.

`python -m cli.rules_page` prints the page; a test checks that the committed page is current.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from services.eligibility.rules import rules as funding
from services.eligibility.rules.catalogue import REASONS as FUNDING_REASONS
from services.eligibility.rules.programme import load_programme
from services.notify.mails.rendering import ANSWERS_BY
from services.notify.settings import NotifySettings
from services.recognition.rules import rules as labels
from services.recognition.rules.catalogue import HOLD_REASONS, OBJECTION_UNRESOLVED, STEP_REASONS
from services.recognition.rules.catalogue import REASONS as LABEL_REASONS
from services.recognition.rules.scheme import load_scheme
from shared.events.envelope import Reason

_INTRODUCTION: Final = """\
# The rules in force

Made from the rules' own data by `make docs`; do not edit. The marks of sources are those of
[sources.md](sources.md). What no source gives is **not set**: whatever depends on it is referred to
a person. The source `setting` marks what the sources leave to the operator. A time or a period that
is not set is shown without a day. While no technology list is set, it goes by what the applicant
states about the published one.

A grant is the share of the eligible cost, rounded down to a whole cent, and at most the ceiling and
the sum asked for. One ground that holds connects an enterprise with a factory, however many are
claimed. What an optional field of the form does not state is not judged, except for the
environmental benefit of the implemented measure, which the repeat rule wants shown: not stated, it
is referred.

Days are those in Hong Kong. A phase, a round or a procedure is that of the instant of receipt,
however late an application is decided. The months within which a project must finish are checked
against its planned days; the project clock says from when they run.

The services publish all of what they decide by:
[ProgrammePublished](events.md#programmepublished), [SchemePublished](events.md#schemepublished).
"""
# Fields that identify the entries of a list; fields that are not parameters.
_NAMES: Final = ("name", "stream", "category", "year", "from_year", "since", "up_to_cents")
_AROUND: Final = frozenset({"source", "version"})
# Parameters that are shown even while they are not set.
_NEEDED: Final = frozenset({"share_percent", "ceiling_cents", "ruling", "agreement", "within"})
_NEEDED_OF_A_STREAM: Final = frozenset({("new-technology", "technology_list")})


def page() -> str:
    """Return the whole page."""
    programme, scheme = load_programme(), load_scheme()
    return "\n".join(
        [
            _INTRODUCTION,
            f"## Funding: programme {programme.version}\n",
            *_parameters(programme),
            "## Reasons of funding decisions\n",
            *_reasons(FUNDING_REASONS, funding.REFUSALS, funding.REFERRALS),
            f"## Recognition: scheme {scheme.version}\n",
            *_parameters(scheme),
            "## Receipts\n",
            *_receipts(),
            "## Reasons of the Recognition Scheme\n",
            *_reasons(
                {**LABEL_REASONS, **STEP_REASONS, **HOLD_REASONS},
                labels.REFUSALS,
                labels.REFERRALS | {OBJECTION_UNRESOLVED},
            ),
        ]
    )


def _receipts() -> Iterator[str]:
    """Yield the table of receipts: what they promise is a setting, not a Programme term."""
    days = NotifySettings.model_fields["answer_working_days"].default
    row = "NOTIFY_ANSWER_WORKING_DAYS", "working days", str(days), "setting"
    calendar = "NOTIFY_ANSWER_WORKING_DAYS", "calendar", ANSWERS_BY, "setting"
    return _table(("entry", "parameter", "value", "source"), [row, calendar])


def _parameters(model: BaseModel) -> Iterator[str]:
    rows = _rows(model.model_dump(), (), "")
    return _table(("entry", "parameter", "value", "source"), rows)


def _rows(value: Any, path: tuple[str, ...], source: str) -> Iterator[tuple[str, ...]]:
    """Yield a row for each leaf of the data; its source is the nearest one above it."""
    if isinstance(value, dict):
        parts = {name: part for name, part in value.items() if name not in _AROUND}
        source = value.get("source", source)
    elif isinstance(value, tuple) and value and isinstance(value[0], dict):
        parts = dict(map(_labelled, value))
    else:
        if value is not None or path[-1] in _NEEDED or path[-2:] in _NEEDED_OF_A_STREAM:
            *entry, name = path
            yield " / ".join(entry), name.replace("_", " "), _written(name, value), source
        return
    for name, part in parts.items():
        yield from _rows(part, (*path, name), source)


def _labelled(entry: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Split an entry into its label and its other fields."""
    name = next((each for each in _NAMES if entry.get(each) is not None), None)
    if name is None:
        msg = f"this entry has no label: {', '.join(entry)}; add one of its fields to _NAMES"
        raise ValueError(msg)
    rest = {each: value for each, value in entry.items() if each != name}
    return _written(name, entry[name]), rest


def _written(name: str, value: Any) -> str:
    if value is None:
        return "**not set**"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, tuple):
        return ", ".join(value)
    if name.endswith("_cents"):
        return f"HK${value // 100:,}"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _reasons(
    reasons: Mapping[str, Reason], refusals: Collection[str], referrals: Collection[str]
) -> Iterator[str]:
    def leads_to(code: str) -> str:
        if code in refusals:
            return "refusal"
        return "referral" if code in referrals else "explanation"

    rows = (
        (each.code, leads_to(each.code), each.en, each.zh_hant, each.zh_hans, each.source)
        for each in reasons.values()
    )
    return _table(("code", "leads to", "English", "繁體中文", "简体中文", "source"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _row(head)
    yield _row("---" for _ in head)
    yield from map(_row, rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(page(), end="")
