"""What the page and its JSON show of others, which are real processes or away."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from services.operations.sources.settings import SourcesSettings
from shared.settings import complaints
from tests.dead_letters import DeadLetterFixture
from tests.factories import application_body

CONTACT = {"name": "Chan Tai Man", "email": "chan@example.com", "language": "zh-Hant"}
AWAY = "http://127.0.0.1:9"
VOID = {"meta", "link", "br", "line", "rect", "path"}


def states(overview):
    return {each["service"]: each["state"] for each in overview["processes"]}


def test_a_service_that_is_killed_is_told_first_and_one_that_is_back_is_well(
    operations, service_process
):
    eligibility = service_process("eligibility", restart=False)
    operations.watch("eligibility", eligibility.url)
    operations.start()
    well = operations.until(lambda found: states(found) == {"eligibility": "ready"})
    assert well["processes"][0]["version"]
    assert well["processes"][0]["rules"]

    eligibility.kill()

    found = operations.until(lambda found: states(found) == {"eligibility": "away"})
    assert found["state"] == "page"
    assert found["problems"][0]["what"].startswith("eligibility at 127.0.0.1:")
    assert found["problems"][0]["runbook"] == "docs/runbooks/services.md#consumergone"
    assert found["processes"][0]["answered_seconds_ago"] >= 0
    assert "Act now" in operations.page()
    assert "start it again" in operations.page()

    eligibility.start()
    operations.until(lambda found: states(found) == {"eligibility": "ready"})


def test_applications_are_seen_on_their_way(operations, service_process):
    intake, eligibility = service_process("intake"), service_process("eligibility")
    operations.watch("intake", intake.url)
    operations.watch("eligibility", eligibility.url)
    operations.start()
    operations.until(lambda found: found["flow"][1]["in_quarter_of_an_hour"] == 0)

    answer = httpx.post(
        f"{intake.url}/v1/applications",
        json={"application": application_body(), "contact": CONTACT},
        headers={"Idempotency-Key": "flow"},
    )
    assert answer.status_code == httpx.codes.ACCEPTED

    found = operations.until(lambda found: found["flow"][1]["in_quarter_of_an_hour"])
    accepted, decided, mailed = found["flow"]
    assert accepted["per_minute"] > 0
    assert decided["on_time_percent"] == 100
    assert mailed["per_minute"] is None  # nobody tells
    lag = {each["group"]: each for each in found["lag"]}
    assert lag["eligibility"]["members"] > 0


def test_a_new_service_appears_and_a_removed_one_goes_by_itself(operations):
    operations.start()
    operations.until(lambda found: found["looked_seconds_ago"] is not None)
    assert operations.overview()["state"] == "unknown"

    operations.watch("portal", AWAY)
    found = operations.until(lambda found: found["processes"])
    assert states(found) == {"portal": "away"}
    assert found["processes"][0]["away_because"] == "no connection"

    (operations.folder / "portal.yml").unlink()
    operations.until(lambda found: not found["processes"])


def test_a_target_file_that_cannot_be_read_is_named_and_hides_no_other(operations):
    (operations.folder / "broken.yml").write_text("- targets: {")
    operations.watch("portal", AWAY)
    operations.start()

    found = operations.until(lambda found: found["processes"])

    assert found["unreadable_targets"] == ["broken.yml"]
    assert "broken.yml" in operations.page()


def test_dead_letters_are_shown_with_the_command_until_they_are_redriven(operations, infra):
    letters = DeadLetterFixture(infra.kafka_bootstrap_servers)
    letter = letters.dead_letter(reason="invalid")
    operations.watch("operations", AWAY)
    operations.start()

    def of_group(found):
        return [e for e in found["dead_letters"]["counts"] if e["group"] == letters.group]

    [count] = operations.until(of_group) and of_group(operations.overview())
    assert (count["reason"], count["open"]) == ("invalid", 1)
    assert count["command"] in operations.page()
    shown = letters.run(*count["command"].split()[2:], "--json")
    assert [each["id"] for each in shown.documents] == [letter]

    assert letters.run("redrive", letter, "--execute").code == 0

    operations.until(lambda found: of_group(found)[0]["open"] == 0)
    assert of_group(operations.overview())[0]["redriven"] == 1


def test_with_everything_away_it_answers_and_says_so(operations):
    operations.watch("intake", AWAY)
    operations.start(OPERATIONS_PROMETHEUS_URL=AWAY, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")

    found = operations.until(lambda found: found["processes"])

    assert found["alerts"]["source"] == "away"
    assert found["dead_letters"]["counted_seconds_ago"] is None
    assert {each["per_minute"] for each in found["flow"]} == {None}
    page = operations.page()
    assert "Prometheus does not answer" in page
    assert "Kafka has not told yet" in page


@pytest.mark.parametrize(
    ("setting", "value"),
    [("OPERATIONS_PROMETHEUS_URL", "http://user:secret@host"), ("OPERATIONS_LOOK_SECONDS", "0")],
)
def test_a_wrong_setting_ends_the_start(monkeypatch, setting, value):
    monkeypatch.setenv(setting, value)

    [told] = complaints([SourcesSettings])
    assert told.startswith(setting)
    assert "secret" not in told


class _Nesting(HTMLParser):
    """Checks that every element is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.refused: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.refused += [f"{tag} {name}" for name, _ in attrs if name in {"style", "onclick"}]
        self.refused += [tag] if tag in {"script", "img", "iframe", "form"} else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def test_the_page_needs_nothing_but_itself_and_says_what_the_overview_says(operations):
    (operations.folder / "odd.yml").write_text(
        f'[{{"targets": ["{AWAY.removeprefix("http://")}"], "labels": {{"job": "<b>&odd"}}}}]'
    )
    operations.start()
    found = operations.until(lambda found: found["processes"])

    answer = httpx.get(operations.process.url)
    page, nesting = answer.text, _Nesting()
    nesting.feed(page)

    assert (nesting.open, nesting.refused) == ([], [])
    assert "<b>&odd" not in page
    assert "&lt;b&gt;&amp;odd" in page
    assert found["summary"] in page
    assert not re.findall(r'(?:src|href)="(?!/|data:,|#)', page)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_runbooks_are_pages_and_nothing_else_is(operations):
    operations.start()

    assert 'id="consumergone"' in operations.page("/runbooks/services.md")
    for other in ("nothing.md", "..%2Fsettings.md", "%2e%2e/settings.md"):
        answer = httpx.get(f"{operations.process.url}/runbooks/{other}")
        assert answer.status_code == httpx.codes.NOT_FOUND
