"""Loads the templates; `_("...")` in them is replaced by a text of the catalogues."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType
from typing import Any, Final, Literal, get_args

from jinja2 import BytecodeCache, Environment, FunctionLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup
from typing_extensions import override

from services.notify.mails import formatting
from services.notify.mails.forms import Writer, blanks_passed
from services.notify.mails.labels import APPLIED_FOR, CALENDARS, CLOCKS, FOLLOWS, PAYMENTS, STEPS
from shared.events.eligibility import PaymentStage
from shared.events.envelope import Language

TEMPLATES: Final = Path(__file__).with_name("templates")
Part = Literal["text", "html"]

_TEXT: Final = re.compile(r'\b_\("([^"]*)"')
_CONSTANT_TEXT: Final = re.compile(r'\b_\(("[^"]*")\)')


class _Compiled(BytecodeCache):
    """A cache of compiled templates: a template is compiled once for all languages.

    There is one cache for each part, because templates for plain text escape nothing.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    @override
    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    @override
    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED: Final[Mapping[Part, _Compiled]] = {part: _Compiled() for part in get_args(Part)}


def template_environment(part: Part, language: Language, texts: Mapping[str, str]) -> Environment:
    """Return the templates of one part in one language.

    Loading a template raises `KeyError` for a text that is missing in the catalogue.
    """
    environment = Environment(
        loader=FunctionLoader(lambda name: _source(part, name, texts)),
        autoescape=part == "html",  # noqa: S701  # plain text is not a page
        undefined=StrictUndefined,
        bytecode_cache=_COMPILED[part],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        name: _when_rendered(blanks_passed(name, write))
        for name, write in filters(language, texts).items()
    }
    environment.globals |= {
        "language": language,
        "texts": texts,
        "_": _translator(part, texts),
    }
    environment.globals["blocks"] = environment.get_template("blocks.j2").module
    return environment


def filters(language: Language, texts: Mapping[str, str]) -> Mapping[str, Writer]:
    """Return the filters of the templates: how values are written in a language."""
    return {
        "money": lambda cents: formatting.money(cents, language),
        "share": lambda percent: formatting.share(percent, language),
        "day": lambda moment: formatting.day(moment, language),
        "time": formatting.time_of_day,
        "label": lambda code: texts[APPLIED_FOR[code]],
        "step": lambda code: texts[STEPS[code]],
        "follows": lambda code: texts[FOLLOWS[code]],
        "calendar": lambda code: texts[CALENDARS[code]],
        "clock": lambda code: texts[CLOCKS[code]],
        "payments": lambda percent: _payments(percent, language, texts),
    }


def _when_rendered(write: Writer) -> Callable[[Context, Any], object]:
    """Prevent a filter from being applied to a constant at compile time, in one language."""

    @pass_context
    def apply(_context: Context, value: Any) -> object:
        return write(value)

    return apply


def _payments(
    percent: Mapping[PaymentStage, int], language: Language, texts: Mapping[str, str]
) -> list[str]:
    """Format the payments in the order in which they are due."""
    return [
        texts[text] % {"share": formatting.share(percent[stage], language)}
        for stage, text in PAYMENTS.items()
        if stage in percent
    ]


def _source(part: Part, name: str, texts: Mapping[str, str]) -> tuple[str, str, None]:
    """Read a template; a missing text fails here and not when a message is rendered."""
    own = TEMPLATES / part / name
    file = own if own.exists() else TEMPLATES / name
    source = file.read_text(encoding="utf-8")
    for text in _TEXT.findall(source):
        texts[text]  # raises `KeyError`
    # A dictionary look-up costs a fraction of a call.
    return _CONSTANT_TEXT.sub(r"texts[\1]", source), str(file), None


def _translator(part: Part, texts: Mapping[str, str]) -> Callable[..., str]:
    """Build the `_` for texts with placeholders; values are escaped in HTML."""
    kind = Markup if part == "html" else str
    ready = {text: kind(translation) for text, translation in texts.items()}

    def translate(text: str, **values: str) -> str:
        return ready[text] % values

    return translate
