"""Labels on the topic of `recognition`: valid ones, one that has expired, one of a later day."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from shared.clock import hong_kong_date, utc_now
from shared.events.envelope import EventIdentity
from shared.events.recognition import DECISIONS, LabelAwarded
from tests.factories import label_awarded
from tests.kafka import KafkaClient

NUMBER: Final = "GDHK-2026-00000001-51"  # of the first label, which is valid
_YEAR: Final = timedelta(days=365)
_LABELS: Final = (
    ("Bright Textiles Limited", "excellent-partner-manufacturing", -1, NUMBER),
    ("光明印刷有限公司", "partner-manufacturing", 0, "GDHK-2026-00000002-48"),
    ("深圳市晨光环保科技有限公司", "partner-technology-service", -3, "GDHK-2023-00000003-20"),
    ("Harbour Sourcing Limited", "partner-supply-chain", 1, "GDHK-2026-00000004-42"),
)
ENTERPRISES: Final = tuple(each[0] for each in _LABELS)


def publish_labels(kafka: str) -> None:
    """Publish the labels."""
    client = KafkaClient(kafka)
    for each in some_labels():
        identity = EventIdentity("LabelAwarded", each.application_id, "", utc_now())
        record = identity.record(DECISIONS, each.model_dump_json().encode())
        client.write(record.topic, record.value, record.headers, record.key)


def some_labels() -> Iterator[LabelAwarded]:
    """Return the labels as of today."""
    today = hong_kong_date(utc_now())
    for index, (enterprise, category, years, number) in enumerate(_LABELS, 1):
        first = today + years * _YEAR
        yield label_awarded(
            f"7a1f0c52-6a8d-8b0f-9a51-{index:012x}",
            enterprise_name=enterprise,
            category=category,
            certificate_number=number,
            round_year=int(number[5:9]),
            valid_from=first,
            valid_to=first + 2 * _YEAR,
        )
