"""The states of the site's pages that no link of a fresh page leads to, below each language."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class State:
    """An address below the language, and the status of its answer."""

    path: str
    status: int = 200


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
    State("/labels?q=%E5%8D%B0%E5%88%B7"),
    State("/labels?q=nobody+has+this+name&category=partner-manufacturing"),
    State("/certificates?number=", 400),
    State("/certificates/GDHK-2026-00000001-51"),
    State("/certificates/GDHK202300000003-20"),
    State("/certificates/GDHK-2026-99999999-99", 404),
    State("/nothing", 404),
    State("/technologies/nothing", 404),
)
STARTING: Final = State("", 503)
