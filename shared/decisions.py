"""Decisions: proposed, kept once for each version of an application, announced, shown, counted.

What a service decides is a named tuple of its own, with the fields of its event in their order;
everything here works on what all decisions have.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import orjson
from fastapi import APIRouter, Request

from shared.events.envelope import (
    ApplicationId,
    Attributes,
    EventData,
    Outgoing,
    Topic,
    derived_id,
)
from shared.metrics import Metrics
from shared.mongo import (
    Collection,
    Document,
    insert_new,
    laid_out,
    translated_errors,
)
from shared.problems import Problem
from shared.recurring import Facts, Reasons


class Decided(Protocol):
    """The data of one decision: a named tuple of plain values and of what many have in common.

    `idempotency_key` names what may be decided only once: `<application id>:<version>`, with the
    ruling that led to it where there is one. `order` sorts an application's decisions, the one in
    force last. `scheme` is the stream or category that the decision is counted under. `recurring`
    names the fields that hold `Reasons` or `Facts`.
    """

    @property
    def recurring(self) -> tuple[str, ...]: ...  # noqa: D102
    def _asdict(self) -> dict[str, Any]: ...
    @property
    def idempotency_key(self) -> str: ...  # noqa: D102
    @property
    def order(self) -> tuple[object, ...]: ...  # noqa: D102
    @property
    def application_id(self) -> str: ...  # noqa: D102
    @property
    def outcome(self) -> str: ...  # noqa: D102
    @property
    def reasons(self) -> Reasons: ...  # noqa: D102
    @property
    def rule_version(self) -> str: ...  # noqa: D102
    @property
    def decided_at(self) -> datetime: ...  # noqa: D102
    @property
    def scheme(self) -> str: ...  # noqa: D102


DecidedT = TypeVar("DecidedT", bound=Decided)


class Proposal(NamedTuple, Generic[DecidedT]):
    """A decision to keep, with the trace that led to it."""

    decided: DecidedT
    traceparent: str = ""

    @property
    def idempotency_key(self) -> str:
        """See `Decided`; also the `_id` under which the decision is kept."""
        return self.decided.idempotency_key


class Decisions(Protocol[DecidedT]):
    """Where decisions are kept, at most one for each version of an application."""

    async def keep(self, proposals: Sequence[Proposal[DecidedT]]) -> Sequence[Proposal[DecidedT]]:
        """Keep each proposal unless its version is decided already; return what is kept."""
        ...

    async def of(self, application_id: str) -> Sequence[DecidedT]:
        """Find an application's decisions, the one in force last."""
        ...


class MongoDecisions(Generic[DecidedT]):
    """Decisions in one collection, `_id` = `<application id>:<version>`, never updated.

    No other index is needed: those of one application stand together in that one.
    """

    def __init__(self, collection: Collection, decided_type: Callable[..., DecidedT]) -> None:
        self._collection = collection
        self._decided_type = decided_type

    async def keep(self, proposals: Sequence[Proposal[DecidedT]]) -> Sequence[Proposal[DecidedT]]:
        """See `Decisions.keep`; within one batch the first proposal wins."""
        first: dict[str, Proposal[DecidedT]] = {}
        for each in proposals:
            first.setdefault(each.idempotency_key, each)
        documents = [_as_document(key, each) for key, each in first.items()]
        with translated_errors():
            known = await insert_new(self._collection, documents)
        for each in await self.with_keys(known) if known else ():
            first[each.idempotency_key] = each
        return list(first.values())

    async def of(self, application_id: str) -> Sequence[DecidedT]:
        """See `Decisions.of`."""
        end = application_id + chr(ord(":") + 1)
        with translated_errors():
            found = self._collection.find({"_id": {"$gte": f"{application_id}:", "$lt": end}})
            decided = [self._as_proposal(document).decided async for document in found]
        return sorted(decided, key=lambda each: each.order)

    async def with_keys(self, keys: Iterable[str]) -> Sequence[Proposal[DecidedT]]:
        """Find the kept decisions with these idempotency keys; those not kept are left out."""
        with translated_errors():
            found = self._collection.find({"_id": {"$in": list(keys)}})
            return [self._as_proposal(document) async for document in found]

    def _as_proposal(self, document: Document) -> Proposal[DecidedT]:
        data = {
            name: _read(value) if isinstance(value, list | dict) else value
            for name, value in document.items()
            if name not in _AROUND
        }
        return Proposal(self._decided_type(**data), document["traceparent"])


