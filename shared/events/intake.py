"""Events of `intake`: applications, and their contact persons.

Key of both topics: the application's id. Only `intake.contacts.v1` has personal data.
"""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AwareDatetime,
    EmailStr,
    Field,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from shared.events.envelope import ApplicationId, EventData, Language, Publication, Topic
from shared.events.values import LATER, Cents, Line, Percent, RegistrationNumber

APPLICATIONS: Final = Topic("intake.applications.v1")
CONTACTS: Final = Topic("intake.contacts.v1", compacted=True)

Industry = Literal[
    "chemical-products",
    "food-and-beverage",
    "furniture",
    "metal-and-metal-products",
    "non-metallic-mineral-products",
    "paper-and-paper-products",
    "printing-and-publishing",
    "textiles",
    "other",
]
FactoryStream = Literal[
    "assessment",
    "demonstration",
    "demonstration-i",
    "demonstration-ii",
    "verification",
    "new-technology",
]
FundingStream = Literal[FactoryStream, "organisation-support"]
Category = Literal[
    "partner-manufacturing",
    "excellent-partner-manufacturing",
    "partner-supply-chain",
    "partner-technology-service",
]


SiteHolder = Literal[
    "equity-joint-venture",
    "co-operative-joint-venture",
    "wholly-foreign-owned-enterprise",
    "other-mainland-enterprise",
    "applicant",
    "other",
]
"""Who may own or operate a site: kinds of Mainland enterprises, or the applicant itself."""


class Enterprise(EventData):
    """The Hong Kong business that applies, as on its business registration certificate."""

    name: Line
    business_registration_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
    business_registration_valid_until: Annotated[
        date | None,
        Field(
            description="The last Hong Kong day on which the business registration is in force: "
            "the date of expiry on the certificate."
        ),
        LATER,
    ] = None


class OwnFactory(EventData):
    """Grounds 1a, 1b and 2: a joint venture, a wholly owned enterprise, a Hong Kong factory."""

    ground: Literal["1a", "1b", "2"]
    applicant_is_party: Annotated[
        bool | None,
        Field(description="Ground 1a: whether the applicant is a party to the joint venture."),
        LATER,
    ] = None
    applicant_gives_capital: Annotated[
        bool | None,
        Field(description="Ground 1b: whether capital of the enterprise is from the applicant."),
        LATER,
    ] = None


class ProcessingAgreement(EventData):
    """Ground 1c: processing and assembly, or compensation trade, under a subsisting agreement."""

    ground: Literal["1c"]
    agreement_subsists: bool
    applicant_is_party: Annotated[
        bool | None,
        Field(description="Whether the applicant is a party to the agreement."),
        LATER,
    ] = None


class ResidentShareholding(EventData):
    """Ground 1d: one Hong Kong resident holds shares of both enterprises."""

    ground: Literal["1d"]
    mainland_share_percent: Percent
    hong_kong_share_percent: Percent
    same_resident: bool
    holder_is_natural_person: Annotated[
        bool | None,
        Field(description="Whether the holder of the shares is a natural person."),
        LATER,
    ] = None
    holder_is_hong_kong_resident: Annotated[
        bool | None,
        Field(description="Whether the holder of the shares is a Hong Kong resident."),
        LATER,
    ] = None


class Workshop(EventData):
    """Ground 3: a workshop in Hong Kong with polluting processes, of which more may be named."""

    ground: Literal["3"]
    processes: Annotated[
        tuple[
            Literal[
                "paint-spraying-and-curing",
                "solvent-cleaning-of-metal-parts",
                "vehicle-engine-testing",
                "other",
            ],
            ...,
        ],
        Field(min_length=1, max_length=4),
    ]


Connection = Annotated[
    OwnFactory | ProcessingAgreement | ResidentShareholding | Workshop,
    Field(discriminator="ground"),
]
"""How the enterprise is connected with the factory (domain rules, section 4)."""


