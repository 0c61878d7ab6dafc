"""Every rule that a value breaks is told as "Must ...", without the value."""

from datetime import date, datetime
from importlib import import_module

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core._pydantic_core import list_all_errors

from shared.settings import Settings, complaints
from shared.validation import broken_rule


@pytest.mark.parametrize("kind", list_all_errors(), ids=lambda each: each["type"])
def test_every_message_of_the_validator_says_what_must_be(kind):
    context = kind["example_context"] or {}

    told = broken_rule(
        {"type": kind["type"], "msg": kind["example_message_python"], "ctx": context}
    )

    assert told.startswith("Must ")
    assert told.endswith(".")
    assert "should" not in told
    assert not told.endswith("..")


@pytest.mark.parametrize(
    ("annotation", "value", "rule"),
    [
        (int, "secret", "Must be a whole number."),
        (int, 1.5, "Must be a whole number."),
        (float, "secret", "Must be a number."),
        (bool, "secret", "Must be true or false."),
        (list[int], "secret", "Must be a list."),
        (BaseModel, "secret", "Must be a table of names and values."),
        (date, "secret", "Must be a valid date, such as 2026-11-30."),
        (datetime, "secret", "Must be a valid datetime, such as 2026-11-30T12:00:00+08:00."),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_in_plain_words(annotation, value, rule):
    with pytest.raises(ValidationError) as wrong:
        TypeAdapter(annotation).validate_python(value)

    [error] = wrong.value.errors()
    assert broken_rule(error) == rule


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "secret", "Must be host:port, several with commas between."),
        ("KAFKA_CREATE_TOPICS", "secret", "Must be true or false."),
        ("KAFKA_TOPIC_PARTITIONS", "0", "Must be greater than 0."),
        ("CONSUMER_CLIENT_ID", "se cret", "Must be 1 to 200 letters, digits, dots, hyphens or "),
        ("CONSUMER_DRAIN_SECONDS", "inf", "Must be a finite number."),
        ("CONSUMER_DRAIN_SECONDS", "nan", "Must be a finite number."),
        ("CONSUMER_STOP_SECONDS", "secret", "Must be a number."),
        ("CONSUMER_DEAD_LETTERS_IN_A_ROW", "1000000000", "Must be less than or equal to 10000."),
        ("MONGODB_WAIT_SECONDS", "inf", "Must be a finite number."),
        ("MONGODB_WAIT_SECONDS", "0.0001", "Must be greater than or equal to 0.05."),
        ("HTTP_PORT", "65536", "Must be less than or equal to 65535."),
    ],
)
def test_a_wrong_setting_says_what_it_must_be(monkeypatch, variable, value, complaint):
    monkeypatch.setenv(variable, value)
    prefix = f"{variable.partition('_')[0]}_"
    [kind] = [
        each for each in Settings.__subclasses__() if each.model_config["env_prefix"] == prefix
    ]

    [told] = complaints([kind])

    assert told.startswith(f"{variable}: {complaint}")
    assert value not in told.partition(": ")[2] or value.isdecimal()


def test_every_setting_with_a_pattern_says_in_words_what_it_must_be():
    for service in ("intake", "eligibility", "recognition", "notify", "reconciliation"):
        import_module(f"services.{service}.settings")

    for kind in Settings.__subclasses__():
        for name, schema in kind.model_json_schema()["properties"].items():
            if "pattern" in str(schema):
                assert kind.model_fields[name].description.startswith("Must "), name
