"""People of a test run: each has values that nothing else in the run has."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from tests.factories import application_body

_SYLLABLES = ("zor", "quim", "vax", "jyl", "wub", "fyx", "gzel", "khov")


def a_word(key: str) -> str:
    """Invent a word that no text has by chance, the same for the same key."""
    digest = sha256(key.encode()).digest()
    return "".join(_SYLLABLES[each % len(_SYLLABLES)] for each in digest[:4]) + "qx"


@dataclass(frozen=True)
class Person:
    """A contact person with an enterprise; every word of five letters or more is distinctive."""

    name: str
    email: str
    telephone: str
    enterprise: str
    title: str

    @property
    def values(self) -> list[str]:
        """All values that no log may have."""
        return [*asdict(self).values()]

    def contact(self, **changes: Any) -> dict[str, Any]:
        """Return the contact of a submission."""
        contact = {"name": self.name, "email": self.email, "telephone": self.telephone}
        return {**contact, "language": "zh-Hant", **changes}

    def body(self, stream: str = "new-technology", **contact: Any) -> dict[str, Any]:
        """Return a submission."""
        application = application_body(
            stream,
            enterprise={"name": self.enterprise},
            project={"title": self.title, "cost_cents": 100_000_00},
        )
        return {"application": application, "contact": self.contact(**contact)}


def a_person(key: str) -> Person:
    """Invent the person of a part of the run; `key` is in the local part of the address."""
    number = int.from_bytes(sha256(key.encode()).digest()[:4]) % 10**7
    words = [a_word(f"{key} {each}") for each in range(6)]
    return Person(
        name=f"{words[0].title()} {words[1].title()}",
        email=f"{key}.{words[2]}@{words[3]}mail.com",
        telephone=f"+852 9{number:07}",
        enterprise=f"{words[4].title()} Ltd",
        title=f"Heat of {words[5]}",
    )
