"""What this service counts begins at 0: an alert sees the first event of each kind."""

import ast
from collections.abc import Iterator
from pathlib import Path

from devstack.stack.program import PROJECT
from services.intake.metrics import REASONS, IntakeMetrics
from shared.metrics import Metrics

OWN, COMMON = PROJECT / "services" / "intake", PROJECT / "shared" / "http"
USED = ("body_reader.py", "json_bodies.py", "rate_limit.py")  # of what is common


def kinds(folder: Path, names: str = "*.py") -> Iterator[str]:
    """Return the kinds of all problems that the modules in a folder build."""
    for path in folder.rglob(names):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Problem":
                kind = call.args[1]
                if isinstance(kind, ast.Constant):
                    yield str(kind.value)


def test_every_reason_for_a_refusal_begins_at_0_and_no_other():
    metrics = Metrics("intake")
    IntakeMetrics(metrics)

    own = {*kinds(OWN), *(kind for name in USED for kind in kinds(COMMON, name))}
    assert len(own) > 20
    assert own <= set(REASONS) <= own | set(kinds(COMMON))
    for each in REASONS:
        labels = {"service": "intake", "reason": each}
        assert metrics.registry.get_sample_value("cppp_applications_rejected_total", labels) == 0
