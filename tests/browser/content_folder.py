"""What the site shows: the samples, and what they have none of."""

from pathlib import Path
from shutil import copytree
from typing import Final

from samples.generate import HERE

_OWN: Final = Path(__file__).parent / "content"


def write_content(folder: Path) -> Path:
    """Write the content into a new folder, and return that."""
    content = folder / "content"
    copytree(HERE / "content", content)
    copytree(_OWN, content, dirs_exist_ok=True)
    return content
