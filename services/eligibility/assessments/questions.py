"""What a dry run may be asked: an application of which only the facts matter that rules judge.

The fields are those of an application, under the same names. What identifies enterprise, factory
or project may be left out, and so may what a visitor does not know yet; `unstated.py` says which
reasons that leaves open.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from shared.events.envelope import EventData
from shared.events.intake import (
    Connection,
    FundingApplication,
    Industry,
    RepeatClaim,
    SiteHolder,
)
from shared.events.values import Cents, Line, RegistrationNumber


class AskedEnterprise(EventData):
    """The applicant; its name and number are not judged."""

    name: Line | None = None
    business_registration_number: Annotated[
        str | None, StringConstraints(pattern=r"^[0-9]{8}$")
    ] = None
    business_registration_valid_until: date | None = None


class AskedFactory(EventData):
    """The factory or workshop; its name and city are not judged."""

    registration_number: RegistrationNumber | None = None
    name: Line | None = None
    place: Literal["guangdong", "hong-kong", "elsewhere"]
    city: Line | None = None
    industry: Industry
    owned_by: SiteHolder | None = None
    operated_by: SiteHolder | None = None


class AskedProject(EventData):
    """The project; its title is not judged."""

    title: Line | None = None
    cost_cents: Cents | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    quotations: Annotated[int, Field(ge=0, le=100)] | None = None
    requested_cents: Cents | None = None
    other_public_funding: bool | None = None


class AskedTechnology(EventData):
    """A technology of phase 5; its name matters once a technology list is set."""

    name: Line | None = None
    on_technology_list: bool
    developed_by: Literal["hong-kong", "hong-kong-and-guangdong", "others"]


class AskedOrganisation(EventData):
    """A body that promotes cleaner production in its trade; its name is not judged."""

    name: Line | None = None
    kind: Literal["trade-association", "other"]
    based_in_hong_kong: bool


class _AboutFactory(EventData):
    enterprise: AskedEnterprise = AskedEnterprise()
    connection: Connection
    further_grounds: Annotated[tuple[Connection, ...], Field(max_length=10)] = ()
    factory: AskedFactory
    project: AskedProject = AskedProject()


class AskedFactoryProject(_AboutFactory):
    """To assess, improve or verify one factory; `repeat` is for assessments."""

    stream: Literal[
        "assessment", "demonstration", "demonstration-i", "demonstration-ii", "verification"
    ]
    repeat: RepeatClaim | None = None


class AskedNewTechnology(_AboutFactory):
    """To apply a new technology in one factory."""

    stream: Literal["new-technology"]
    technology: AskedTechnology


class AskedOrganisationSupport(EventData):
    """The Organisation Support Initiative."""

    stream: Literal["organisation-support"]
    organisation: AskedOrganisation
    project: AskedProject = AskedProject()


Asked = AskedFactoryProject | AskedNewTechnology | AskedOrganisationSupport


class AssessmentRequest(EventData):
    """An application to try, by the rules for applications received on a Hong Kong day.

    Without `as_of` it is today.
    """

    application: Annotated[Asked, Field(discriminator="stream")]
    as_of: date | None = None


_FUNDING: Final[TypeAdapter[FundingApplication]] = TypeAdapter(
    Annotated[FundingApplication, Field(discriminator="stream")]
)
# Set in place of what is not stated; no reason that depends on one of them is given.
_NAME: Final = "-"
_CREDIT_CODE: Final = "91441900PDY00001XE"  # of the block that is set aside for made-up numbers
_BUSINESS_NUMBER: Final = "00000000"
_PLACEHOLDERS: Final[dict[str, dict[str, Any]]] = {
    "enterprise": {"name": _NAME, "business_registration_number": _BUSINESS_NUMBER},
    "factory": {"registration_number": _CREDIT_CODE, "name": _NAME, "city": _NAME},
    "technology": {"name": _NAME},
    "organisation": {"name": _NAME},
    "project": {"title": _NAME, "cost_cents": 1},
}


def completed(asked: Asked) -> FundingApplication:
    """Return the application that is asked about, with placeholders for what is not stated."""
    stated = asked.model_dump(exclude_none=True)
    for part, placeholders in _PLACEHOLDERS.items():
        if part in stated:
            stated[part] = {**placeholders, **stated[part]}
    project = stated["project"]
    # A project of no length breaks no time limit; the latest day is after every anniversary.
    day = project.get("ends_on") or project.get("starts_on") or date.max
    stated["project"] = {"starts_on": day, "ends_on": day, **project}
    return _FUNDING.validate_python(stated, strict=False)
