"""Plain HTML pages for operators, which load nothing and run no script."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from fastapi.responses import HTMLResponse

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def table_page(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> HTMLResponse:
    """Return a page with one table; every value is shown as text."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in columns)
    body = "\n".join(_row(each) for each in rows)
    text = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
        f"</body>\n</html>\n"
    )
    return HTMLResponse(text, headers=_HEADERS)


def _row(values: Sequence[object]) -> str:
    return f"<tr>{''.join(f'<td>{escape(str(each))}</td>' for each in values)}</tr>"
