"""The states of the site's pages that no link of a fresh page leads to, below each language."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

ESTIMATE: Final = urlencode(
    {
        "item": "injection-press-retrofit",
        "industry": "other",
        "electricity": 1_000_000,
        "currency": "HKD",
        "electricity_price": "1.2",
    }
)
_OWNER: Final = "wholly-foreign-owned-enterprise"
_ANSWERS: Final = {
    "check": 1,
    "place": "guangdong",
    "industry": "textiles",
    "owned_by": _OWNER,
    "operated_by": _OWNER,
    "applicant_gives_capital": "yes",
    "on_technology_list": "yes",
    "developed_by": "hong-kong",
    "cost": 1_600_000,
}
ACCEPTED: Final = urlencode(_ANSWERS)
_REFUSED: Final = urlencode(_ANSWERS | {"place": "elsewhere", "owned_by": "other"})
_TOO_MANY: Final = urlencode(
    [
        ("item", each)
        for each in (
            "all-electric-injection-press",
            "barrel-insulation",
            "co2-heat-pump-hot-water",
            "injection-press-retrofit",
            "untranslated-chiller",
        )
    ]
)


@dataclass(frozen=True, slots=True)
class State:
    """An address below the language, the status of its answer, and how it is asked for."""

    path: str
    status: int = 200
    method: str = "GET"

    def below(self, code: str) -> "State":
        """Return the same state in a language."""
        return replace(self, path=f"/{code}{self.path}")


STATES: Final = (
    State("/technologies?q=%E5%8D%B0%E5%88%B7"),
    State("/technologies?q=nothing+has+these+words"),
    State("/technologies?industry=textiles&process=dyeing-and-finishing&saves=water"),
    State("/technologies?q=&industry=&page=2"),
    State("/cases?industry=printing-and-publishing"),
    State("/news?year=2026"),
    State("/questions?group=applying"),
    State("/toolbox?industry=printing-and-publishing&saves=voc&investment=to-500k"),
    State("/toolbox?industry=textiles&process=dyeing-and-finishing&saves=water"),
    State("/toolbox?process=injection-moulding&saves=energy"),
    State("/toolbox?industry=furniture&process=paper-making"),
    State("/toolbox/compare"),
    State("/toolbox/compare?item=co2-heat-pump-hot-water&item=barrel-insulation"),
    State("/toolbox/compare?item=nothing", 400),
    State(f"/toolbox/compare?{_TOO_MANY}", 400),
    State("/toolbox/compare?item=untranslated-chiller&item=barrel-insulation"),
    State("/toolbox/estimate?item=untranslated-chiller&electricity=1000000"),
    State("/toolbox/estimate?item=injection-press-retrofit"),
    State(f"/toolbox/estimate?{ESTIMATE}"),
    State("/toolbox/estimate?item=injection-press-retrofit&electricity=much", 400),
    State(f"/self-check/new-technology/1b?{ACCEPTED}"),
    State(f"/self-check/new-technology/1b?{_REFUSED}"),
    State("/self-check/new-technology/1b?check=1&cost=much", 400),
    State("/self-check/organisation-support?check=1", 400),
    State("/labels?q=%E5%8D%B0%E5%88%B7"),
    State("/labels?q=nobody+has+this+name&category=partner-manufacturing"),
    State("/certificates?number=", 400),
    State("/certificates/GDHK-2026-00000001-51"),
    State("/certificates/GDHK202300000003-20"),
    State("/certificates/GDHK-2026-00000004-42"),
    State("/certificates/GDHK-2026-99999999-99", 404),
    State("/nothing", 404),
    State("/technologies/nothing", 404),
    State("/news", 405, "POST"),
    State(f"/news?q={'a' * 5_000}", 414),
)
