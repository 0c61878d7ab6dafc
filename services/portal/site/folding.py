"""Texts as they are compared in a search."""

from unicodedata import normalize


def folded(text: str) -> str:
    """Return a text as it is compared: full-width letters and capitals are no difference."""
    return normalize("NFKC", text).casefold()
