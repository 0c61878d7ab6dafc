"""Generates the sample applications and the expected decision on each.

Run it from the project's folder: `python -m samples.generate`. The same version of this program
always writes the same bytes.
"""

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Annotated, Final

import typer

from samples.forms import Forms
from samples.funding import a_mistyped_case, an_ordinary_case, funding_cases
from samples.recognition import recognition_cases
from samples.sample import Sample
from samples.stated import stated_cases
from samples.worked import worked_cases

HERE: Final = Path(__file__).parent
SAMPLES: Final = 1000
_MISTYPED: Final = 4  # made last, so that the other cases do not depend on them
_SEED: Final = 2008  # the year of the Programme's launch


def samples() -> list[Sample]:
    """Return all samples, in the order of receipt."""
    forms = Forms(Random(_SEED))
    made = [*worked_cases(forms), *funding_cases(forms), *recognition_cases(forms)]
    made += stated_cases(forms)
    others = SAMPLES - _MISTYPED - len(made)
    made += [an_ordinary_case(forms, number) for number in range(others)]
    made += [a_mistyped_case(forms, number) for number in range(_MISTYPED)]
    return sorted(made, key=lambda sample: sample.received_at)


def write(folder: Path) -> None:
    """Write `applications.ndjson` and `expected.ndjson` into a folder."""
    made = samples()
    _write_lines(folder / "applications.ndjson", (each.submission() for each in made))
    expected = (each.expectation(line) for line, each in enumerate(made, start=1))
    _write_lines(folder / "expected.ndjson", expected)


def _write_lines(file: Path, lines: Iterable[bytes]) -> None:
    file.write_bytes(b"".join(line + b"\n" for line in lines))


def main(
    folder: Annotated[Path, typer.Option(help="Where to write.", exists=True)] = HERE,
) -> None:
    """Write applications.ndjson and expected.ndjson."""
    write(folder)


if __name__ == "__main__":
    typer.run(main)