_AROUND = ("_id", "traceparent")


def _as_document(key: str, proposal: Proposal[Any]) -> Document:
    document = _data(proposal.decided, _in_document)
    document["_id"] = key  # stored first wherever it stands
    document["traceparent"] = proposal.traceparent
    return document


def _data(decided: Decided, layout: Callable[[Reasons | Facts], Any]) -> dict[str, Any]:
    data = decided._asdict()
    for name in decided.recurring:
        if (value := data[name]) is not None:
            if layout not in value.layouts:
                value.layouts[layout] = layout(value)
            data[name] = value.layouts[layout]
    return data


def _in_document(value: Reasons | Facts) -> Any:
    if isinstance(value, Facts):
        return laid_out(value)
    return [laid_out(asdict(each)) for each in value]


def _in_json(value: Reasons | Facts) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(value if isinstance(value, Facts) else list(value)))


def _read(value: Any) -> Reasons | Facts:
    return Facts(value) if isinstance(value, dict) else Reasons.read(value)


def announcement(kept: Proposal[Any], event: type[EventData], topic: Topic) -> Outgoing:
    """Build the event for a kept decision; the same decision always gives the same bytes."""
    decided = kept.decided
    kind, application_id, decided_at = event.__name__, decided.application_id, decided.decided_at
    attributes = Attributes(
        kind,
        derived_id(kind, decided.idempotency_key),
        topic.name.partition(".")[0],
        application_id,
        decided_at,
        kept.traceparent,
    )
    value = orjson.dumps(_data(decided, _in_json), option=orjson.OPT_UTC_Z)
    return Outgoing(topic.name, application_id.encode(), value, attributes.headers(), decided_at)


def decisions_router(event: type[EventData]) -> APIRouter:
    """Show decisions over HTTP; the application's state has them as `decisions`."""
    router = APIRouter(prefix="/v1", tags=["decisions"])

    @router.get("/decisions/{application_id}", response_model=list[event])  # type: ignore[valid-type]  # made at run time
    async def decisions(application_id: ApplicationId, request: Request) -> Any:
        """Show an application's decisions with all reasons, the earliest version first."""
        found = await request.app.state.decisions.of(application_id)
        if not found:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                "no-decision",
                "No decision is kept for this application: it may still be on its way. "
                "Ask again soon.",
            )
        return [event.model_validate(each, from_attributes=True) for each in found]

    return router


class DecisionMetrics:
    """Decisions by outcome and reason, and the rules in force."""

    def __init__(self, metrics: Metrics, rule_version: str) -> None:
        self._service = metrics.service
        self._decisions = metrics.counter(
            "cppp_decisions", "Announced decisions.", "scheme", "outcome", "rule_version"
        )
        self._reasons = metrics.counter(
            "cppp_decision_reasons", "Reasons of announced decisions.", "reason_code"
        )
        metrics.gauge("cppp_rules_info", "The rules in force.", "rule_version").labels(
            metrics.service, rule_version
        ).set(1)

    def count(self, kept: Sequence[Proposal[Any]]) -> None:
        """Count the decisions of one batch."""
        decided = [each.decided for each in kept]
        outcomes = Counter((each.scheme, each.outcome, each.rule_version) for each in decided)
        for labels, number in outcomes.items():
            self._decisions.labels(self._service, *labels).inc(number)
        codes = Counter(reason.code for each in decided for reason in each.reasons)
        for code, number in codes.items():
            self._reasons.labels(self._service, code).inc(number)
