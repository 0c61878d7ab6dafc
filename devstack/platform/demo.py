"""`make demo`: run the samples through the whole platform and compare every outcome."""

import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from devstack.platform.demo_table import demo_table
from devstack.platform.demo_wait import Counts, Timings, wait_for_all
from devstack.platform.evidence import accepted_ids, evidence
from devstack.platform.platform import Platform, platform_parts
from devstack.platform.samples import RECEIPTS, SAMPLES, Submit, samples_key
from devstack.platform.starting import line_console, start_shown
from devstack.platform.stop_signals import stop_on_signals
from devstack.platform.verdict import MAILS_EACH, complaints, expected_outcomes
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports

_EXPECTED = SAMPLES.with_name("expected.ndjson")
_COMPLAINTS_SHOWN = 10


def demo(submit: Submit) -> bool:
    """Run the samples through a platform of their own, in a temporary folder on free ports.

    Returns whether every outcome is as expected: nothing missing, duplicated or different.

    Raises `StackError` if the platform does not start or stops making progress, and
    `KeyboardInterrupt`, after stopping everything, on a signal to stop.
    """
    console = line_console()
    root = Path(tempfile.mkdtemp(prefix="cppp-demo-"))
    is_worth_keeping = True
    try:
        with stop_on_signals():
            is_right = _run(StackFolder(root), submit, console)
        is_worth_keeping = not is_right
    except KeyboardInterrupt:
        is_worth_keeping = False
        raise
    finally:
        if is_worth_keeping:
            console.print(f"Logs and data are in {root}.")
        else:
            shutil.rmtree(root, ignore_errors=True)
    return is_right


def _run(folder: StackFolder, submit: Submit, console: Console) -> bool:
    platform = Platform(folder, free_ports(platform_parts()))
    stack = platform.stack()
    try:
        start_shown(stack, console)
        return _submit_and_compare(platform, submit, console)
    finally:
        stack.stop()


def _submit_and_compare(platform: Platform, submit: Submit, console: Console) -> bool:
    expected = expected_outcomes(_EXPECTED)
    key = samples_key(platform)
    receipts = platform.folder.run / RECEIPTS
    console.print(f"Submitting {len(expected):,} applications …")
    timings = Timings()
    submit(SAMPLES, platform.service_urls["intake"], key, receipts)
    timings.accepted_seconds = timings.seconds()
    wanted = Counts(decided=len(expected), sent=MAILS_EACH * len(expected))
    wait_for_all(platform.addresses, wanted, timings, console)
    console.print("Reading back decisions, mails and events …")
    accepted, found = accepted_ids(receipts), evidence(platform.addresses)
    console.print(demo_table(expected, len(accepted), found, timings))
    return _say(complaints(expected, accepted, found), console)


def _say(wrong: list[str], console: Console) -> bool:
    for each in wrong[:_COMPLAINTS_SHOWN]:
        console.print(f"  wrong: {each}")
    if len(wrong) > _COMPLAINTS_SHOWN:
        console.print(f"  … and {len(wrong) - _COMPLAINTS_SHOWN} more")
    if not wrong:
        console.print("Nothing is missing, duplicated or different.")
    return not wrong
