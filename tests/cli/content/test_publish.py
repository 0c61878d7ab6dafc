"""`cppp content publish` and `withdraw` on a real Kafka."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from cli.content.contents import checked_edition
from cli.content.publication.publishing import Kafka
from cli.content.publication.run import Publishing, publish_edition
from cli.main import app
from cli.retry_policy import RetryPolicy
from shared.errors import TransientError
from shared.events.content import ITEMS
from shared.kafka.publisher import KafkaPublisher
from shared.settings import KafkaSettings
from tests.cli.content.editing import png
from tests.kafka import KafkaClient
from tests.waiting import eventually

TOPIC = ITEMS.name
ITEMS_OF_FOLDER = 7


@pytest.fixture(autouse=True)
def kafka(infra):
    """A Kafka on which nothing is published yet."""
    client = KafkaClient(infra.kafka_bootstrap_servers)
    if TOPIC in client.topics():
        client.delete_topic(TOPIC)
        eventually(lambda: TOPIC not in client.topics())
    return client


@pytest.fixture
def target(infra):
    settings = KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers)
    return Kafka(settings, RetryPolicy(30, lambda: None))


@pytest.fixture
def run(infra, editor):
    """Run a command on the folder; returns its exit code and what it says."""

    def command(name: str, *options: str, servers: str = infra.kafka_bootstrap_servers):
        words = ["content", name, str(editor.root), *options, "--kafka", servers]
        result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
        return result.exit_code, result.output

    return command


def published(kafka):
    """Return the records on the topic: type, key and data of each."""
    return [
        (dict(each.headers())["ce_type"].decode(), each.key().decode(), json.loads(each.value()))
        for each in kafka.read(TOPIC)
    ]


def by_key(kafka):
    """Return the records by key, in their order: partitions come in any order."""
    return sorted(published(kafka), key=lambda each: each[1])


def keys(kafka):
    return sorted(key for _, key, _ in published(kafka))


def test_all_is_published_once(run, kafka, editor):
    editor.show("news/start", "chart.png", png(noise=bytes(400_000)))
    first, second = run("publish"), run("publish")

    assert first[0] == second[0] == 0
    assert "new: news start\n" in first[1]
    assert f"Published 8 to {TOPIC}; unchanged: 0." in first[1]
    assert second[1] == f"Published 0 to {TOPIC}; unchanged: 8.\n"
    assert len(published(kafka)) == ITEMS_OF_FOLDER + 1
    news = next(data for _, key, data in published(kafka) if key == "start")
    assert news["images"][0]["image_id"] in keys(kafka)
    assert news["words"]["zh-Hant"]["title"] == "標題"


def test_what_has_changed_is_published_and_nothing_else(run, kafka, editor):
    run("publish")
    editor.change("news/start/sc.md", "标题", "新标题")
    code, said = run("publish")

    assert (code, "changed: news start\n" in said) == (0, True)
    assert [data["revision"] for _, key, data in published(kafka) if key == "start"] == [1, 2]
    assert len(published(kafka)) == ITEMS_OF_FOLDER + 1


def test_a_dry_run_publishes_nothing(run, kafka):
    code, said = run("publish", "--dry-run")

    assert (code, "It would publish 7." in said) == (0, True)
    assert TOPIC not in kafka.topics()


def test_a_folder_with_a_mistake_is_not_published_at_all(run, kafka, editor):
    editor.append("news/start/en.md", "<b>\n")
    code, said = run("publish")

    assert code == 1
    assert "news/start/en.md:7: Must be Markdown without HTML." in said
    assert "Nothing was published. Correct the mistakes above first." in said
    assert TOPIC not in kafka.topics()


def test_a_missing_item_is_named_and_stays_until_it_is_withdrawn(run, kafka, editor):
    run("publish")
    editor.remove("news/start")
    named = run("publish")
    dry = run("withdraw", "start", "--reason", "Out of date", "--dry-run")
    done = run("withdraw", "start", "--reason", "Out of date")
    again = run("withdraw", "start", "--reason", "Out of date")

    assert (named[0], "missing: news start\n" in named[1]) == (0, True)
    assert "Nothing was withdrawn: this was a dry run." in dry[1]
    assert (done[0], "Withdrawn: 1." in done[1]) == (0, True)
    assert (again[0], "Withdrawn: 0." in again[1]) == (0, True)
    [data] = [data for kind, _, data in published(kafka) if kind == "ItemWithdrawn"]
    assert (data["item_id"], data["revision"], data["reason"]) == ("start", 2, "Out of date")
    assert "missing" not in run("publish")[1]


def test_mistakes_elsewhere_do_not_delay_a_withdrawal(run, kafka, editor):
    run("publish")
    editor.remove("news/start")
    editor.append("pages/about/en.md", "<b>\n")
    all_missing = run("withdraw", "--missing", "--reason", "Wrong")
    named = run("withdraw", "start", "--reason", "Wrong")

    assert (all_missing[0], named[0]) == (1, 0)
    assert [key for kind, key, _ in published(kafka) if kind == "ItemWithdrawn"] == ["start"]


def test_all_that_is_missing_is_withdrawn_on_one_order(run, kafka, editor):
    editor.show("news/start", "chart.png", png())
    run("publish")
    editor.remove("news/start")
    code, said = run("withdraw", "--missing", "--reason", "Out of date")

    assert (code, "Withdrawn: 2." in said) == (0, True)
    assert run("publish")[1] == f"Published 0 to {TOPIC}; unchanged: 6.\n"
    assert len(published(kafka)) == ITEMS_OF_FOLDER + 1 + 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["start", "--reason", "x"], "start: Must be removed from the folder first"),
        (["nothing", "--reason", "x"], "nothing: Must be the id of a published item."),
        (["start", "--reason", " "], "Must be on one line"),
        (["--reason", "x"], "Must be the ids of items, or --missing"),
        (["start", "--missing", "--reason", "x"], "Must be the ids of items, or --missing"),
        (["start"], "Missing option '--reason'"),
    ],
)
def test_a_wrong_order_withdraws_nothing(run, kafka, options, said):
    run("publish")
    code, output = run("withdraw", *options)

    assert code
    assert said in " ".join(output.replace("│", " ").split())
    assert {kind for kind, _, _ in published(kafka)} == {"ItemPublished"}


def test_what_was_withdrawn_comes_back_by_order_alone(run, kafka, editor):
    run("publish")
    editor.remove("news/start")
    run("withdraw", "start", "--reason", "It was wrong")
    editor.add("news/start")
    held = run("publish")
    back = run("publish", "--bring-back", "start")
    wrong = run("publish", "--bring-back", "about")

    assert (held[0], "withdrawn: news start: It was wrong" in held[1]) == (1, True)
    assert "Nothing was published." in held[1]
    assert (back[0], "Published 1" in back[1]) == (0, True)
    assert (wrong[0], "about: Must be an item that was withdrawn." in wrong[1]) == (1, True)
    assert [data["revision"] for _, key, data in published(kafka) if key == "start"] == [1, 2, 3]


def test_the_first_publication_happens_and_is_completed_if_it_was_interrupted(run, kafka, editor):
    first = run("publish", "--first-only")
    editor.add("news/second", like="news/start")
    completed = run("publish", "--first-only")

    assert (first[0], f"Published 7 to {TOPIC}; unchanged: 0." in first[1]) == (0, True)
    assert (completed[0], "new: news second\n" in completed[1]) == (0, True)
    assert len(published(kafka)) == ITEMS_OF_FOLDER + 1


@pytest.mark.parametrize("order", [[], ["--dry-run"]])
@pytest.mark.parametrize("what", ["changed", "missing", "withdrawn", "withdrawn and removed"])
def test_after_anything_else_was_published_the_first_publication_changes_nothing(
    run, kafka, editor, what, order
):
    run("publish")
    if what == "changed":
        editor.change("news/start/sc.md", "标题", "新标题")
    else:
        editor.remove("news/start")
    if what.startswith("withdrawn"):
        run("withdraw", "start", "--reason", "Out of date")
    if what == "withdrawn":
        editor.add("news/start")
    editor.add("news/second", like="news/start")
    before = by_key(kafka)

    code, said = run("publish", "--first-only", *order)

    assert code == 0
    assert said == "Nothing was published: what is published already differs from this folder.\n"
    assert by_key(kafka) == before


def test_an_interrupted_run_is_completed_by_the_next_one(kafka, editor, target, monkeypatch):
    """Half of the items are confirmed; then Kafka is away for longer than the command waits."""
    editor.show("news/start", "chart.png", png())
    edition = checked_edition(editor.root)
    publish = KafkaPublisher.publish

    async def publish_half(self, events):
        await publish(self, events[: len(events) // 2])
        raise TransientError

    impatient = Kafka(target.settings, RetryPolicy(0, lambda: None))
    monkeypatch.setattr(KafkaPublisher, "publish", publish_half)
    with pytest.raises(TransientError):
        asyncio.run(publish_edition(edition, impatient, Publishing()))
    monkeypatch.setattr(KafkaPublisher, "publish", publish)
    half = keys(kafka)
    result = asyncio.run(publish_edition(edition, target, Publishing()))

    assert len(half) == (ITEMS_OF_FOLDER + 1) // 2
    assert any(each.startswith("sha256-") for each in half)  # images come first
    assert result.is_complete
    assert len(keys(kafka)) == len(set(keys(kafka))) == ITEMS_OF_FOLDER + 1


async def test_of_two_editors_at_once_one_is_told(kafka, editor, target):
    before = await publish_edition(checked_edition(editor.root), target, Publishing())
    editor.change("news/start/en.md", "Title", "First")
    first = checked_edition(editor.root)
    editor.change("news/start/en.md", "First", "Second")
    second = checked_edition(editor.root)
    both = Both(target)
    results = await asyncio.gather(
        publish_edition(first, both, Publishing()), publish_edition(second, both, Publishing())
    )

    assert before.is_complete
    assert sorted(list(each.overtaken) for each in results) == [[], ["start"]]
    loser = second if results[1].overtaken else first
    again = await publish_edition(loser, target, Publishing())
    assert again.is_complete
    holding = (await target.states())["start"]
    assert holding.revision == 3
    assert len(published(kafka)) == ITEMS_OF_FOLDER + 3


class Both(Kafka):
    """Lets two editors read what is published before either publishes."""

    def __init__(self, target: Kafka) -> None:
        super().__init__(target.settings, target.retries)
        object.__setattr__(self, "barrier", asyncio.Barrier(2))

    async def states(self):
        found = await super().states()
        await self.barrier.wait()
        return found


def test_a_kafka_that_is_away_is_named(run):
    for command in (["publish"], ["publish", "--dry-run"], ["withdraw", "x", "--reason", "y"]):
        code, said = run(*command, "--give-up-after", "0", servers="127.0.0.1:1")

        assert code == 1
        assert said.endswith(
            "error: Kafka at 127.0.0.1:1 cannot be reached. Check the address and start again.\n"
        )
