"""The public site with thousands of items: how fast pages come, also while more are published."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import httpx

from bench.harness.contender import Contender
from bench.harness.log import log
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.stack import BenchmarkStack, open_stack
from bench.parts.portal.content import items
from bench.parts.portal.pages import pages
from bench.parts.portal.readmodel import keep_applications, labels, mark_all, rule_sets
from bench.parts.portal.visitors import Visit, while_visited
from bench.parts.serving import Server, server_running
from bench.report.results import PageFigures, PortalFigures
from devstack.stack.ports import LOCALHOST
from devstack.waiting import wait_until
from services.portal.rules import fact_of
from services.portal.store import MongoFacts
from shared.clock import milliseconds, utc_now
from shared.events.content import ItemPublished
from shared.events.eligibility import ProgrammePublished
from shared.events.envelope import Event
from shared.events.recognition import LabelAwarded, SchemePublished
from shared.mongo import open_database
from shared.settings import MongoSettings

PORTAL: Final = Contender("portal", "service", "the public site as it ships")
Published = ItemPublished | LabelAwarded | ProgrammePublished | SchemePublished
_LABELS: Final = 5_000
_COUNTED: Final = re.compile(r'^cppp_portal_as_of_\w+\{part="statistics".*\} [1-9]', re.MULTILINE)
_COUNT_SECONDS: Final = 120
_NEXT: Final = "portal-next"
_SETTINGS: Final = {"PORTAL_PER_MINUTE": "0"}  # all visitors have one address
_WARM_UP: Final = 200
_ALL: Final = "all pages"


def measure(plan: Plan) -> PortalFigures:
    """Measure the site with all that it reads, then while as many items again are published."""
    texts, awarded = list(items(2 * plan.portal_items)), list(labels(_LABELS))
    first, second = texts[: plan.portal_items], texts[plan.portal_items :]
    visits = list(pages(first, awarded, plan.portal_pages))
    with open_stack() as stack:
        keep_applications(stack, plan.portal_applications)
        keep(stack, PORTAL.name, [*first, *awarded, *rule_sets()])
        keep(stack, _NEXT, second)
        log("everything is stored")
        started = time.monotonic()
        with server_running(stack, PORTAL, _SETTINGS) as server:
            loaded, counted = time.monotonic() - started, _counted_after(server, started)
            log(f"loaded after {loaded:.1f} s, counted after {counted:.1f} s")
            return _figures_of(stack, server, plan, visits, (loaded, counted))


def _figures_of(
    stack: BenchmarkStack,
    server: Server,
    plan: Plan,
    visits: Sequence[tuple[str, str]],
    start: tuple[float, float],
) -> PortalFigures:
    _visited(server, plan, visits[:_WARM_UP])
    before = server.process.usage().cpu_seconds
    calm, calm_stall = _visited(server, plan, visits)
    used = server.process.usage().cpu_seconds - before
    busy, busy_stall = _visited(server, plan, visits, lambda: _publish_next(stack))
    return PortalFigures(
        applications=plan.portal_applications,
        items=plan.portal_items,
        per_second=plan.portal_rate,
        loaded_seconds=round(start[0], 1),
        counted_seconds=round(start[1], 1),
        cpu_ms_each=round(used * 1000 / len(visits), 2),
        peak_rss_mb=round(server.process.usage().peak_rss_bytes / 2**20, 1),
        pages=by_page(calm),
        longest_stall_ms=round(calm_stall, 1),
        pages_while_refreshing=by_page(busy),
        longest_stall_while_refreshing_ms=round(busy_stall, 1),
    )


def by_page(visits: Iterable[Visit]) -> dict[str, PageFigures]:
    """Summarize visits by the kind of page, and all together."""
    groups: dict[str, list[Visit]] = defaultdict(list)
    for each in visits:
        groups[_ALL].append(each)
        groups[each.page].append(each)
    return {name: _figures(each) for name, each in groups.items()}


def _figures(visits: Sequence[Visit]) -> PageFigures:
    milliseconds = [each.milliseconds for each in visits]
    return PageFigures(
        visits=len(visits),
        failed=sum(not each.is_answered for each in visits),
        p50_ms=percentile(milliseconds, 50),
        p95_ms=percentile(milliseconds, 95),
        p99_ms=percentile(milliseconds, 99),
        longest_ms=round(max(milliseconds), 2),
        transferred_kb=round(max(each.transferred for each in visits) / 1000, 1),
    )


def keep(stack: BenchmarkStack, database: str, published: Sequence[Published]) -> None:
    """Store items, labels and rules as the service does, in a database of any name."""
    asyncio.run(_keep(stack, database, published))


async def _keep(stack: BenchmarkStack, name: str, published: Sequence[Published]) -> None:
    settings = MongoSettings(url=stack.addresses.mongodb_url)
    async with open_database(settings, name) as database:
        await MongoFacts(database).keep([fact_of(_event(each)) for each in published])


def _publish_next(stack: BenchmarkStack) -> None:
    """Let MongoDB copy what is published next: this process measures, and has no time for it.

    All applications are counted again meanwhile, too.
    """
    mark_all(stack, "next")
    target = {"into": {"db": PORTAL.name, "coll": "facts"}}
    stack.mongo[_NEXT].facts.aggregate([{"$merge": target}])


def _event(data: Published) -> Event[Published]:
    return Event(type(data).__name__, data, milliseconds(utc_now()))


def _counted_after(server: Server, started: float) -> float:
    """Return how long after its start all applications were counted."""
    address = f"http://{LOCALHOST}:{server.port}/metrics"
    wait_until(lambda: bool(_COUNTED.search(httpx.get(address).text)), _COUNT_SECONDS)
    return time.monotonic() - started


def _visited(
    server: Server,
    plan: Plan,
    visits: Sequence[tuple[str, str]],
    meanwhile: Callable[[], None] = lambda: None,
) -> tuple[list[Visit], float]:
    return asyncio.run(while_visited(server.port, visits, plan.portal_rate, meanwhile))
