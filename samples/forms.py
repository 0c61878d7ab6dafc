"""Invents forms: enterprises, factories, projects and contact persons that do not exist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import Final, TypeVar

from samples.credit_codes import credit_code
from samples.sample import Form, Json
from samples.vocabulary import (
    CITIES,
    ENVIRONMENTAL,
    GIVEN_NAMES,
    MEASURES,
    NEW_TECHNOLOGIES,
    PRIORITY_INDUSTRIES,
    SOURCING,
    SUBJECTS,
    SURNAMES,
    SYLLABLES,
    TRADES,
    Words,
)
from shared.clock import HONG_KONG

ChoiceT = TypeVar("ChoiceT")

LANGUAGES: Final = ("en", "zh-Hant", "zh-Hans")
_COMPANY: Final = ("{} {} Limited", "{}{}有限公司", "{}{}有限公司")
_FACTORY: Final = ("{0} {1} ({2}) Limited", "{2}{0}{1}有限公司", "{2}{0}{1}有限公司")
_ASSOCIATION: Final = ("Hong Kong {} Trade Association", "香港{}業商會", "香港{}业商会")
_TITLE: Final = ("{0}: {1}", "{1}{0}", "{1}{0}")
_PERSON: Final = ("{1} {0}", "{0}{1}", "{0}{1}")
_MAIL_DOMAINS: Final = ("example.com", "example.net", "example.org")  # reserved: RFC 2606
_OTHER_OFFSETS_MINUTES: Final = (0, 0, 540, 330, -300, -480)


@dataclass(frozen=True, slots=True)
class Company:
    """An invented company: its language, its words and its serial number."""

    number: int
    language: int
    name: Words
    industry: str
    trade: Words

    def words(self, pattern: Sequence[str], *parts: Words) -> str:
        """Join words in the company's language."""
        return pattern[self.language].format(*(part[self.language] for part in parts))


