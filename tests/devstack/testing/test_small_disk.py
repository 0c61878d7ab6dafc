"""A disk that is full, and has room again."""

import sys
from dataclasses import replace

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from devstack.errors import StackError
from devstack.servers.mongodb import mongodb
from devstack.stack.ports import free_ports
from devstack.stack.program import Program
from devstack.stack.stack import Stack
from devstack.testing.small_disk import SmallDisk, why_no_small_disk
from devstack.waiting import wait_until
from tests.waiting import DEADLINE_SECONDS

WRITER = """
import pathlib, sys, time
place = pathlib.Path(sys.argv[1])
while True:
    try:
        with (place / "file").open("ab") as file:
            file.write(bytes(5_000))
        print("written", flush=True)
    except OSError as error:
        print(error.strerror, flush=True)
    time.sleep(0.05)  # so slowly that it never fills the disk by itself
"""
pytestmark = pytest.mark.skipif(bool(why_no_small_disk()), reason=str(why_no_small_disk()))


@pytest.fixture
def disk(folder):
    return SmallDisk(folder.data / "small", megabytes=10)


def test_a_missing_program_is_an_error_and_no_reason_to_skip(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _name: None)

    with pytest.raises(StackError, match="unshare must be installed"):
        why_no_small_disk()


def test_writing_to_a_full_disk_fails_until_there_is_room_again(folder, disk):
    writer = Program("writer", (sys.executable, "-c", WRITER, str(disk.place)), lambda: True)
    with Stack(folder, {}, [disk.program()]) as stack:
        stack.add_program(disk.carrying(writer))
        assert wait_until(lambda: "written" in stack.log("writer"), DEADLINE_SECONDS)

        disk.fill()
        assert wait_until(lambda: "No space left" in last_line(stack), DEADLINE_SECONDS)
        disk.free()
        assert wait_until(lambda: last_line(stack) == "written", DEADLINE_SECONDS)

    assert list(disk.place.iterdir()) == []  # it was the writer's alone


def last_line(stack):
    return stack.log("writer").splitlines()[-1]


@pytest.mark.timeout(180)
def test_mongodb_dies_of_a_full_disk_and_restarts_with_all_acknowledged_writes(folder):
    ports = free_ports(["mongodb"])
    disk = SmallDisk(folder.data / "mongodb", megabytes=500)
    with Stack(folder, ports, [disk.program()]) as stack:
        program = mongodb(disk.place, ports)
        eager = replace(program, command=(*program.command, "--syncdelay", "1"))
        stack.add_program(disk.carrying(eager))
        url = f"mongodb://127.0.0.1:{ports['mongodb']}/?directConnection=true"
        with MongoClient(url, w="majority", journal=True, timeoutMS=5000) as client:
            things = client.test.things
            disk.fill()
            confirmed = write_until_refused(things)
            died = wait_until(lambda: "No space left" in stack.log("mongodb"), DEADLINE_SECONDS)
            disk.free()
            stack.wait_ready("mongodb")

            assert died
            assert things.count_documents({"_id": {"$lt": confirmed}}) == confirmed


def write_until_refused(things):
    number = 0
    try:
        while True:
            things.insert_one({"_id": number, "text": "x" * 100_000})
            number += 1
    except PyMongoError:
        return number
