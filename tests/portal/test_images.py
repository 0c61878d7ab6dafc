"""Images: from memory while the database is away, up to a number of bytes."""

import asyncio
from datetime import timedelta
from itertools import count

import httpx
import pytest
from fastapi import FastAPI

from services.portal.guard.errors import add_error_pages
from services.portal.guard.headers import SecurityHeaders
from services.portal.routes import router
from services.portal.site.edition import Edition
from services.portal.site.images import Images
from shared.errors import DependencyError, TransientError
from shared.events.content import Image, ItemPublished
from shared.http.problems import add_problem_handlers
from tests.factories import NOW
from tests.waiting import eventually_async

CONTENT = b"\x89PNG" + b"x" * 96


class Database:
    """The images that MongoDB has, by the ids of their facts."""

    def __init__(self, **stored):
        self.stored, self.away, self.reads = stored, False, []

    async def content(self, fact_id):
        if self.away:
            raise TransientError
        self.reads.append(fact_id)
        return self.stored.get(fact_id.split(":")[1])


class Published:
    """What is published."""

    def __init__(self, *items):
        self.as_of = NOW
        self.show(*items)

    def show(self, *items):
        self.edition = Edition({each.item_id: each for each in items}, {"image": list(items)})


def an_image(name, days=0, media_type="image/png"):
    return ItemPublished(
        item_id=name,
        kind="image",
        revision=1,
        content_hash="0" * 64,
        published_at=NOW + timedelta(days=days),
        words={},
        image=Image(media_type=media_type, width=1, height=1, data_base64=""),
    )


def names(database):
    return [each.split(":")[1] for each in database.reads]


async def test_what_is_published_is_read_ahead_and_shown_while_the_database_is_away():
    item, database = an_image("a"), Database(a=CONTENT)
    images = Images(database.content, Published(item), 1_000)

    await images.read_ahead()
    database.away = True

    assert await images.content(item) == CONTENT


async def test_only_the_newest_that_there_is_room_for_are_read_ahead():
    items = [an_image(name, day) for name, day in zip("abcd", count())]
    database = Database(**dict.fromkeys("abcd", CONTENT))
    images = Images(database.content, Published(*items), 250)

    await images.read_ahead()
    await images.read_ahead()
    database.away = True

    assert images.bytes_held == 200
    assert [await images.content(each) for each in items[2:]] == [CONTENT, CONTENT]
    with pytest.raises(TransientError):
        await images.content(items[0])


async def test_of_those_shown_the_last_ones_are_held():
    items = [an_image(name) for name in "abc"]
    database = Database(**dict.fromkeys("abc", CONTENT))
    images = Images(database.content, Published(*items), 200)

    for each in (items[0], items[1], items[0], items[2], items[0], items[1]):
        assert await images.content(each) == CONTENT

    assert names(database) == ["a", "b", "c", "b"]
    assert images.bytes_held == 200


async def test_what_is_withdrawn_is_no_longer_held():
    items = [an_image(name) for name in "ab"]
    published = Published(*items)
    images = Images(Database(a=CONTENT, b=CONTENT).content, published, 1_000)
    await images.read_ahead()

    published.show(items[1])
    await images.read_ahead()

    assert images.bytes_held == len(CONTENT)


async def test_what_a_rebuild_has_not_stored_yet_is_read_later():
    item, database = an_image("a"), Database()
    images = Images(database.content, Published(item), 1_000)

    await images.read_ahead()
    assert await images.content(item) is None
    database.stored["a"] = CONTENT
    await images.read_ahead()
    database.away = True

    assert await images.content(item) == CONTENT


async def test_a_look_that_fails_ends_nothing_and_is_told():
    class Defect(Database):
        async def content(self, fact_id):
            if not self.stored:
                raise DependencyError
            return await super().content(fact_id)

    database, told = Defect(), []
    site = Published(an_image("a"))
    images = Images(database.content, site, 1_000, lambda: told.append(True))
    closing = asyncio.Event()
    running = asyncio.create_task(images.run(closing))
    await eventually_async(lambda: told)
    database.stored["a"] = CONTENT
    await eventually_async(lambda: images.bytes_held == len(CONTENT))
    closing.set()
    await running


async def test_without_memory_images_come_from_the_database():
    item, database = an_image("a"), Database(a=CONTENT)
    images = Images(database.content, Published(item), 0)

    await images.read_ahead()

    assert [await images.content(item), await images.content(item)] == [CONTENT, CONTENT]
    assert images.bytes_held == 0


@pytest.fixture
def database():
    return Database(a=CONTENT, b=CONTENT)


@pytest.fixture
async def viewer(database):
    app = FastAPI()
    site = Published(an_image("a"), an_image("b", media_type="image/svg+xml"), an_image("c"))
    app.state.site = site
    app.state.images = Images(database.content, site, 1_000)
    app.include_router(router)
    add_problem_handlers(app)
    add_error_pages(app)
    transport = httpx.ASGITransport(SecurityHeaders(app, always_tls=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
        yield client


async def test_an_image_is_kept_by_browsers_and_is_nothing_else(viewer):
    response = await viewer.get("/images/a")

    assert (response.status_code, response.content) == (200, CONTENT)
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"] == 'inline; filename="a.png"'
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in response.headers["cache-control"]


@pytest.mark.parametrize("image_id", ["no-such", "b", "c"])
async def test_what_is_no_image_or_of_another_type_is_not_there(viewer, image_id):
    assert (await viewer.get(f"/images/{image_id}")).status_code == 404


async def test_an_image_that_only_the_database_has_can_be_asked_for_again(viewer, database):
    database.away = True
    response = await viewer.get("/images/a")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
