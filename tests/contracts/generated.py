"""Generated values: those that a JSON Schema takes, and odd ones of every kind."""

from datetime import timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from shared.events.values import ONE_LINE, ONE_VISIBLE_LINE

DIGITS = st.sampled_from(["1796083200", "0", "1.5e9", "-1", "20270101", "1_0", "+1", " 1", "٣"])
DAYS = st.dates().map(str) | st.sampled_from(
    ["2027-02-29", "2027-1-1", "2027-01-01T00:00:00Z", "0000-01-01", "2027-01-01 ", "2027-W01-1"]
)
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=ZONES).map(lambda each: each.isoformat()) | st.sampled_from(
    [
        "2026-11-20T15:00Z",
        "2026-11-20 15:00:00Z",
        "2026-11-20t15:00:00z",
        "2026-11-20T15:00:00+0800",
        "2026-11-20T15:00:00,5Z",
        "2026-11-20T15:00:00",
        "2026-11-20T24:00:00Z",
        "2026-11-20T15:00:00.123456789Z",
        "2026-11-20T15:00:00\u221208:00",
    ]
)
TEXTS = st.text(max_size=5) | st.sampled_from(
    [
        "",
        " ",
        "\u3000",
        "\u200b",
        "\u3164",
        "\u2800",
        "\u0301",
        "a\ufdd0",
        "\ue000",
        "a\u061c",
        "光",
    ]
)
ADDRESSES = st.sampled_from(
    ["name@例子.cn", "用户@例子.cn", "a@b.org\n", "a@b", "@", "A <a@b.org>"]
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
ODD = st.one_of(DIGITS, DAYS, MOMENTS, TEXTS, ADDRESSES, NUMBERS, st.none())
VALUES = ODD | st.lists(ODD, max_size=3) | st.dictionaries(st.text(max_size=3), ODD, max_size=2)


class FromSchema:
    """Generates values that a schema takes, or nearly so; `$defs` has what it refers to."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._definitions = schema.get("$defs", {})

    def of(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        if "$ref" in schema:
            return self.of(self._definitions[schema["$ref"].rsplit("/", 1)[1]])
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return st.one_of(*map(self.of, schema[several]))
        if "x-extensible-enum" in schema:
            return st.sampled_from(schema["x-extensible-enum"])
        if "const" in schema or "enum" in schema:
            return st.sampled_from(schema.get("enum") or [schema["const"]])
        return getattr(self, f"_{schema['type']}")(schema)

    def _object(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        if "properties" not in schema:
            return self._dictionary(schema)
        required = schema.get("required", [])
        fields = {name: self.of(each) for name, each in schema["properties"].items()}
        return st.fixed_dictionaries(
            {name: each for name, each in fields.items() if name in required},
            optional={name: each for name, each in fields.items() if name not in required},
        )

    def _dictionary(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        names = self.of({"type": "string", **schema.get("propertyNames", {})})
        return st.dictionaries(names, self.of(schema["additionalProperties"]), max_size=3)

    def _array(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        least = schema.get("minItems", 0)
        return st.lists(self.of(schema["items"]), min_size=least, max_size=least + 2)

    def _string(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        match schema:
            case {"format": "date"}:
                return DAYS
            case {"format": "date-time"}:
                return MOMENTS
            case {"format": "idn-email" | "email"}:
                return st.emails() | st.just("name@例子.cn")
            case {"pattern": pattern} if pattern not in {ONE_LINE, ONE_VISIBLE_LINE}:
                return st.from_regex(pattern, fullmatch=True)
        return st.text(min_size=1, max_size=20) | st.sampled_from(["光輝", "Dyeing"])

    def _integer(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        return st.integers(least, schema.get("maximum"))

    def _number(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        return st.floats(schema["minimum"], schema["maximum"]).map(lambda each: round(each, 4))

    def _boolean(self, _schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        return st.booleans()

    def _null(self, _schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        return st.none()
