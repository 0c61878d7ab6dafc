"""Renders the overview as one HTML page, with everything that it needs inside."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.operations.overview.model import Overview
from services.operations.page import wording
from services.operations.page.plots import Plot, flow_plot, lag_plot
from services.operations.page.runbooks import runbook_link
from services.operations.sources.history import History

REFRESH_SECONDS: Final = 10
_FOLDER: Final = Path(__file__).with_name("templates")
_STYLE: Final = (_FOLDER / "page.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Plots:
    """The plots of a page, by step and by group; one without enough samples is missing."""

    flow: Mapping[str, Plot]
    lag: Mapping[str, Plot]

    @classmethod
    def of(cls, overview: Overview, history: History, clock: float) -> "Plots":
        """Draw all of them."""
        flow = {each.step: flow_plot(history, each.step, clock) for each in overview.flow}
        lag = {each.group: lag_plot(history, each.group, clock) for each in overview.lag}
        return cls(*({k: v for k, v in each.items() if v} for each in (flow, lag)))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "duration": wording.duration,
        "ago": wording.ago,
        "number": wording.number,
        "percent": wording.percent,
        "moment": wording.moment,
        "commands": wording.commands,
        "runbook": runbook_link,
    }
    environment.globals |= {
        "style": Markup(_STYLE),  # noqa: S704  # our own file
        "refresh_seconds": REFRESH_SECONDS,
    }
    return environment


_TEMPLATES: Final = _environment()


def overview_page(overview: Overview, plots: Plots) -> HTMLResponse:
    """Return the page of the overview."""
    return _page("overview.html.j2", overview=overview, plots=plots)


def runbook_page(name: str, content: Markup) -> HTMLResponse:
    """Return the page of a runbook."""
    return _page("runbook.html.j2", name=name, content=content)


def _page(template: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(_TEMPLATES.get_template(template).render(values), headers=HEADERS)
