"""Submits the samples at a steady rate, to a platform that runs: `python -m devstack.traffic`.

For whoever wants to see figures move: pages, plots, objectives. Every request is a new application.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count, cycle
from typing import Annotated, Any, Final
from uuid import uuid4

import httpx
import typer

from devstack.platform.samples import SAMPLES

_TIMEOUT_SECONDS: Final = 30.0
_MOST_PER_SECOND: Final = 100
_MOST_MINUTES: Final = 24 * 60


def bodies() -> Iterator[dict[str, Any]]:
    """Return the samples, again and again, received now."""
    lines = SAMPLES.read_text().splitlines()
    for each in cycle([json.loads(line) for line in lines]):
        yield {"application": each["application"], "contact": each["contact"]}


async def submit_steadily(
    client: httpx.AsyncClient, applications: Iterable[Any], rate: float, seconds: float
) -> Counter[str]:
    """Submit `rate` applications a second; return how often each status was the answer.

    A request that fails does not stop the others, and is counted by its error.
    """
    answers: Counter[str] = Counter()
    now = asyncio.get_running_loop().time
    started = now()
    async with asyncio.TaskGroup() as group:
        for number, body in zip(count(), applications, strict=False):
            due = number / rate
            if due >= seconds:
                break
            await asyncio.sleep(max(0.0, started + due - now()))
            group.create_task(_submit(client, body, answers))
    return answers


async def _submit(client: httpx.AsyncClient, body: Any, answers: Counter[str]) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    try:
        answer = await client.post("/v1/applications", json=body, headers=headers)
        answers[str(answer.status_code)] += 1
    except httpx.HTTPError as error:
        answers[type(error).__name__] += 1


async def _run(url: str, rate: float, seconds: float) -> Counter[str]:
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        return await submit_steadily(client, bodies(), rate, seconds)


def main(
    url: Annotated[str, typer.Option(help="Address of intake.")] = "http://127.0.0.1:8001",
    rate: Annotated[
        float, typer.Option(help="Applications a second.", min=0.01, max=_MOST_PER_SECOND)
    ] = 5.0,
    minutes: Annotated[float, typer.Option(help="How long.", min=0.01, max=_MOST_MINUTES)] = 60.0,
) -> None:
    """Submit samples at a steady rate, and print how they were answered."""
    answers = asyncio.run(_run(url, rate, minutes * 60))
    for answer, number in answers.most_common():
        print(f"{answer}: {number:,}")


if __name__ == "__main__":
    typer.run(main)
