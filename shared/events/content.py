"""Events of `content`: what editors publish for the public. Key: the item's id.

`cppp content` publishes them from a folder (`docs/content.md`). No personal data.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from shared.events.envelope import EventData, Language, Publication, Topic
from shared.events.intake import Industry
from shared.events.values import LATER, Extensible, Line

ITEMS: Final = Topic("content.items.v1")
ITEM_ID: Final = "item_id"

LARGEST_IMAGE_BYTES: Final = 500_000
"""Two thirds of the largest record: in JSON, three bytes of an image are four characters."""

ItemId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=1, max_length=72)
]
"""The name of the item's folder; of an image `sha256-` and the first 64 digits of its hash."""

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal."""

Kind = Literal["news", "page", "case", "technology", "resource", "event", "question", "image"]
Saving = Literal["energy", "water", "voc", "nox", "waste", "material"]
Process = Literal[
    "boilers-and-steam",
    "bottling-and-filling",
    "cleaning-and-washing",
    "coating-and-painting",
    "compressed-air",
    "cooling-and-refrigeration",
    "drying-and-curing",
    "dyeing-and-finishing",
    "electroplating",
    "energy-management",
    "exhaust-treatment",
    "hot-water",
    "injection-moulding",
    "kilns-and-furnaces",
    "lighting",
    "metal-working",
    "mixing-and-blending",
    "other",
    "paper-making",
    "printing",
    "pumps-and-fans",
    "ventilation-and-air-conditioning",
    "wastewater-treatment",
]
Origin = Literal["A", "B", "C", "D"]
"""A: the Programme or its pilot. B: a Hong Kong-owned or Guangdong factory outside it.

C: elsewhere in China. D: overseas, or not said where.
"""
Basis = Literal["printed", "planned", "expected", "derived", "computed"]
Money = Literal["investment", "saving", "grant"]
Reduction = Literal[
    "energy",
    "electricity",
    "fuel",
    "heat",
    "energy-cost",
    "water",
    "effluent",
    "voc",
    "nox",
    "so2",
    "co2",
    "waste",
    "material",
]
Size = Literal[
    "area",
    "employees",
    "factories",
    "machines",
    "presses",
    "kilns",
    "mills",
    "power",
    "flow",
    "production",
]
Measure = Literal[
    Money, "payback", Reduction, "output", "return", "destroyed", "recovered", "reused", Size
]
Currency = Literal["HKD", "RMB", "USD", "AUD", "EUR"]
Time = Literal["years", "months", "weeks"]
Intensity = Literal["kWh/lb", "kWh/kg"]
Rate = Literal["m3/h", "gal/min", "kW", "MW"]
Amount = Literal[
    "t",
    "kg",
    "kWh",
    "MWh",
    "GWh",
    "tce",
    "GJ",
    "Gcal",
    "m3",
    "L",
    "kL",
    "ML",
    "gal",
    "m2",
    "pieces",
    "people",
]
Unit = Literal["%", Time, Intensity, Rate, Amount]
Per = Literal["year", "half-year", "month", "day", "hour", "once", "not-stated"]
NotStated = Literal["not-stated"]

Section = Literal["programme", "recognition", "toolbox", "about"]
Group = Literal["programme", "applying", "recognition", "toolbox", "other"]
ResourceType = Literal["guide", "form", "paper", "link", "video"]
Format = Literal["on-site", "online", "both"]
Spoken = Literal["en", "yue", "cmn"]
MediaType = Literal["image/png", "image/jpeg", "image/webp"]

LARGEST_NUMBER: Final = 999_999_999_999
LONGEST_TEXT: Final = 100_000

Number = Annotated[Decimal, Field(ge=0, le=LARGEST_NUMBER, max_digits=18, decimal_places=6)]
Revision = Annotated[int, Field(ge=1)]
"""Counts the events about an item, from 1; of two with the same one the first holds."""

WebAddress = Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=1_000)]
Pixels = Annotated[int, Field(ge=1, le=10_000)]
Order = Annotated[int, Field(ge=0, le=1_000_000)]


Day = date


class Source(EventData):
    """Where a fact is from. `published` is a day, a month or a year; `weak` asks for care."""

    id: Annotated[str, StringConstraints(pattern=r"^S[0-9]{1,4}$")]
    title: Line
    address: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=1_000)]
    published: Annotated[
        str | None, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), LATER
    ] = None
    weak: bool = False


class Figure(EventData):
    """A figure as its source states it; nothing in it is converted or guessed.

    The value lies from `low` to `high`: both are the same for a single number, one is missing for
    "up to" and "over". `before` and `after` are given in their place where the source compares two
    values, and neither for what it calls negligible. `year` is null where the source does not say,
    and that of the source itself if `year_is_of_source`. `basis` is `computed` for a payback that
    follows from investment and yearly saving, and `derived` for what an editor computed:
    `derived_from` says how. Reductions say how much less there is.
    """

    of: Annotated[str, Extensible(Measure)]
    low: Annotated[Number | None, LATER] = None
    high: Annotated[Number | None, LATER] = None
    before: Annotated[Number | None, LATER] = None
    after: Annotated[Number | None, LATER] = None
    negligible: bool = False
    about: bool = False
    currency: Annotated[str | None, Extensible(Currency), LATER] = None
    unit: Annotated[str | None, Extensible(Unit), LATER] = None
    per: Annotated[str | None, Extensible(Per), LATER] = None
    year: Annotated[int, Field(ge=1900, le=2100)] | None
    year_is_of_source: bool = False
    origin: Annotated[str, Extensible(Origin)]
    vendor_claim: bool
    source: str
    basis: Annotated[str, Extensible(Basis)]
    derived_from: Annotated[Line | None, LATER] = None


class Example(EventData):
    """One installation, with what a source says about it.

    `size` and `baseline` say what a reader must know to compare a factory with this one.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    size: Annotated[tuple[Figure, ...], LATER] = ()
    baseline: Annotated[tuple[Figure, ...], LATER] = ()
    figures: tuple[Figure, ...]


