"""Another release takes over, service by service, in the order of `docs/upgrading.md`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from samples.credit_codes import credit_code
from tests.contracts.releases import RELEASES, unpack_source
from tests.faults.load.plan import AMENDED_EVERY, Planned, applications
from tests.faults.load.submitter import Submitter
from tests.faults.run import Run
from tests.faults.scenario import scenario

READERS_FIRST = ("reconciliation", "notify", "recognition", "eligibility", "intake")


@dataclass(frozen=True)
class TypedInTwoWays(Planned):
    """An application of which every second one has its factory's number in another form."""

    def body(self, version: int) -> dict[str, Any]:
        body = super().body(version)
        if "factory" in body:
            code = credit_code(self.number // 2 + 1)
            typed = code if self.number % 2 else f"{code[:8]}-{code[8:]}"
            body["factory"]["registration_number"] = typed
        return body


def _plan() -> Iterator[Planned]:
    for each in applications(None, AMENDED_EVERY):
        yield TypedInTwoWays(each.number, each.stream, each.amendments)


@scenario("the last release is replaced by this one under load, and this one by the last", short=1)
def upgrade_and_downgrade(run: Run) -> None:
    """Every service in turn: the other release starts, is ready, and the first gets SIGTERM."""
    folder = TemporaryDirectory(prefix="cppp-release-", ignore_cleanup_errors=True)
    run.on_close(folder.cleanup)
    source = Path(folder.name)
    unpack_source(RELEASES[-1], source)

    last = {each: run.start(each, source=source) for each in READERS_FIRST}
    run.load(Submitter(run.intake_urls, run.ledger, _plan(), per_second=40), endless=True)
    run.wait_for_effects("notify")  # the last effect of an application
    todays = {}
    for each in READERS_FIRST:
        todays[each] = run.start(each)
        last[each].terminate()
        run.measured.faults += 1
    for each in reversed(READERS_FIRST):
        with run.fault("notify"):
            run.start(each, source=source)
            todays[each].terminate()
