"""The first content of the site, which a container publishes at the first start."""

import shutil
from dataclasses import replace

import httpx
import pytest

from devstack.platform.samples import CONTENT
from tests.containers.compose import Platform
from tests.kafka import KafkaClient
from tests.waiting import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

TOPIC = "content.items.v1"
TECHNOLOGY = min(each.name for each in (CONTENT / "technologies").iterdir() if each.is_dir())


def published(platform: Platform) -> int:
    return len(KafkaClient(f"127.0.0.1:{platform.ports['kafka']}").read(TOPIC))


def test_the_first_start_publishes_the_samples(platform: Platform):
    said = platform.compose("logs", "--no-color", "--no-log-prefix", "content")
    container = platform.containers()["content"]

    assert container.attrs["State"]["ExitCode"] == 0
    assert container.image is not None
    assert container.image.attrs["Config"]["User"] == "10001:10001"
    assert f"to {TOPIC}; unchanged: 0." in said
    for language in ("en", "tc", "sc"):
        page = f"{platform.url('portal')}/{language}/technologies/{TECHNOLOGY}"
        eventually(lambda page=page: httpx.get(page).is_success, because=f"{page} is not there")


def test_a_later_start_changes_nothing_even_after_others_have_published(platform: Platform):
    first = published(platform)
    platform.compose("run", "--rm", "-T", "content")
    after_same = published(platform)
    edited = shutil.copytree(CONTENT, platform.root / "edited")
    text = edited / "technologies" / TECHNOLOGY / "en.md"
    text.write_text(f"{text.read_text()}\nOne more line.\n")
    editor = replace(platform, environment={**platform.environment, "CONTENT_FOLDER": str(edited)})
    by_hand = editor.compose("run", "--rm", "-T", "content", "publish", "/content")
    platform.compose("run", "--rm", "-T", "content")

    assert f"changed: technology {TECHNOLOGY}\n" in by_hand
    assert (after_same, published(platform)) == (first, first + 1)
