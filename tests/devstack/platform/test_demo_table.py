"""The demonstration states how fast the platform was."""

import io

from rich.console import Console

from devstack.platform.demo_table import demo_table
from devstack.platform.demo_wait import Timings
from devstack.platform.evidence import Decision, Evidence, Mail
from devstack.platform.verdict import Expected


def test_the_table_states_how_many_were_accepted_decided_and_mailed_a_second():
    expected = [Expected(n, "eligibility", "eligible", 1, ()) for n in range(1, 3_001)]
    decisions = [Decision(str(n), "eligibility", "eligible", 1, ()) for n in range(3_000)]
    mails = [Mail(str(n // 2), str(n)) for n in range(6_000)]
    found = Evidence(tuple(decisions), (), tuple(mails), ())
    timings = Timings(accepted_seconds=1.5, decided_seconds=3, sent_seconds=6)
    console = Console(record=True, file=io.StringIO(), width=100)

    console.print(demo_table(expected, 3_000, found, timings))

    rows = [each.strip("│ ").split("│") for each in console.export_text().splitlines()]
    shown = {cells[0].strip(): cells[-1].strip() for cells in rows}
    assert shown["accepted a second"] == "2,000/s"
    assert shown["decided a second"] == "1,000/s"
    assert shown["mailed a second"] == "1,000/s"
