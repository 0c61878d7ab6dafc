"""Makes of what editors write what readers get: items and their images, before a revision."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson

from cli.content.folder.between_files import ReadItem
from cli.content.folder.days import times_of
from cli.content.folder.edition import Edition, read_edition
from cli.content.folder.figures import example_of, sources_of
from cli.content.folder.files import FACTS
from cli.content.folder.forms import (
    CaseForm,
    EventForm,
    ItemForm,
    LanguageCode,
    NewsForm,
    PageForm,
    QuestionForm,
    ResourceForm,
    SourceForm,
    TechnologyForm,
)
from cli.content.folder.images import ImageFile
from cli.content.folder.mistakes import Mistake
from cli.content.folder.texts import TextFile
from shared.events.content import (
    Case,
    Example,
    ExampleText,
    Gathering,
    ItemPublished,
    News,
    Page,
    Question,
    Resource,
    ShownImage,
    Source,
    ToolboxTechnology,
    Words,
)
from shared.events.envelope import LARGEST_RECORD_BYTES, EventData, Language

LANGUAGES: Final[Mapping[LanguageCode, Language]] = {"en": "en", "tc": "zh-Hant", "sc": "zh-Hans"}
_UNPUBLISHED: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_CONTENT: Final = {"revision", "content_hash", "published_at"}
_ROOM_FOR_HEADERS: Final = 10_000


def contents(edition: Edition) -> tuple[list[ItemPublished], list[ItemPublished]]:
    """Return the images and the items of a folder without mistakes, each by id and once."""
    images = {each.id: _image(each) for item in edition.items for each in item.images.values()}
    items = [_item(each, edition.sources) for each in edition.items]
    return list(images.values()), sorted(items, key=lambda each: each.item_id)


def ids_in(edition: Edition) -> set[str]:
    """Return the ids of all items and images of a folder, which may have mistakes."""
    images = {each.id for item in edition.items for each in item.images.values()}
    return {*images, *(each.id for each in edition.items)}


def checked_edition(root: Path) -> Edition:
    """Read a folder, and check that each item fits into a record."""
    edition = read_edition(root)
    if edition.mistakes:
        return edition
    return replace(edition, mistakes=list(_too_large(edition)))


def _too_large(edition: Edition) -> Iterator[Mistake]:
    """Name the items that do not fit into a record."""
    for item in edition.items:
        size = len(_item(item, edition.sources).model_dump_json().encode())
        if size > LARGEST_RECORD_BYTES - _ROOM_FOR_HEADERS:
            rule = f"Must be shorter in all: {size:,} bytes do not fit into a record."
            yield Mistake(PurePosixPath(item.folder.path / FACTS), 0, "", rule)


def _image(file: ImageFile) -> ItemPublished:
    return _hashed(item_id=file.id, kind="image", words={}, image=file.image)


def _item(item: ReadItem, sources: Mapping[str, SourceForm]) -> ItemPublished:
    facts = _facts(item.facts)
    return _hashed(
        item_id=item.id,
        kind=item.folder.kind,
        words=dict(_words(item)),
        sources=tuple(_source(each, sources[each]) for each in _cited(item, facts)),
        images=tuple(
            ShownImage(name=name, image_id=each.id) for name, each in sorted(item.images.items())
        ),
        **facts,
    )


def _hashed(**fields: Any) -> ItemPublished:
    item = ItemPublished(revision=1, content_hash="0" * 64, published_at=_UNPUBLISHED, **fields)
    said = orjson.dumps(
        item.model_dump(mode="json", exclude=_NOT_CONTENT), option=orjson.OPT_SORT_KEYS
    )
    return item.model_copy(update={"content_hash": sha256(said).hexdigest()})


def _words(item: ReadItem) -> Iterator[tuple[Language, Words]]:
    for code, language in LANGUAGES.items():
        written = item.facts.fallback.get(code, code)
        yield language, _words_of(item.texts[written], LANGUAGES[written])


def _words_of(text: TextFile, language: Language) -> Words:
    fields = text.words.model_dump()
    named: Mapping[str, str] = fields.pop("examples", {})
    examples = tuple(ExampleText(id=each, text=said) for each, said in sorted(named.items()))
    return Words(language=language, text=text.text, examples=examples, **fields)


def _source(name: str, form: SourceForm) -> Source:
    return Source(id=name, **form.model_dump())


def _cited(item: ReadItem, facts: Mapping[str, Any]) -> list[str]:
    """Return the sources of an item: those of its facts first, then those that texts cite."""
    found = dict.fromkeys(item.facts.sources)
    for part in facts.values():
        found |= dict.fromkeys(sources_of(getattr(part, "examples", ())))
    for text in item.texts.values():
        found |= dict.fromkeys(each.target for each in text.markdown.citations)
    return list(found)


_PLAIN: Final[Mapping[type[ItemForm], tuple[str, type[EventData]]]] = {
    NewsForm: ("news", News),
    PageForm: ("page", Page),
    QuestionForm: ("question", Question),
    ResourceForm: ("resource", Resource),
}


def _facts(form: ItemForm) -> Mapping[str, Any]:
    own = form.model_dump(exclude={"sources", "fallback", "examples"})
    if isinstance(form, EventForm):
        return {"gathering": _gathering(form)}
    if isinstance(form, CaseForm):
        return {"case": Case(**own, examples=_examples(form))}
    if isinstance(form, TechnologyForm):
        return {"technology": ToolboxTechnology(**own, examples=_examples(form))}
    field, model = _PLAIN[type(form)]
    return {field: model(**own)}


def _examples(form: CaseForm | TechnologyForm) -> tuple[Example, ...]:
    return tuple(map(example_of, form.examples))


def _gathering(form: EventForm) -> Gathering:
    starts, ends = times_of(form)
    registration = form.registration
    return Gathering(
        starts_on=starts.day,
        starts_at=starts.moment,
        ends_on=ends.day,
        ends_at=ends.moment,
        time_zone=form.time_zone,
        format=form.format,
        spoken=form.spoken,
        registration_address=registration.address if registration else None,
        registration_closes_on=registration.closes if registration else None,
    )
