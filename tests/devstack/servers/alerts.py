"""Alerts and their mails."""

import mailbox
import shutil
from collections.abc import Iterable
from email.message import Message
from pathlib import Path

from devstack.stack.folder import StackFolder

# Seconds instead of minutes. What is told, and to whom, stays as it is.
_QUICKER = {
    "prometheus/prometheus.yml": [
        ("scrape_interval: 5s", "scrape_interval: 1s"),
        ("scrape_timeout: 4s", "scrape_timeout: 1s"),
        ("evaluation_interval: 15s", "evaluation_interval: 1s"),
    ],
    "prometheus/rules/delivery.yml": [("for: 1m", "for: 1s")],
    "prometheus/rules/objectives.yml": [
        ("interval: 15s", "interval: 1s"),
        ("interval: 2m", "interval: 1s"),
    ],
    "prometheus/rules/flow.yml": [("interval: 1m", "interval: 1s"), ("for: 15m", "for: 1s")],
    "alertmanager/alertmanager.yml": [
        ("group_wait: 10s", "group_wait: 1s"),
        ("group_interval: 1m", "group_interval: 1s"),
    ],
}


def short_times(deploy: Path, target: Path) -> Path:
    """Copy the files of `deploy/`, with short times."""
    copied = shutil.copytree(deploy, target)
    for name, changes in _QUICKER.items():
        text = (copied / name).read_text()
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        (copied / name).write_text(text)
    return copied


def mails(folder: StackFolder) -> Iterable[Message]:
    """Return all mails in the sink."""
    return mailbox.Maildir(folder.maildir, create=False)


def mails_to(folder: StackFolder, address: str, subject: str) -> list[str]:
    """Return the texts of the mails to an address with this subject."""
    found = [each for each in mails(folder) if each["Delivered-To"] == address]
    return [_text_of(each) for each in found if each["Subject"] == subject]


def _text_of(mail: Message) -> str:
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/plain"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()