class Factory(EventData):
    """The factory or workshop.

    `registration_number` identifies the factory: the unified social credit code in the Mainland,
    the business registration number with its branch in Hong Kong.
    """

    registration_number: RegistrationNumber
    name: Line
    place: Literal["guangdong", "hong-kong", "elsewhere"]
    city: Line
    industry: Industry
    owned_by: Annotated[
        SiteHolder | None,
        Field(description="Who owns the site; each ground asks for its own."),
        LATER,
    ] = None
    operated_by: Annotated[
        SiteHolder | None,
        Field(description="Who operates the site; as for `owned_by`."),
        LATER,
    ] = None


class Project(EventData):
    """The project to be funded. `cost_cents` is the eligible cost; days are Hong Kong days."""

    title: Line
    cost_cents: Cents
    starts_on: date
    ends_on: date
    quotations: Annotated[int, Field(ge=0, le=100)] | None = None
    requested_cents: Annotated[
        Cents | None,
        Field(description="The sum asked for, in Hong Kong cents; the grant is not more than it."),
        LATER,
    ] = None
    other_public_funding: Annotated[
        bool | None,
        Field(
            description="Whether other public funds pay, or are asked to pay, for the same cost."
        ),
        LATER,
    ] = None


class FactoryApplication(EventData):
    """Common to all applications for one factory.

    The applicant may claim several grounds: `connection`, and `further_grounds` in addition. Each
    is judged, and one that holds is enough.
    """

    enterprise: Enterprise
    connection: Connection
    further_grounds: Annotated[
        tuple[Connection, ...],
        Field(
            max_length=10,
            description="Grounds in addition to `connection`; one that holds is enough.",
        ),
        LATER,
    ] = ()
    factory: Factory
    project: Project


class RecognitionClaim(EventData):
    """A recognition on cleaner production that a factory pursues, or holds already, by its level.

    The repeat rule names municipal, national and international recognition (S1).
    """

    status: Literal["pursued", "held"]
    level: Literal["municipal", "provincial", "national", "international", "other"]


class RepeatClaim(EventData):
    """The grounds given for a second assessment of the same factory (S1).

    `implemented_measure` is a recommendation of the earlier, approved report. `change` is what has
    changed since, or the recognition that is sought, which `recognition` describes.
    """

    earlier_case_number: Line
    implemented_measure: Line | None = None
    measure_is_facility_investment: bool = False
    change: Literal["production-process", "material-usage", "recognition-sought"] | None = None
    environmental_benefit_shown: Annotated[
        bool | None,
        Field(
            description="Whether the facilities of the implemented measure have demonstrated an "
            "obvious environmental benefit."
        ),
        LATER,
    ] = None
    recognition: Annotated[
        RecognitionClaim | None,
        Field(description="The recognition on cleaner production that is pursued or held."),
        LATER,
    ] = None


class FactoryProjectApplication(FactoryApplication):
    """An application to assess, improve or verify one factory; `repeat` is for assessments."""

    stream: Literal[
        "assessment", "demonstration", "demonstration-i", "demonstration-ii", "verification"
    ]
    repeat: RepeatClaim | None = None


class Technology(EventData):
    """A technology of phase 5: on the published list or not, and who developed it."""

    name: Line
    on_technology_list: bool
    developed_by: Literal["hong-kong", "hong-kong-and-guangdong", "others"]


class NewTechnologyApplication(FactoryApplication):
    """An application of phase 5 to apply a new technology in one factory."""

    stream: Literal["new-technology"]
    technology: Technology


class Organisation(EventData):
    """A body that promotes cleaner production in its trade."""

    name: Line
    kind: Literal["trade-association", "other"]
    based_in_hong_kong: bool


class OrganisationSupportApplication(EventData):
    """An application to the Organisation Support Initiative."""

    stream: Literal["organisation-support"]
    organisation: Organisation
    project: Project


class Manufacturer(EventData):
    """A manufacturer as candidate; `earlier_partner_year` is the year of a label that it claims."""

    category: Literal["partner-manufacturing", "excellent-partner-manufacturing"]
    hong_kong_owned: bool
    factory: Factory
    measures_implemented: Annotated[int, Field(ge=0, le=10_000)]
    earlier_partner_year: Annotated[int, Field(ge=2009, le=2100)] | None = None


