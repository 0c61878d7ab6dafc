"""How far behind the members of one process are."""

import asyncio

from aiokafka import TopicPartition

from shared.consumer.lag import Member, Watch
from shared.consumer.rebalance import RebalanceListener
from shared.consumer.topic_check import ANOTHER_TOPIC, OtherTopicError
from shared.kafka.topic_ids import TopicIdentity
from tests.waiting import eventually_async

ENDS = {TopicPartition("topic", number): 10 * number for number in range(4)}


class Consumer:
    """A consumer that has read nothing of its partitions."""

    def __init__(self, *partitions: int) -> None:
        self.consumer = self  # as the subscriber
        self.asked: list[list[TopicPartition]] = []
        self._assigned = {TopicPartition("topic", each) for each in partitions}

    def assignment(self):
        return self._assigned

    def paused(self):
        return set()

    async def end_offsets(self, partitions):
        self.asked.append(partitions)
        return {each: ENDS[each] for each in partitions}

    async def position(self, _partition):
        return 0


class Untroubled:
    """Topics, metrics and transactions without anything to tell."""

    def look(self, *_):
        pass

    def held(self, _seconds):
        pass

    def seconds_by_topic(self):
        return {}

    def longer_than(self, _seconds):
        return []


class UntroubledTopics:
    async def look(self):
        pass


async def test_one_request_asks_for_the_ends_of_all_members():
    consumers = [Consumer(0, 1), Consumer(2), Consumer(3)]
    members = [Member(each, RebalanceListener(1), Untroubled()) for each in consumers]
    watch = Watch(members, UntroubledTopics(), Untroubled(), lambda *_: None, 30)

    looking = asyncio.create_task(watch.run())
    await eventually_async(lambda: members[2].listener.lag)
    looking.cancel()

    assert [each.listener.lag for each in members] == [10, 20, 30]
    assert [len(each.asked) for each in consumers] == [1, 0, 0]


class TopicMadeAnew:
    async def look(self):
        old, new = (TopicIdentity("cluster", each) for each in ("old", "new"))
        place = "topic/0@3"
        raise OtherTopicError(place, old, new)


class EndedConsumer(Consumer):
    """A consumer whose next record is not there."""

    def paused(self):
        return self.assignment()


async def test_offsets_of_another_topic_are_told_as_such_if_they_are_out_of_its_range_too():
    reasons = []
    member = Member(EndedConsumer(0), RebalanceListener(1), Untroubled())
    watch = Watch(
        [member], TopicMadeAnew(), Untroubled(), lambda because, **_: reasons.append(because), 30
    )

    looking = asyncio.create_task(watch.run())
    await eventually_async(lambda: reasons)
    looking.cancel()

    assert reasons[0] == ANOTHER_TOPIC
