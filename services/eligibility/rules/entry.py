"""What entries of the programme's file have in common."""

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """Base of the file's entries; a misspelt name is an error, never a default."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
