"""As many items as are wanted, made of the samples: each with an id, titles and days of its own."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from typing import Final

from cli.content.contents import checked_edition, contents
from devstack.stack.program import PROJECT
from shared.events.content import ItemPublished, Resource

_DAYS: Final = 3_000  # among which news and events are spread


def items(number: int) -> Iterator[ItemPublished]:
    """Yield items in three languages: the samples, then copies of them in turn."""
    _, samples = contents(checked_edition(PROJECT / "samples" / "content"))
    for count, sample in enumerate(islice(cycle(samples), number)):
        yield sample if count < len(samples) else _copy(sample, count)


def _copy(sample: ItemPublished, number: int) -> ItemPublished:
    words = {
        language: each.model_copy(update={"title": f"{each.title} {number}"})
        for language, each in sample.words.items()
    }
    days = timedelta(days=number * 7 % _DAYS)
    changes: dict[str, object] = {
        "news": sample.news and sample.news.model_copy(update={"date": sample.news.date - days}),
        "gathering": sample.gathering
        and sample.gathering.model_copy(update={"starts_on": sample.gathering.starts_on - days}),
    }
    if sample.kind == "page":  # a copy is a resource, as the pages of a section are not thousands
        changes |= {"kind": "resource", "page": None, "resource": Resource(type="guide", order=1)}
    return sample.model_copy(
        update={"item_id": f"{sample.item_id}-{number}", "words": words, **changes}
    )
