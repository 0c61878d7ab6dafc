"""Which amounts can be shown without telling what a single enterprise was granted. Pure."""

from collections.abc import Collection, Sequence
from typing import Final

from services.portal.statistics.tally import Cell, Cells, total

FEWEST: Final = 3  # approvals


def hidden(cells: Cells) -> Collection[str]:
    """Return the codes of the cells of a table whose amounts are not shown.

    The sum of the table is shown. So those left out must together have enough approvals, too: if
    they have not, the smallest of the others is left out with them.
    """
    approved = sorted((each.approved, code) for code, each in cells.items() if each.approved)
    number = sum(count < FEWEST for count, _ in approved)
    while 0 < number < len(approved) and sum(count for count, _ in approved[:number]) < FEWEST:
        number += 1
    return {code for _, code in approved[:number]}


def shown_total(cells: Sequence[Cell]) -> int | None:
    """Return the amount of all cells of a table, `None` if it cannot be shown."""
    whole = total(cells)
    return None if 0 < whole.approved < FEWEST else whole.cents