class Forms:
    """Invents forms; the same random numbers give the same forms."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._companies = 0

    def pick(self, choices: Sequence[ChoiceT]) -> ChoiceT:
        """Choose one."""
        return choices[self.random.randrange(len(choices))]

    def moment(self, first: date, last: date) -> datetime:
        """Choose a time of receipt between two Hong Kong days, mostly in Hong Kong time."""
        day = first + timedelta(days=self.random.randrange((last - first).days + 1))
        hours, seconds = 8 + self.random.randrange(12), self.random.randrange(3600)
        moment = datetime.combine(day, time(hours, tzinfo=HONG_KONG)) + timedelta(seconds=seconds)
        if self.random.randrange(5):
            return moment
        minutes = self.pick(_OTHER_OFFSETS_MINUTES)
        return moment.astimezone(timezone(timedelta(minutes=minutes)))

    def company(self, industry: str = "", trade: Words | None = None) -> Company:
        """Invent a company that no other form has."""
        self._companies += 1
        industry = industry or self.pick(PRIORITY_INDUSTRIES)
        first = self.pick(SYLLABLES)
        second = self.pick([each for each in SYLLABLES if each != first])
        name = (f"{first[0]} {second[0]}", first[1] + second[1], first[2] + second[2])
        chosen = trade or self.pick(TRADES[industry])
        return Company(self._companies, self.random.randrange(3), name, industry, chosen)

    def for_factory(
        self, stream: str, cost_cents: int, received_at: datetime, **more: Json
    ) -> Form:
        """Invent an application for one factory.

        `more` are changes of its parts and further parts.
        """
        factory = more.pop("factory", {})
        company = self.company(factory.get("industry", ""))
        application: Json = {
            "stream": stream,
            "enterprise": _enterprise(company) | more.pop("enterprise", {}),
            "connection": more.pop("connection", {"ground": self.pick(("1a", "1b"))}),
            "factory": self.factory(company, factory.get("place", "guangdong")) | factory,
            "project": self.project(company, stream, cost_cents, received_at)
            | more.pop("project", {}),
            **more,
        }
        return Form(application, self._contact(company))

    def for_new_technology(
        self, developed_by: str, cost_cents: int, received_at: datetime, **more: Json
    ) -> Form:
        """Invent an application of phase 5; see `for_factory` for `more`."""
        changes = more.pop("technology", {})
        form = self.for_factory("new-technology", cost_cents, received_at, **more)
        name = self.pick(NEW_TECHNOLOGIES)[LANGUAGES.index(form.contact["language"])]
        technology = {"name": name, "on_technology_list": True, "developed_by": developed_by}
        form.application["technology"] = technology | changes
        return form

    def for_organisation(
        self,
        cost_cents: int,
        received_at: datetime,
        organisation: Mapping[str, object] | None = None,
        project: Mapping[str, object] | None = None,
    ) -> Form:
        """Invent an application to the Organisation Support Initiative."""
        company = self.company()
        described = {"kind": "trade-association", "based_in_hong_kong": True}
        application = {
            "stream": "organisation-support",
            "organisation": {
                "name": company.words(_ASSOCIATION, company.trade),
                **(described | dict(organisation or {})),
            },
            "project": self.project(company, "organisation-support", cost_cents, received_at)
            | dict(project or {}),
        }
        return Form(application, self._contact(company))

    def for_manufacturer(
        self, category: str, place: str = "guangdong", **candidacy: object
    ) -> Form:
        """Invent the candidacy of a factory."""
        company = self.company()
        facts = {
            "category": category,
            "hong_kong_owned": True,
            "factory": self.factory(company, place),
            "measures_implemented": 1 + self.random.randrange(12),
        }
        return self._for_recognition(company, facts | candidacy)

    def for_sourcing_enterprise(self, factories_engaged: int) -> Form:
        """Invent the candidacy of an enterprise in purchasing."""
        facts = {"category": "partner-supply-chain", "factories_engaged": factories_engaged}
        return self._for_recognition(self.company(trade=SOURCING), facts)

    def for_service_provider(self, factories_served: int) -> Form:
        """Invent the candidacy of an environmental technology service provider."""
        facts = {"category": "partner-technology-service", "factories_served": factories_served}
        return self._for_recognition(self.company(trade=ENVIRONMENTAL), facts)

    def factory(self, company: Company, place: str) -> Json:
        """Invent a company's factory."""
        city = self.pick(CITIES[place])
        return {
            "registration_number": _registration_number(company.number, place),
            "name": company.words(_FACTORY, company.name, company.trade, city),
            "place": place,
            "city": city[company.language],
            "industry": company.industry,
        }

    def project(
        self, company: Company, stream: str, cost_cents: int, received_at: datetime
    ) -> Json:
        """Invent a project that starts after receipt, and is short enough for every stream."""
        starts_on = received_at.date() + timedelta(days=30 + self.random.randrange(60))
        days = 45 + self.random.randrange(40)
        if stream != "assessment":
            days += 60 + self.random.randrange(180)
        return {
            "title": company.words(_TITLE, SUBJECTS[stream], self.pick(MEASURES)),
            "cost_cents": cost_cents,
            "starts_on": starts_on.isoformat(),
            "ends_on": (starts_on + timedelta(days=days)).isoformat(),
        }

    def _for_recognition(self, company: Company, candidacy: Json) -> Form:
        enterprise = _enterprise(company)
        application = {"stream": "recognition", "enterprise": enterprise, "candidacy": candidacy}
        return Form(application, self._contact(company))

    def _contact(self, company: Company) -> Json:
        surname, given = self.pick(SURNAMES), self.pick(GIVEN_NAMES)
        local_part = f"{given[0]} {surname[0]}".lower().replace(" ", ".")
        host = company.name[0].lower().replace(" ", "")
        contact = {
            "name": company.words(_PERSON, surname, given),
            "email": f"{local_part}@{host}{company.number}.{self.pick(_MAIL_DOMAINS)}",
            "language": LANGUAGES[company.language],
        }
        if self.random.randrange(2):
            # No subscriber's number begins with 0.
            contact["telephone"] = f"+852 0{self.random.randrange(1000):03} {company.number:04}"
        return contact


def _enterprise(company: Company) -> Json:
    # Numbers that are not given out yet, nor in this form in the Mainland.
    return {
        "name": company.words(_COMPANY, company.name, company.trade),
        "business_registration_number": f"99{company.number:06}",
    }


def _registration_number(number: int, place: str) -> str:
    if place == "hong-kong":
        return f"99{number:06}-001"
    return credit_code(number)
