"""When records were written: by their header, else by what was seen."""

from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from aiokafka import TopicPartition

from shared.errors import MalformedRecordError
from shared.events.envelope import CE_RECORDEDTIME, time_ms
from shared.kafka.record import KafkaRecord

_LOG_APPEND_TIME: Final = 1  # the type of timestamps that the broker has set
_MOST: Final = 512
_Partition = tuple[str, int]


class Arrivals:
    """Remembers when the ends of partitions were first seen."""

    def __init__(self) -> None:
        self._ends: dict[_Partition, list[int]] = {}
        self._times: dict[_Partition, list[float]] = {}

    def see(self, ids: Mapping[str, str], ends: Mapping[TopicPartition, int], at: float) -> None:
        """Note the ends of partitions, by the ids of their topics, at a time."""
        for (topic, partition), end in ends.items():
            if topic in ids:
                self._see((ids[topic], partition), end, at)

    def _see(self, partition: _Partition, end: int, at: float) -> None:
        ends = self._ends.setdefault(partition, [])
        times = self._times.setdefault(partition, [])
        if not ends or end > ends[-1]:
            ends.append(end)
            times.append(at)
        if len(ends) > _MOST:  # what is older is told less exactly: as younger than it is
            del ends[1 : _MOST // 2 : 2], times[1 : _MOST // 2 : 2]

    def written(self, topic_id: str, record: KafkaRecord) -> float:
        """Return when a record was written, in seconds since 1970."""
        if record.timestamp_type != _LOG_APPEND_TIME:
            with suppress(MalformedRecordError):
                if header := dict(record.headers).get(CE_RECORDEDTIME):
                    return time_ms(header) / 1000
        return max(record.timestamp / 1000, self._seen(topic_id, record))

    def _seen(self, topic_id: str, record: KafkaRecord) -> float:
        """Return after when it arrived: it was not there when a shorter end was seen, if ever."""
        ends = self._ends.get((topic_id, record.partition), [])
        before = bisect_right(ends, record.offset) - 1
        return self._times[topic_id, record.partition][before] if before >= 0 else 0.0
