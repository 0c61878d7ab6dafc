"""Runs the platform of a checkout until its standard input is closed.

`python -P launcher.py '{"folder": "…", "mail_port": 1025, "services": ["intake"], "settings": {}}'`
is run in the checkout that is measured, by the interpreter of that checkout, and imports nothing
but that checkout's `devstack`. When everything is ready, it prints one line of JSON: addresses,
ports, process ids and an API key for bulk submissions.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

# Where each module is, and where it was before `devstack` had folders (until commit febde8d).
_PLATFORM = ("devstack.platform.platform", "devstack.whole_platform")
_INFRASTRUCTURE = ("devstack.servers.infrastructure", "devstack.infrastructure")
_STACK = ("devstack.stack.stack", "devstack.stack")
_FOLDER = ("devstack.stack.folder", "devstack.folder")
_PORTS = ("devstack.stack.ports", "devstack.ports")
_PROGRESS = ("devstack.progress",)
_OWN = "mail"  # the benchmark has a mail server of its own


def _first(names: tuple[str, ...]) -> Any:
    *preferred, last = names
    for each in preferred:
        try:
            return import_module(each)
        except ModuleNotFoundError:
            continue
    return import_module(last)


def _programs(platform: Any, asked: Mapping[str, Any]) -> Iterator[Any]:
    show = _first(_PROGRESS).show_download
    for each in _first(_INFRASTRUCTURE).infrastructure(platform.folder, platform.ports, show):
        if each.name != _OWN:
            yield each
    for name in asked["services"]:
        service = platform.service(name)
        settings = asked["settings"].get(name, {})
        yield replace(service, environment={**service.environment, **settings})


def _bulk_key(platform: Any) -> str:
    command = (sys.executable, "-m", "services.intake.keys", "create", "bench", "--right", "bulk")
    done = subprocess.run(  # noqa: S603 - our own command line
        command,
        env=os.environ | dict(platform.service("intake").environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return next(each for each in done.stdout.split() if each.startswith("cppp_"))


def _description(platform: Any, stack: Any, names: list[str]) -> dict[str, Any]:
    states = stack.states()
    return {
        "kafka": platform.addresses.kafka_bootstrap_servers,
        "mongodb": platform.addresses.mongodb_url,
        "intake_port": platform.ports["intake"],
        "pids": {name: states[name].pid for name in names},
        "key": _bulk_key(platform) if "intake" in names else "",
    }


def main(asked: Mapping[str, Any]) -> None:
    """Start everything, print where it is, and stop it when standard input is closed."""
    module = _first(_PLATFORM)
    parts = [each for each in module.platform_parts() if each != _OWN]
    ports = _first(_PORTS).free_ports(parts)
    folder = _first(_FOLDER).StackFolder(Path(asked["folder"]))
    folder.create()
    platform = module.Platform(folder, {**ports, _OWN: asked["mail_port"]})
    programs = list(_programs(platform, asked))
    with _first(_STACK).Stack(folder, ports, programs) as stack:
        names = [each.name for each in programs]
        print(json.dumps(_description(platform, stack, names)), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
