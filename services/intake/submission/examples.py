"""Example submissions, one for each stream; the persons are fictitious."""

from typing import Any, Final

_CONTACT: Final = {
    "name": "Chan Tai Man",
    "email": "chan.tai.man@example.org",
    "telephone": "+852 2345 6789",
    "language": "zh-Hant",
}
_ENTERPRISE: Final = {
    "name": "Bright Textiles Limited",
    "business_registration_number": "12345678",
    "business_registration_valid_until": "2027-03-31",
}
_FACTORY: Final = {
    "registration_number": "91441900PDY00001XE",
    "name": "Bright Textiles (Dongguan) Limited",
    "place": "guangdong",
    "city": "Dongguan",
    "industry": "textiles",
    "owned_by": "wholly-foreign-owned-enterprise",
    "operated_by": "wholly-foreign-owned-enterprise",
}
_WORKSHOP: Final = {
    "registration_number": "12345678-001",
    "name": "Harbour Motor Works",
    "place": "hong-kong",
    "city": "Kwun Tong",
    "industry": "other",
    "owned_by": "applicant",
    "operated_by": "applicant",
}


def _project(title: str, cost_cents: int, requested_cents: int) -> dict[str, Any]:
    return {
        "title": title,
        "cost_cents": cost_cents,
        "starts_on": "2027-01-04",
        "ends_on": "2027-06-30",
        "requested_cents": requested_cents,
        "other_public_funding": False,
    }


def _for_a_factory(stream: str, project: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "stream": stream,
        "enterprise": _ENTERPRISE,
        "connection": {"ground": "1b", "applicant_gives_capital": True},
        "factory": _FACTORY,
        "project": project,
        **changes,
    }


_APPLICATIONS: Final = [
    _for_a_factory(
        "assessment",
        _project("On-site improvement assessment", 56_000_00, 28_000_00),
        repeat={
            "earlier_case_number": "CP-2016-0417",
            "implemented_measure": "Heat recovery from the drying line",
            "measure_is_facility_investment": True,
            "environmental_benefit_shown": True,
            "change": "recognition-sought",
            "recognition": {"status": "pursued", "level": "municipal"},
        },
    ),
    _for_a_factory(
        "demonstration",
        _project("Heat recovery from dyeing effluent", 600_000_00, 300_000_00),
    ),
    _for_a_factory(
        "demonstration-i",
        _project("Water-borne paint in a closed booth", 480_000_00, 240_000_00),
        connection={"ground": "3", "processes": ["paint-spraying-and-curing"]},
        factory=_WORKSHOP,
    ),
    _for_a_factory(
        "demonstration-ii", _project("Closed loop for rinsing water", 900_000_00, 400_000_00)
    ),
    _for_a_factory(
        "verification",
        _project("Verification of savings", 40_000_00, 20_000_00),
        connection={
            "ground": "1d",
            "mainland_share_percent": "51.5",
            "hong_kong_share_percent": "30",
            "same_resident": True,
            "holder_is_natural_person": True,
            "holder_is_hong_kong_resident": True,
        },
        further_grounds=[{"ground": "1b", "applicant_gives_capital": True}],
    ),
    _for_a_factory(
        "new-technology",
        _project("Low-liquor dyeing", 1_300_000_00, 650_000_00),
        technology={
            "name": "Low-liquor dyeing",
            "on_technology_list": True,
            "developed_by": "hong-kong",
        },
    ),
    {
        "stream": "organisation-support",
        "organisation": {
            "name": "Dyers' Association",
            "kind": "trade-association",
            "based_in_hong_kong": True,
        },
        "project": _project("Seminars on cleaner dyeing", 300_000_00, 270_000_00),
    },
    {
        "stream": "recognition",
        "enterprise": _ENTERPRISE,
        "candidacy": {
            "category": "partner-manufacturing",
            "hong_kong_owned": True,
            "factory": _FACTORY,
            "measures_implemented": 3,
        },
    },
]

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    each["stream"]: {"application": each, "contact": _CONTACT} for each in _APPLICATIONS
}
