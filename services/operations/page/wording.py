"""Writes figures for people: each with its unit."""

import re
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from shared.clock import HONG_KONG

_COMMAND: Final = re.compile("`([^`]+)`")
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
_UNKNOWN: Final = "not known"


def duration(seconds: float | None) -> str:
    """Write a duration such as 4 s, 12 min, 3 h 20 min, 5 d 2 h."""
    if seconds is None:
        return _UNKNOWN
    whole = int(seconds)
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < 2 * _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def ago(seconds: float | None) -> str:
    """Write how long something is ago."""
    return "never" if seconds is None else f"{duration(seconds)} ago"


def number(value: float | None) -> str:
    """Write a number with separators of thousands, and a decimal if it is small."""
    if value is None:
        return _UNKNOWN
    is_whole = float(value).is_integer() or value >= 100  # noqa: PLR2004  # three digits are enough
    return f"{value:,.0f}" if is_whole else f"{value:,.1f}"


def percent(value: float) -> str:
    """Write a share such as 99.9 %: with two decimals at most, and never 100 % if it is less."""
    rounded = min(round(value, 2), 99.99) if value < 100 else value  # noqa: PLR2004
    return f"{rounded:,.2f}".rstrip("0").rstrip(".") + " %"


def commands(text: str) -> Markup:
    """Mark what is between backticks as a command."""
    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped


def moment(at: datetime) -> str:
    """Write a time as it is in Hong Kong."""
    return f"{at.astimezone(HONG_KONG):%Y-%m-%d %H:%M:%S} Hong Kong time"
