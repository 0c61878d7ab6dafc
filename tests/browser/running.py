"""The platform as far as the site needs it, with its content and the rules published."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import httpx

from cli.content.contents import checked_edition, contents
from cli.content.samples import publish_samples
from devstack.progress import show_download
from devstack.servers.addresses import local_addresses
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.servers.service import own_settings, service
from devstack.stack.folder import StackFolder
from devstack.stack.ports import LOCALHOST, free_ports
from devstack.stack.stack import Stack
from services.portal.pages.sections import SECTIONS
from tests.browser.applications import publish_applications
from tests.browser.content_folder import write_content
from tests.browser.labels import ENTERPRISES, publish_labels
from tests.waiting import eventually

# The first two publish the rules that they start with.
_SERVICES: Final = ("eligibility", "recognition", "portal")
_NUMBER_FOUND: Final = re.compile(r'role="status">(\d+)')


@contextmanager
def running_site(folder: Path) -> Iterator[str]:
    """Run servers and services of its own: what other tests publish would be shown, too.

    Yields the address of the site once everything that is published is shown.
    """
    stack_folder = StackFolder(folder)
    stack_folder.create()
    content = write_content(folder)
    ports = free_ports([*INFRASTRUCTURE_PORTS, *_SERVICES])
    addresses = local_addresses(ports, stack_folder.maildir)
    servers = infrastructure(stack_folder, ports, show_download)
    rules = {"PORTAL_ELIGIBILITY_URL": f"http://{LOCALHOST}:{ports['eligibility']}"}
    services = [
        service(each, ports[each], addresses, own_settings(each, stack_folder) | rules)
        for each in _SERVICES
    ]
    with Stack(stack_folder, ports, [*servers, *services]):
        publish_applications(addresses.kafka_bootstrap_servers)
        publish_labels(addresses.kafka_bootstrap_servers)
        publish_samples(content, addresses.kafka_bootstrap_servers)
        url = f"http://{LOCALHOST}:{ports['portal']}"
        eventually(
            partial(_shows_everything, url, content), because="the site does not show the samples"
        )
        yield url


def _shows_everything(url: str, folder: Path) -> bool:
    _, items = contents(checked_edition(folder))
    listed = {each.kind for each in SECTIONS}
    with httpx.Client(base_url=f"{url}/en") as site:
        numbers = [_NUMBER_FOUND.search(site.get(each.path).text) for each in SECTIONS]
        rules = 'id="phase-' in site.get("/programme").text
        scheme = 'id="rounds"' in site.get("/recognition").text
        labels = site.get("/labels").text
        decided = _has_decisions(site.get(f"{url}/v1/statistics"))
    shown = sum(int(found[1]) for found in numbers if found)
    has_labels = all(each in labels for each in ENTERPRISES)
    content = shown == sum(each.kind in listed for each in items)
    return rules and scheme and has_labels and decided and content


def _has_decisions(statistics: httpx.Response) -> bool:
    return bool(statistics.is_success and statistics.json()["total"]["approved"])
