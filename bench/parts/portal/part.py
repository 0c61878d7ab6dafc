"""The public site with thousands of items: how fast pages come, also while more are published."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bench.harness.contender import Contender
from bench.harness.percentiles import percentile
from bench.harness.plan import Plan
from bench.harness.stack import BenchmarkStack, open_stack
from bench.parts.portal.content import items
from bench.parts.portal.pages import pages
from bench.parts.portal.visitors import Visit, while_visited
from bench.parts.serving import Server, server_running
from bench.report.results import PageFigures, PortalFigures
from services.portal.rules import fact_of
from services.portal.store import MongoFacts
from shared.clock import milliseconds, utc_now
from shared.events.content import ItemPublished
from shared.events.envelope import Event
from shared.mongo import open_database
from shared.settings import MongoSettings

PORTAL: Final = Contender("portal", "service", "the public site as it ships")
_NEXT: Final = "portal-next"
_WARM_UP: Final = 200
_ALL: Final = "all pages"


def measure(plan: Plan) -> PortalFigures:
    """Measure the site with `portal_items` items, then while as many again are published."""
    texts = list(items(2 * plan.portal_items))
    first, second = texts[: plan.portal_items], texts[plan.portal_items :]
    visits = list(pages(first, plan.portal_pages))
    with open_stack() as stack:
        keep(stack, PORTAL.name, first)
        keep(stack, _NEXT, second)
        started = time.monotonic()
        with server_running(stack, PORTAL, {}) as server:
            loaded = time.monotonic() - started
            _visited(server, plan, visits[:_WARM_UP])
            before = server.process.usage().cpu_seconds
            calm = _visited(server, plan, visits)
            used = server.process.usage().cpu_seconds - before
            busy = _visited(server, plan, visits, lambda: _publish_next(stack))
            peak = server.process.usage().peak_rss_bytes
    return PortalFigures(
        items=plan.portal_items,
        per_second=plan.portal_rate,
        loaded_seconds=round(loaded, 1),
        cpu_ms_each=round(used * 1000 / len(visits), 2),
        peak_rss_mb=round(peak / 2**20, 1),
        pages=by_page(calm[0]),
        longest_stall_ms=round(calm[1], 1),
        pages_while_refreshing=by_page(busy[0]),
        longest_stall_while_refreshing_ms=round(busy[1], 1),
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


def keep(stack: BenchmarkStack, database: str, published: Sequence[ItemPublished]) -> None:
    """Store items as the service does, in a database of any name."""
    asyncio.run(_keep(stack, database, published))


async def _keep(stack: BenchmarkStack, name: str, published: Sequence[ItemPublished]) -> None:
    settings = MongoSettings(url=stack.addresses.mongodb_url)
    async with open_database(settings, name) as database:
        await MongoFacts(database).keep([fact_of(_event(each)) for each in published])


def _publish_next(stack: BenchmarkStack) -> None:
    """Let MongoDB copy what is published next: this process measures, and has no time for it."""
    target = {"into": {"db": PORTAL.name, "coll": "facts"}}
    stack.mongo[_NEXT].facts.aggregate([{"$merge": target}])


def _event(item: ItemPublished) -> Event[ItemPublished]:
    return Event("ItemPublished", item, milliseconds(utc_now()))


def _visited(
    server: Server,
    plan: Plan,
    visits: Sequence[tuple[str, str]],
    meanwhile: Callable[[], None] = lambda: None,
) -> tuple[list[Visit], float]:
    found, probe = asyncio.run(while_visited(server.port, visits, plan.portal_rate, meanwhile))
    return found, probe.longest_ms
