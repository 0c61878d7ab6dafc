"""The base of the entries of the programme's file."""

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """The base of the file's entries; a misspelt name is an error, never a default."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
