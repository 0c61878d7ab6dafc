"""Ids in paths."""

from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

PATTERN: Final = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

PathId = Annotated[str, StringConstraints(pattern=PATTERN), AfterValidator(str.lower)]
"""A UUID in any case, as clients write them; the value is in lower case, as ids are stored."""
