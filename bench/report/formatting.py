"""Tables and numbers in Markdown."""

from collections.abc import Iterable, Sequence

Row = Sequence[str]


def markdown_table(head: Row, rows: Iterable[Row]) -> str:
    """Format a table; all columns but the first are aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def format_number(value: float | None, digits: int = 0) -> str:
    """Format a figure, or a dash if there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"
