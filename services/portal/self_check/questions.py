"""Which questions the rules need answered, for a stream and a ground. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from shared.events.eligibility import ProgrammePublished
from shared.events.intake import FactoryStream, FundingStream, Industry, SiteHolder
from shared.events.programme_terms import StreamTerms

Kind = Literal["choice", "choices", "yes-no", "day", "line", "money", "number", "percent", "whole"]
STREAMS: Final[Sequence[str]] = get_args(FundingStream)
FACTORY_STREAMS: Final[Sequence[str]] = get_args(FactoryStream)
GROUNDS: Final = ("1a", "1b", "1c", "1d", "2", "3")
WORKSHOP: Final = "3"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the form: its field there, and where its answer goes in what is sent.

    `words` is the key of its words, and `names` the part of the wording that names its options.
    What is not `required` may be left open.
    """

    name: str
    kind: Kind
    pointer: str
    required: bool = False
    options: Sequence[str] = ()
    names: str = ""
    words: str = ""

    @property
    def key(self) -> str:
        """The key of its words."""
        return self.words or self.name

    @property
    def is_folded(self) -> bool:
        """Whether it is shown only to who wants to be more exact.

        Without the cost nobody learns how much is paid, so that is asked at first sight.
        """
        return not self.required and self.name != "cost"


@dataclass(frozen=True, slots=True)
class Group:
    """Questions about one thing."""

    name: str
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Form:
    """The questions for one stream, and one ground unless it is the stream of associations."""

    stream: str
    ground: str
    groups: Sequence[Group]

    @property
    def questions(self) -> Sequence[Question]:
        """All questions, in the order of the form."""
        return [each for group in self.groups for each in group.questions]

    def parts(self, *, folded: bool) -> Sequence[Group]:
        """Return the groups with those questions alone that are folded, or that are not."""
        parts = [
            Group(group.name, [e for e in group.questions if e.is_folded == folded])
            for group in self.groups
        ]
        return [each for each in parts if each.questions]

    @property
    def as_shown(self) -> Sequence[Question]:
        """All questions as they are shown: those that are not folded come first."""
        return sorted(self.questions, key=lambda each: each.is_folded)


def form_for(stream: str, ground: str, programme: ProgrammePublished | None) -> Form:
    """Return the questions whose answers may change what the rules say.

    Before they are published, that is every question that may be left open.
    """
    terms = _terms(stream, programme)
    if stream in FACTORY_STREAMS:
        groups = [
            Group("factory", _FACTORY),
            Group("connection", (*_CONNECTIONS[ground], *_HOLDERS)),
            Group("technology", tuple(_about_technology(stream, terms))),
        ]
    else:
        groups = [Group("organisation", _ORGANISATION)]
    groups.append(Group("project", tuple(_about_project(programme, terms))))
    groups.append(Group("application", tuple(_about_application(stream))))
    return Form(stream, ground, [each for each in groups if each.questions])


def _terms(stream: str, programme: ProgrammePublished | None) -> Sequence[StreamTerms]:
    """Return the terms of a stream in every phase: the day of an application is an answer, too."""
    phases = programme.phases if programme else ()
    return [each for phase in phases for each in phase.streams if each.stream == stream]


def _about_technology(stream: str, terms: Sequence[StreamTerms]) -> Iterator[Question]:
    if stream != "new-technology":
        return
    place = "/application/technology"
    yield Question("on_technology_list", "yes-no", f"{place}/on_technology_list", required=True)
    if any(each.technology_list is not None for each in terms):
        yield Question("technology_name", "line", f"{place}/name", required=True)
    yield Question(
        "developed_by",
        "choice",
        f"{place}/developed_by",
        required=True,
        options=_MAKERS,
        names="developer",
    )


def _about_project(
    programme: ProgrammePublished | None, terms: Sequence[StreamTerms]
) -> Iterator[Question]:
    place = "/application/project"
    yield Question("cost", "money", f"{place}/cost_cents")
    yield Question("requested", "money", f"{place}/requested_cents")
    if programme is None or any(each.months_at_most is not None for each in terms):
        yield Question("starts_on", "day", f"{place}/starts_on")
        yield Question("ends_on", "day", f"{place}/ends_on")
    if programme is None or programme.limits.quotations:
        yield Question("quotations", "whole", f"{place}/quotations")
    yield Question("other_public_funding", "yes-no", f"{place}/other_public_funding")


def _about_application(stream: str) -> Iterator[Question]:
    if stream in FACTORY_STREAMS:
        place = "/application/enterprise/business_registration_valid_until"
        yield Question("valid_until", "day", place)
    yield Question("as_of", "day", "/as_of")


_MAKERS: Final = ("hong-kong", "hong-kong-and-guangdong", "others")
_PLACES: Final = ("guangdong", "hong-kong", "elsewhere")
_PROCESSES: Final = (
    "paint-spraying-and-curing",
    "solvent-cleaning-of-metal-parts",
    "vehicle-engine-testing",
    "other",
)
_OF_FACTORY: Final = "/application/factory"
_OF_GROUND: Final = "/application/connection"
_OF_ORGANISATION: Final = "/application/organisation"
_FACTORY: Final = (
    Question(
        "place", "choice", f"{_OF_FACTORY}/place", required=True, options=_PLACES, names="place"
    ),
    Question(
        "industry",
        "choice",
        f"{_OF_FACTORY}/industry",
        required=True,
        options=get_args(Industry),
        names="industry",
    ),
    Question("number", "number", f"{_OF_FACTORY}/registration_number"),
)
_HOLDERS: Final = (
    Question(
        "owned_by",
        "choice",
        f"{_OF_FACTORY}/owned_by",
        options=get_args(SiteHolder),
        names="holder",
    ),
    Question(
        "operated_by",
        "choice",
        f"{_OF_FACTORY}/operated_by",
        options=get_args(SiteHolder),
        names="holder",
    ),
)


def _fact(name: str, *, required: bool = False, words: str = "") -> Question:
    return Question(name, "yes-no", f"{_OF_GROUND}/{name}", required=required, words=words)


def _shares(name: str) -> Question:
    return Question(name, "percent", f"{_OF_GROUND}/{name}", required=True)


_CONNECTIONS: Final[dict[str, Sequence[Question]]] = {
    "1a": (_fact("applicant_is_party", words="party_to_venture"),),
    "1b": (_fact("applicant_gives_capital"),),
    "1c": (
        _fact("agreement_subsists", required=True),
        _fact("applicant_is_party", words="party_to_agreement"),
    ),
    "1d": (
        _shares("mainland_share_percent"),
        _shares("hong_kong_share_percent"),
        _fact("same_resident", required=True),
        _fact("holder_is_natural_person"),
        _fact("holder_is_hong_kong_resident"),
    ),
    "2": (),
    WORKSHOP: (
        Question(
            "processes",
            "choices",
            f"{_OF_GROUND}/processes",
            required=True,
            options=_PROCESSES,
            names="workshop",
        ),
    ),
}
_ORGANISATION: Final = (
    Question(
        "kind",
        "choice",
        f"{_OF_ORGANISATION}/kind",
        required=True,
        options=("trade-association", "other"),
        names="organisation",
    ),
    Question(
        "based_in_hong_kong", "yes-no", f"{_OF_ORGANISATION}/based_in_hong_kong", required=True
    ),
)
