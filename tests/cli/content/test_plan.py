"""What a folder changes, and that every event is read as it was built."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.content.contents import checked_edition, contents
from cli.content.publication.plan import plan, published, withdrawn
from cli.content.publication.topic import State, take
from shared.events.content import ItemPublished, ItemWithdrawn
from tests.cli.content.editing import png
from tests.factories import NOW, raw_record


class Log:
    """The records of a topic, and what a reader makes of them."""

    def __init__(self):
        self.records = []

    def add(self, event, times=1):
        self.records += [
            raw_record(event.value, event.headers, topic=event.topic, key=event.key)
        ] * times

    @property
    def states(self) -> dict[str, State]:
        states: dict[str, State] = {}
        take(states, self.records)
        return states


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def items(editor):
    """Return the images and items of the folder as it is now."""

    def now():
        images, found = contents(checked_edition(editor.root))
        return [*images, *found]

    return now


def publish(log, items, now=NOW):
    states = log.states
    found = plan(items, states)
    for each in found.to_publish:
        log.add(published(each, states, now))
    return sorted(each.item_id for each in found.to_publish)


def test_all_is_new_and_then_nothing(log, items):
    assert len(publish(log, items())) == 7
    assert publish(log, items()) == []
    assert {each.revision for each in log.states.values()} == {1}


@pytest.mark.parametrize(
    "change",
    [
        ("news/start/en.md", "Title", "Another"),
        ("news/start/tc.md", "第一行", "首行"),
        ("news/start/item.yml", "2008", "2009"),
        ("news/start/en.md", "The first", "The very first"),
    ],
)
def test_what_changed_is_published_alone(log, items, editor, change):
    publish(log, items())
    editor.change(*change)

    assert publish(log, items()) == ["start"]
    assert log.states["start"].revision == 2


def test_a_source_is_part_of_all_that_cite_it(log, items, editor):
    publish(log, items())
    editor.change("sources.yml", "China Daily", "China Daily, 2007")

    assert publish(log, items()) == ["filter", "printer"]


def test_how_files_are_written_changes_nothing(log, items, editor):
    publish(log, items())
    editor.write("news/start/item.yml", "# A comment\ndate:   '2008-04-18'\n")
    editor.append("news/start/en.md", "\n\n")
    editor.change(
        "news/start/tc.md", "title: 標題\nsummary: Summary.", "summary: Summary.\ntitle: 標題"
    )

    assert publish(log, items()) == []


def test_there_and_back_again_is_two_changes(log, items, editor):
    """The third event is not the first one again, which readers would pass over."""
    publish(log, items())
    before = log.states["start"]
    editor.change("news/start/en.md", "Title", "Another")
    publish(log, items())
    editor.change("news/start/en.md", "Another", "Title")
    publish(log, items())
    after = log.states["start"]

    assert (before.revision, after.revision) == (1, 3)
    assert before.content_hash == after.content_hash
    assert before.event_id != after.event_id


def test_images_come_before_the_items_that_show_them(items, editor):
    editor.show("news/start", "a.png", png())
    editor.show("pages/about", "b.png", png())
    found = plan(items(), {}).to_publish

    assert [each.kind == "image" for each in found] == [True, *[False] * 7]
    [image] = [each for each in found if each.kind == "image"]
    [news] = [each for each in found if each.item_id == "start"]
    assert [(each.name, each.image_id) for each in news.images] == [("a.png", image.item_id)]


def test_a_withdrawn_item_comes_back_by_order_alone(log, items):
    publish(log, items())
    log.add(withdrawn(log.states["start"], "It was wrong.", NOW))
    held = plan(items(), log.states)
    back = plan(items(), log.states, frozenset({"start"}))

    assert (held.to_publish, [each.reason for each in held.withdrawn]) == ([], ["It was wrong."])
    assert [each.item_id for each in back.to_publish] == ["start"]
    log.add(published(back.to_publish[0], log.states, NOW))
    assert log.states["start"].revision == 3
    assert not log.states["start"].is_withdrawn


def test_what_is_not_in_the_folder_is_missing_until_it_is_withdrawn(log, items, editor):
    publish(log, items())
    editor.remove("news/start")

    assert [each.item_id for each in plan(items(), log.states).missing] == ["start"]
    log.add(withdrawn(log.states["start"], "Old.", NOW))
    assert plan(items(), log.states).missing == []


def test_of_two_editors_at_once_the_first_prevails(log, items, editor):
    publish(log, items())
    states = log.states
    editor.change("news/start/en.md", "Title", "First")
    [first] = plan(items(), states).to_publish
    editor.change("news/start/en.md", "First", "Second")
    [second] = plan(items(), states).to_publish
    ours, theirs = published(first, states, NOW), published(second, states, NOW)
    log.add(ours)
    log.add(theirs)
    log.add(ours)  # a repeat

    assert log.states["start"].content_hash == first.content_hash
    assert publish(log, items()) == ["start"]
    assert log.states["start"].content_hash == second.content_hash


@given(repeats=st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_repeats_change_nothing(repeats):
    log = Log()
    states = log.states
    item = ItemPublished.model_validate_json(ITEM)
    for number, times in enumerate(repeats):
        changed = item.model_copy(update={"content_hash": f"{number:064x}"})
        event = published(changed, states, NOW + timedelta(days=number))
        log.add(event, times)
        states = log.states

    assert states["a"].revision == len(repeats)
    assert states["a"].content_hash == f"{len(repeats) - 1:064x}"


ITEM = """{"item_id": "a", "kind": "news", "revision": 1, "content_hash": "%s", "words": {},
"published_at": "2026-11-02T01:30:02Z", "news": {"date": "2026-11-02"}}""" % ("0" * 64)


def test_the_same_event_has_the_same_bytes(items):
    for each in items():
        assert published(each, {}, NOW) == published(each, {}, NOW)


def test_an_event_is_read_as_it_was_built(items):
    for each in items():
        event = published(each, {}, NOW)
        read = ItemPublished.model_validate_json(event.value)
        headers = dict(event.headers)

        assert read == each.model_copy(update={"published_at": NOW})
        assert (event.key, headers["ce_subject"]) == (each.item_id.encode(),) * 2
        assert (headers["ce_type"], headers["ce_source"]) == (b"ItemPublished", b"content")
        assert "ce_reference" not in headers


def test_a_withdrawal_is_read_as_it_was_built():
    event = withdrawn(State("a", "news", 4, "", "0" * 64), "Old.", NOW)

    assert ItemWithdrawn.model_validate_json(event.value) == ItemWithdrawn(
        item_id="a", kind="news", revision=5, withdrawn_at=NOW, reason="Old."
    )


def test_what_is_no_event_of_content_is_passed_over(log, caplog):
    event = withdrawn(State("a", "news", 4, "", "0" * 64), "Old.", NOW)
    log.add(event._replace(value=b"{}"))
    log.add(event._replace(value=None))
    log.add(event._replace(headers=[("ce_type", b"ItemPraised")]))

    assert log.states == {}
    assert "no event of content" in caplog.text
