"""What a member has read: its positions, and the offsets that it may commit."""

from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka.record import KafkaRecord

Offsets = dict[TopicPartition, int]


def positions(consumer: AIOKafkaConsumer) -> Offsets:
    """Return the position of each assigned partition that has one, without waiting for others.

    Call it before the next poll, so that everything before these positions has been handled. They
    pass the markers of transactions and aborted records, which no poll returns.
    """
    assignment = consumer._subscription.subscription.assignment  # noqa: SLF001  # `position` may wait
    if assignment is None:
        return {}
    states = ((each, assignment.state_value(each)) for each in assignment.tps)
    return {each: state.position for each, state in states if state.has_valid_position}


def next_offsets(
    records: Iterable[KafkaRecord],
    read: Mapping[TopicPartition, int],
    committed: Mapping[TopicPartition, int],
) -> Offsets:
    """Return the offsets to commit once these records are handled.

    `read` are the positions after the poll that returned the records; what is `committed` already
    is left out, and so is a partition that nothing was read of.
    """
    offsets = dict(read)
    for each in records:
        place = TopicPartition(each.topic, each.partition)
        offsets[place] = max(each.offset + 1, offsets.get(place, 0))
    return {
        place: offset
        for place, offset in offsets.items()
        if offset and committed.get(place) != offset
    }