class SourcingEnterprise(EventData):
    """A sourcing enterprise as candidate."""

    category: Literal["partner-supply-chain"]
    factories_engaged: Annotated[int, Field(ge=0, le=100_000)]


class TechnologyServiceProvider(EventData):
    """An environmental technology service provider as candidate."""

    category: Literal["partner-technology-service"]
    factories_served: Annotated[int, Field(ge=0, le=100_000)]


Candidacy = Annotated[
    Manufacturer | SourcingEnterprise | TechnologyServiceProvider, Field(discriminator="category")
]


class RecognitionApplication(EventData):
    """An application for a label of the Recognition Scheme."""

    stream: Literal["recognition"]
    enterprise: Enterprise
    candidacy: Candidacy


FundingApplication = (
    FactoryProjectApplication | NewTechnologyApplication | OrganisationSupportApplication
)
Application = Annotated[FundingApplication | RecognitionApplication, Field(discriminator="stream")]


class ApplicationSubmitted(EventData):
    """An application was accepted. The rules apply as of `received_at`, not of processing."""

    application_id: ApplicationId
    version: Annotated[int, Field(ge=1)]
    received_at: AwareDatetime
    application: Application


class ApplicationAmended(ApplicationSubmitted):
    """A complete application replaces an earlier version; it keeps the day of the first receipt."""


class ApplicationWithdrawn(EventData):
    """The applicant has withdrawn the application: the case is closed."""

    application_id: ApplicationId
    version: Annotated[int, Field(ge=1)]
    withdrawn_at: AwareDatetime


def is_ordinary(address: str) -> bool:
    """Return quickly whether an address is certainly valid; nearly all are.

    Other addresses may be valid, too: the full check decides, at many times the cost.
    """
    return len(address) <= _LONGEST_ADDRESS and _ORDINARY.fullmatch(address) is not None


def _checked(address: Any, check: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(address, str):
        if is_ordinary(address):
            return address
        if not address.rpartition("@")[0].isascii():
            raise PydanticCustomError(_NOT_ASCII, _ONLY_ASCII)
        # Otherwise `Anything <name@example.org>` would be accepted as its address alone.
        if not _BARE.fullmatch(address):
            msg = "not an address alone"
            raise ValueError(msg)
    return check(address)


_LONGEST_ADDRESS: Final = 254
_NOT_ASCII: Final = "email_not_ascii"
_ONLY_ASCII: Final = (
    "Must be an e-mail address with only ASCII characters before the @; the domain after it may "
    "have others, as name@例子.cn"
)
# Letters, digits and a few marks; a host of plain names, none in code (`xn--`), with an end that
# is not set aside for other than the Internet (RFC 6761, 7686).
_ORDINARY: Final = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"(?!.*--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)$)[a-z]{2,63}"
)
# Before the @ only characters that every mail server on the way accepts (RFC 5321).
_BARE: Final = re.compile(r"[!-;=?-~]+@[^\s<>@]+")


class Contact(EventData):
    """The person to write to about an application."""

    name: Line
    email: Annotated[EmailStr, WrapValidator(_checked)]
    telephone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{5,24}$")] | None = None
    language: Language


class ContactRegistered(EventData):
    """The contact person of an application; a tombstone on the same key erases the person."""

    application_id: ApplicationId
    version: Annotated[int, Field(ge=1)]
    contact: Contact


PUBLICATIONS: Final = (
    Publication(
        ApplicationSubmitted,
        APPLICATIONS,
        "An application was stored durably and answered with `202`.",
    ),
    Publication(
        ApplicationAmended, APPLICATIONS, "An amendment was stored durably and answered with `202`."
    ),
    Publication(
        ApplicationWithdrawn,
        APPLICATIONS,
        "A withdrawal was stored durably and answered with `202`.",
    ),
    Publication(
        ContactRegistered,
        CONTACTS,
        "An application or an amendment that names a contact person was stored, in the same write.",
    ),
)