class ExampleText(EventData):
    """What an example is, in the language of the text that it is in."""

    id: str
    text: Line


class Words(EventData):
    """What an item says in one language.

    `text` is Markdown (CommonMark with tables) without HTML. Its links are `item:<id>`,
    `site:<page>`, `https:`, `mailto:` or `tel:`; its images are those of `images`; `[S1]` cites a
    source. `language` is that of the words: where it differs from the language that they are given
    for, the item is not translated yet, and a page says so. `enterprise`, `city` and `measures` are
    of cases, `place` of events.
    """

    language: Language
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    summary: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
    place: Annotated[Line | None, LATER] = None
    enterprise: Annotated[Line | None, LATER] = None
    city: Annotated[Line | None, LATER] = None
    measures: Annotated[tuple[Line, ...], LATER] = ()
    examples: Annotated[tuple[ExampleText, ...], LATER] = ()


class News(EventData):
    """What a piece of news says beside its words."""

    date: Day


class Page(EventData):
    """What a page says beside its words; those of a section come in their order."""

    section: Annotated[str, Extensible(Section)]
    order: Order


class Question(EventData):
    """A question (the title) with its answer (the text)."""

    group: Annotated[str, Extensible(Group)]
    order: Order


class Resource(EventData):
    """A guide, a form or the like; `address` is where it is."""

    type: Annotated[str, Extensible(ResourceType)]
    order: Order
    date: Annotated[Day | None, LATER] = None
    address: Annotated[WebAddress | None, LATER] = None


class Gathering(EventData):
    """An event that people come to, in a place or online.

    Days are those of `time_zone`; the moments are null where only the day is known.
    """

    starts_on: date
    starts_at: AwareDatetime | None = None
    ends_on: date
    ends_at: AwareDatetime | None = None
    time_zone: str
    format: Annotated[str, Extensible(Format)]
    spoken: Annotated[tuple[Annotated[str, Extensible(Spoken)], ...], LATER] = ()
    registration_address: Annotated[WebAddress | None, LATER] = None
    registration_closes_on: Annotated[date | None, LATER] = None


class Case(EventData):
    """A successful case of an enterprise; `technologies` are ids of items."""

    industry: Annotated[str, Extensible(Industry)]
    processes: Annotated[tuple[Annotated[str, Extensible(Process)], ...], LATER] = ()
    saves: tuple[Annotated[str, Extensible(Saving)], ...]
    technologies: Annotated[tuple[ItemId, ...], LATER] = ()
    examples: tuple[Example, ...]


class ToolboxTechnology(EventData):
    """A technology of the CP Toolbox, with installations that sources give figures of."""

    industries: tuple[Annotated[str, Extensible(Industry)], ...]
    processes: tuple[Annotated[str, Extensible(Process)], ...]
    saves: tuple[Annotated[str, Extensible(Saving)], ...]
    examples: tuple[Example, ...]


class ShownImage(EventData):
    """An image of the text: its name there, and the id of the item that it is."""

    name: Line
    image_id: ItemId


class Image(EventData):
    """An image that items show. `data_base64` is the file, whose hash is in the item's id."""

    media_type: Annotated[str, Extensible(MediaType)]
    width: Pixels
    height: Pixels
    data_base64: Annotated[str, StringConstraints(max_length=LARGEST_IMAGE_BYTES * 4 // 3 + 4)]


class ItemPublished(EventData):
    """An item is published: for the first time, changed, or again after it was withdrawn.

    Says everything about the item. An event holds if its `revision` is higher than that of every
    earlier event about the item, and is passed over otherwise: so repeats change nothing, and of
    two editors at once the first one prevails. The facts of its kind are in the field that is named
    after the kind, those of an event in `gathering`. `content_hash` is over all that but
    `revision` and `published_at`. The `images` that it shows were published before it, though
    maybe to another partition.
    """

    item_id: ItemId
    kind: Annotated[str, Extensible(Kind)]
    revision: Revision
    content_hash: Hash
    published_at: AwareDatetime
    words: dict[Language, Words]
    sources: Annotated[tuple[Source, ...], LATER] = ()
    images: Annotated[tuple[ShownImage, ...], LATER] = ()
    news: Annotated[News | None, LATER] = None
    page: Annotated[Page | None, LATER] = None
    question: Annotated[Question | None, LATER] = None
    resource: Annotated[Resource | None, LATER] = None
    gathering: Annotated[Gathering | None, LATER] = None
    case: Annotated[Case | None, LATER] = None
    technology: Annotated[ToolboxTechnology | None, LATER] = None
    image: Annotated[Image | None, LATER] = None


class ItemWithdrawn(EventData):
    """An item is no longer to be shown; a later `ItemPublished` brings it back.

    It holds as `ItemPublished` does, by its `revision`.
    """

    item_id: ItemId
    kind: Annotated[str, Extensible(Kind)]
    revision: Revision
    withdrawn_at: AwareDatetime
    reason: Line


PUBLICATIONS: Final = (
    Publication(
        ItemPublished,
        ITEMS,
        "`cppp content publish` has found an item of the editors' folder new or changed.",
        ITEM_ID,
    ),
    Publication(
        ItemWithdrawn,
        ITEMS,
        "`cppp content withdraw` has taken an item back, for a reason.",
        ITEM_ID,
    ),
)
