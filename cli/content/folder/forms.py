"""What an editor writes: the fields of `item.yml`, of `sources.yml` and of each language's text.

These are the doors to the events in `shared.events.content`: they take known values alone.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.events import content
from shared.events.doors import Day, at_doors
from shared.events.intake import Industry
from shared.events.values import ONE_VISIBLE_LINE
from shared.events.values import Line as EventLine

Line: TypeAlias = at_doors(EventLine)  # type: ignore[valid-type]  # made at run time
Id = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=1, max_length=64)
]
SourceId = Annotated[str, StringConstraints(pattern=r"^S[0-9]{1,4}$")]
LanguageCode = Literal["en", "tc", "sc"]


def _exact(value: Any) -> Any:
    return Decimal(value) if type(value) is int else value


def _text_of_number(value: Any) -> Any:
    return str(value) if type(value) is int else value


Number = Annotated[content.Number, BeforeValidator(_exact)]
Published = Annotated[
    str,
    BeforeValidator(_text_of_number),
    StringConstraints(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"),
]
LocalTime = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2})?$")
]
Year = Annotated[int, Field(ge=1900, le=2100)] | content.NotStated


class Form(BaseModel):
    """Strict: no unknown fields, nothing converted."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class SourceForm(Form):
    """A source in `sources.yml`."""

    title: Line
    address: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=1_000)]
    published: Published | None = None
    weak: bool = False


class FigureForm(Form):
    """A figure in `item.yml`; what it leaves out is that of its example."""

    of: content.Measure
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    at_most: Number | None = None
    at_least: Number | None = None
    before: Number | None = None
    after: Number | None = None
    negligible: Literal[True] | None = None
    about: bool = False
    currency: content.Currency | None = None
    unit: content.Unit | None = None
    per: content.Per | None = None
    basis: Literal["printed", "planned", "expected", "derived"] = "printed"
    derived_from: Annotated[Line | None, Field(alias="from")] = None
    origin: content.Origin | None = None
    vendor_claim: bool | None = None
    source: SourceId | None = None
    year: Year | None = None
    year_is: Literal["published"] | None = None


class ExampleForm(Form):
    """An installation; what it says of origin, source and year holds for all its figures."""

    id: Id
    origin: content.Origin | None = None
    vendor_claim: bool | None = None
    source: SourceId | None = None
    year: Year | None = None
    year_is: Literal["published"] | None = None
    size: tuple[FigureForm, ...] = ()
    baseline: tuple[FigureForm, ...] = ()
    figures: Annotated[tuple[FigureForm, ...], Field(min_length=1)]


class ItemForm(Form):
    """What every kind of item may have in `item.yml`."""

    sources: tuple[SourceId, ...] = ()
    fallback: dict[LanguageCode, LanguageCode] = {}


class NewsForm(ItemForm):
    """`news/<id>/item.yml`."""

    date: Day


class PageForm(ItemForm):
    """`pages/<id>/item.yml`."""

    section: content.Section
    order: content.Order = 0


class QuestionForm(ItemForm):
    """`questions/<id>/item.yml`."""

    group: content.Group
    order: content.Order = 0


class ResourceForm(ItemForm):
    """`resources/<id>/item.yml`."""

    type: content.ResourceType
    order: content.Order = 0
    date: Day | None = None
    address: content.WebAddress | None = None


class RegistrationForm(Form):
    """Where to register for an event, and the last day."""

    address: content.WebAddress
    closes: Day | None = None


class EventForm(ItemForm):
    """`events/<id>/item.yml`."""

    starts: LocalTime
    ends: LocalTime | None = None
    time_zone: str
    format: content.Format
    spoken: tuple[content.Spoken, ...] = ()
    registration: RegistrationForm | None = None


Savings = Annotated[tuple[content.Saving, ...], Field(min_length=1)]
Examples = Annotated[tuple[ExampleForm, ...], Field(min_length=1)]


class CaseForm(ItemForm):
    """`cases/<id>/item.yml`."""

    industry: Industry
    processes: tuple[content.Process, ...] = ()
    saves: Savings
    technologies: tuple[Id, ...] = ()
    examples: Examples


class TechnologyForm(ItemForm):
    """`technologies/<id>/item.yml`."""

    industries: Annotated[tuple[Industry, ...], Field(min_length=1)]
    processes: Annotated[tuple[content.Process, ...], Field(min_length=1)]
    saves: Savings
    examples: Examples


class WordsForm(Form):
    """The front matter of a text."""

    title: Annotated[str, StringConstraints(max_length=120, pattern=ONE_VISIBLE_LINE)]
    summary: Annotated[str, StringConstraints(max_length=300, pattern=ONE_VISIBLE_LINE)]


class EventWordsForm(WordsForm):
    """The front matter of an event."""

    place: Line | None = None


class TechnologyWordsForm(WordsForm):
    """The front matter of a technology."""

    examples: dict[Id, Line]


class CaseWordsForm(TechnologyWordsForm):
    """The front matter of a case."""

    enterprise: Line
    city: Line
    measures: Annotated[tuple[Line, ...], Field(min_length=1)]


FORMS: Final[Mapping[str, type[ItemForm]]] = {
    "news": NewsForm,
    "page": PageForm,
    "question": QuestionForm,
    "resource": ResourceForm,
    "event": EventForm,
    "case": CaseForm,
    "technology": TechnologyForm,
}
WORDS_FORMS: Final[Mapping[str, type[WordsForm]]] = {
    "event": EventWordsForm,
    "case": CaseWordsForm,
    "technology": TechnologyWordsForm,
}
