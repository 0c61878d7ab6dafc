"""Exports the programme and the reasons as JSON, for contenders that are not in Python."""

from dataclasses import asdict
from pathlib import Path

import orjson

from bench.harness.contender import BUILD_FOLDER
from services.eligibility.rules.catalogue import REASONS
from services.eligibility.rules.programme import load_programme


def rules_file() -> Path:
    """Write the file; return its path."""
    BUILD_FOLDER.mkdir(parents=True, exist_ok=True)
    file = BUILD_FOLDER / "rules.json"
    reasons = {code: asdict(reason) for code, reason in REASONS.items()}
    programme = load_programme().model_dump(mode="json")
    file.write_bytes(orjson.dumps({"programme": programme, "reasons": reasons}))
    return file
