"""The overview that is printed once the platform runs."""

import os
from collections.abc import Mapping

from devstack.platform.platform import Platform
from devstack.platform.samples import KEY, RECEIPTS
from devstack.servers.monitoring import ON_CALL
from devstack.stack.ports import LOCALHOST


def where_to_look(platform: Platform) -> str:
    """Return the addresses of all parts, and the next commands."""
    urls = platform.service_urls
    metrics = [f"  Metrics    {urls[name]}/metrics  ({name})" for name in sorted(urls)]
    folder = platform.folder
    return "\n".join(
        [
            "",
            "The platform runs.",
            f"  Apply      {urls['intake']}/docs",
            *_overview(urls),
            *metrics,
            *_monitoring(platform),
            f"  Mails      {folder.maildir}/new, one file each",
            f"  Kafka      {platform.addresses.kafka_bootstrap_servers}",
            f"  MongoDB    {platform.addresses.mongodb_url}",
            f"  Data       {folder.data}",
            f"  Logs       {folder.logs}",
            f"  Samples    ids in {folder.run / RECEIPTS}, API key in {folder.run / KEY}",
            f"  Submit     .venv/bin/cppp submit FILE.ndjson --intake-url {urls['intake']}",
            "  Status     .venv/bin/cppp status ID",
            "  Stop       Ctrl-C",
            "",
        ]
    )


def _overview(urls: Mapping[str, str]) -> list[str]:
    pages = {"portal": "The site ", "operations": "How it is"}
    return [f"  {title}  {urls[name]}/" for name, title in pages.items() if name in urls]


def _monitoring(platform: Platform) -> list[str]:
    if not platform.is_monitored:
        return []
    prometheus, alertmanager = (
        f"http://{LOCALHOST}:{platform.ports[part]}" for part in ("prometheus", "alertmanager")
    )
    return [
        f"  Prometheus {prometheus}/targets, alerts on {prometheus}/alerts",
        f"  Alerts     mails to {ON_CALL} in {platform.folder.maildir}/new; sent by {alertmanager}",
    ]


def one_line(platform: Platform) -> str:
    """Return the address of a running platform, and how to stop it."""
    pid = os.getpid()
    url = platform.service_urls.get("intake", "")
    return f"{url}/docs, process {pid}. Stop it with Ctrl-C there, or with `kill {pid}`."
