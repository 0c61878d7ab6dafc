"""Writes numbers as Grafana does, by the unit of a panel."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

_Scale = Sequence[tuple[float, str]]
_SECONDS: Final[_Scale] = (
    (86_400, " days"),
    (3_600, " hours"),
    (60, " min"),
    (1, " s"),
    (1e-3, " ms"),
    (1e-6, " µs"),
)
_COUNTS: Final[_Scale] = ((1e9, " Bil"), (1e6, " Mil"), (1e3, " K"))
_BYTES: Final[_Scale] = ((2**30, " GiB"), (2**20, " MiB"), (2**10, " KiB"))


def written(value: float, unit: str) -> str:
    """Return a number with its unit."""
    return _WRITERS[unit](value)


def _scaled(value: float, scale: _Scale, otherwise: str = "") -> str:
    for size, name in scale:
        if abs(value) >= size:
            return f"{_digits(value / size)}{name}"
    return f"{_digits(value)}{otherwise}"


def _digits(value: float) -> str:
    if abs(value) < 1e-9:  # noqa: PLR2004 - what a difference of floats leaves
        return "0"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"  # noqa: PLR2004 - three digits


_WRITERS: Final[Mapping[str, Callable[[float], str]]] = {
    "s": lambda value: _scaled(value, _SECONDS, " s"),
    "short": lambda value: _scaled(value, _COUNTS),
    "reqps": lambda value: _scaled(value, _COUNTS) + " req/s",
    "ops": lambda value: _scaled(value, _COUNTS) + " ops/s",
    "bytes": lambda value: _scaled(value, _BYTES, " B"),
    "percentunit": lambda value: f"{100 * value:.4g} %",
}
