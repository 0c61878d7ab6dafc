"""The site's load: what is published, what is opened, and what is counted."""

import asyncio
import re
from contextlib import suppress
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

import pytest

from bench.parts.portal.content import items
from bench.parts.portal.pages import pages
from bench.parts.portal.part import by_page
from bench.parts.portal.readmodel import labels, rule_sets
from bench.parts.portal.visitors import Visit, visit
from services.portal.pages.toolbox.listing import choice_of
from services.portal.rules import fact_of
from services.portal.site.edition import Facts
from services.portal.toolbox.matching import QUESTIONS, Choice
from tests.factories import an_event
from tests.waiting import eventually_async

AWARDED = list(labels(20))
SLOW_SECONDS = 0.2
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def published():
    return list(items(300))


def test_items_are_as_many_as_asked_for_and_each_is_another_in_three_languages(published):
    assert len({each.item_id for each in published}) == len(published) == 300
    assert all(len(each.words) == 3 for each in published)


def test_pages_are_the_same_for_the_same_seed_and_of_items_that_there_are(published):
    found = list(pages(published, AWARDED, 200))

    assert found == list(pages(published, AWARDED, 200))
    assert found != list(pages(published, AWARDED, 200, seed=2))
    ids = {each.item_id for each in published}
    assert {path.rpartition("/")[2] for name, path in found if name == "an item"} <= ids
    assert not re.search(
        "[A-Z]{4}", "".join(path for name, path in found if name != "a certificate")
    )


def test_every_page_is_there_on_a_site_with_all_that_the_site_reads(published):
    """A choice, an id or a path that is none would be measured as a page that shows nothing."""
    every = list(pages(published, AWARDED, 2_000))
    facts = Facts()
    facts.add(fact_of(an_event(each)) for each in (*published, *AWARDED, *rule_sets()))
    edition = facts.edition()

    assert edition.programme
    assert edition.scheme
    assert len(edition.by_id) == len(published)
    for _, address in every:
        query = dict(parse_qsl(urlsplit(address).query))
        if "toolbox" in address and "compare" not in address:
            assert choice_of(query) == Choice(
                **{each: query[each] for each in QUESTIONS if each in query}
            )
            assert not query.keys() - {*QUESTIONS, "item", "electricity"}


async def test_a_slow_answer_is_counted_from_when_its_page_was_due():
    stalled = islice([True], 1)

    async def answer(reader, writer):
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(SLOW_SECONDS if next(stalled, False) else 0)
                writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    found = await visit(port, [("first page", "/en")] * 20, per_second=100)
    server.close()
    await eventually_async(lambda: len(asyncio.all_tasks()) == 1)

    assert all(each.is_answered for each in found)
    assert max(each.milliseconds for each in found) >= SLOW_SECONDS * 1000
    assert by_page(found)["all pages"].visits == 20


def test_figures_tell_pages_apart_and_count_those_that_failed():
    visits = [
        Visit("a list", each, is_answered=each < 100, transferred=2_000) for each in range(101)
    ]
    found = by_page([*visits, Visit("search", 1, True, 1), Visit("search", 1, True, 1)])  # noqa: FBT003

    assert (found["a list"].p50_ms, found["a list"].failed) == (50, 1)
    assert found["all pages"].visits == 103
    assert found["search"].longest_ms == 1
