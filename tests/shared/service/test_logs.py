"""Whatever a service's process writes is one JSON object a line, without the texts of errors."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from devstack.servers.service import service_names
from devstack.stack.ports import free_ports
from devstack.stack.program import PROJECT
from tests.log_lines import log_lines, undocumented
from tests.waiting import DEADLINE_SECONDS, eventually

PERSON = "chan@example.com"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CORRELATION_ID = "0af7651916cd43dd8448eb211c80319c"

UNLUCKY = f"""
import asyncio, gc, logging, threading, warnings
from contextlib import asynccontextmanager
from fastapi import APIRouter
from shared.metrics import Metrics
from shared.service.app import Service, create_app
from shared.service.server import run

PERSON = {PERSON!r}
router = APIRouter()

@router.get("/defect")
async def defect():
    raise ValueError(PERSON) from KeyError(PERSON)

class Forgetful:
    def __del__(self):
        raise RuntimeError(PERSON)

async def fail():
    raise LookupError(PERSON)

def fail_in_thread():
    raise ArithmeticError(PERSON)

@asynccontextmanager
async def running(app):
    logging.getLogger("library").error("Cannot write to %s", PERSON)
    logging.getLogger("library").warning(f"Nobody called {{PERSON}}")
    try:
        raise OSError(2, PERSON)
    except OSError:
        logging.getLogger("library").exception("Failed")
    warnings.warn(PERSON)
    Forgetful()
    thread = threading.Thread(target=fail_in_thread)
    thread.start()
    thread.join()
    asyncio.get_running_loop().call_soon(lambda _person: 1 / 0, PERSON)
    task = asyncio.create_task(fail())
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    yield

service = Service("unlucky", Metrics("unlucky"))
run(lambda: create_app(service, running, [router]), "unlucky", 0)
"""


def start(*command: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, *command],
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def written_by(process: "subprocess.Popen[str]") -> list[dict]:
    out, err = process.communicate(timeout=2 * DEADLINE_SECONDS)
    assert err == ""
    assert PERSON not in out
    lines = log_lines(out)
    assert [each for line in lines for each in undocumented(line)] == []
    return lines


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory):
    """What a service wrote in whose run everything went wrong, and its answer to a request."""
    port = free_ports(["HTTP"])["HTTP"]
    program = written_to(tmp_path_factory.mktemp("unlucky"), UNLUCKY)
    process = start(program, HTTP_PORT=str(port), HTTP_HOST="127.0.0.1")
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: is_alive(url))
        answer = httpx.get(f"{url}/defect", headers={"traceparent": TRACE}, trust_env=False)
        process.send_signal(signal.SIGTERM)
        return written_by(process), answer
    finally:
        process.kill()


def written_to(folder: Path, program: str) -> str:
    """Write a program to a file: a library's line has what is in its source."""
    file = folder / "program.py"
    file.write_text(program)
    return str(file)


def is_alive(url: str) -> bool:
    try:
        return httpx.get(f"{url}/livez", trust_env=False).is_success
    except httpx.TransportError:
        return False


def found(lines: list[dict], event: str) -> list[dict]:
    return [each for each in lines if each["event"] == event]


def test_a_run_has_one_id_that_its_first_line_tells(unlucky):
    lines, _ = unlucky
    [started] = found(lines, "service.started")

    others = [each for each in lines if each["event"] != "http.request_failed"]
    assert {each["correlation_id"] for each in others} == {started["correlation_id"]}
    assert {each["service"] for each in lines} == {"unlucky"}
    assert [each["event"] for each in lines[-2:]] == ["service.stopping", "service.stopped"]


def test_an_unexpected_error_is_found_by_the_id_that_the_client_got(unlucky):
    lines, answer = unlucky

    [line] = found(lines, "http.request_failed")
    assert answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR
    assert answer.json()["correlation_id"] == line["correlation_id"] == CORRELATION_ID
    assert (line["route"], line["method"]) == ("/defect", "GET")
    assert (line["error"], line["caused_by"]) == ("ValueError", ["KeyError"])
    assert "in defect" in line["stack"]


def test_lines_of_libraries_have_the_words_that_are_always_the_same(unlucky):
    lines, _ = unlucky

    logged = [*found(lines, "library.error"), *found(lines, "library.warning")]
    assert [(each["level"], each["logger"], each["message"]) for each in logged] == [
        ("error", "library", "Cannot write to %s"),
        ("error", "library", "Failed"),
        ("warning", "library", "Nobody called"),
        ("warning", "warnings", "UserWarning"),
    ]
    assert logged[1]["errno"] == "ENOENT"


def test_what_nobody_handles_is_logged_without_its_text(unlucky):
    lines, _ = unlucky

    lost = found(lines, "task.failed")
    assert [each["error"] for each in lost] == ["ZeroDivisionError", "LookupError"]
    assert [each["error"] for each in found(lines, "thread.failed")] == ["ArithmeticError"]
    assert [each["error"] for each in found(lines, "error.ignored")] == ["RuntimeError"]


def test_a_crash_before_the_start_is_a_line():
    process = start("-c", "from shared.service.launch import launch; launch('services.no.app')")

    [line] = written_by(process)

    assert process.returncode == 1
    assert (line["event"], line["error"]) == ("process.failed", "ModuleNotFoundError")
    assert line["service"] == "no"
    assert str(PROJECT) not in json.dumps(line), "paths are those of the project"


def test_a_port_that_is_taken_is_a_line(tmp_path):
    port = free_ports(["HTTP"])["HTTP"]
    quiet = written_to(tmp_path, at_the_start("yield; return"))
    settings = {"HTTP_PORT": str(port), "HTTP_HOST": "127.0.0.1"}
    first = start(quiet, **settings)
    try:
        eventually(lambda: is_alive(f"http://127.0.0.1:{port}"))
        second = start(quiet, **settings)
        [line] = found(written_by(second), "library.error")
    finally:
        first.kill()
        first.communicate()

    assert (line["error"], line["errno"]) == ("OSError", "EADDRINUSE")


def at_the_start(statement: str) -> str:
    begin = "async def running(app):\n"
    return UNLUCKY.replace(begin, f"{begin}    {statement}\n")


def test_a_failure_of_the_start_is_a_line(tmp_path):
    failing = written_to(tmp_path, at_the_start("await fail()"))
    process = start(failing, HTTP_PORT=str(free_ports(["HTTP"])["HTTP"]))

    [line] = written_by(process)

    assert process.returncode == 3
    assert (line["event"], line["error"]) == ("service.failed", "LookupError")


def test_wrong_settings_of_any_service_are_a_line_each():
    wrong = {"HTTP_HEADER_SECONDS": PERSON, "KAFKA_TOPIC_PARTITIONS": PERSON}
    processes = {name: start("-m", f"services.{name}", **wrong) for name in service_names()}
    written = {name: written_by(process) for name, process in processes.items()}

    for name, process in processes.items():
        lines = written[name]
        assert process.returncode == 1
        assert {each["service"] for each in lines} == {name}
        told = {each["variable"]: each["what_to_do"] for each in found(lines, "setting.wrong")}
        assert wrong.keys() <= told.keys()
        assert all(each.startswith("Must be ") for each in told.values())
