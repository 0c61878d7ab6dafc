"""Infrastructure and services for tests: `pytest_plugins = ["devstack.testing.pytest_plugin"]`.

Nothing starts before the first test that asks for it. All tests of a worker share one Kafka, one
MongoDB and one mail server, so every test creates its own topics, groups and databases. Workers
(pytest-xdist's) share nothing: services use fixed names of topics, groups and databases.
"""

import gc
import os
from collections.abc import Callable, Generator, Iterator

import psutil  # type: ignore[import-untyped]  # has no type information
import pytest

from devstack.servers.addresses import Addresses
from devstack.stack import ports
from devstack.stack.folder import StackFolder
from devstack.stack.stack import Stack
from devstack.testing.backends import can_start_several, chosen_backend
from devstack.testing.service_process import ServiceProcess, ServiceProcesses

_OPTION = "--without-infrastructure"
_WORKERS_A_CORE = 2  # tests wait for servers about half of their time
_MOST_WORKERS = 4
_WORKER_BYTES = 1_500_000_000  # each runs a Kafka and a MongoDB of its own, and services
StartService = Callable[..., ServiceProcess]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make unit`."""
    parser.addoption(_OPTION, action="store_true", help="leave out what needs Kafka or MongoDB")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` starts; none means that the tests run one by one."""
    if not can_start_several():
        return 0
    room = int(psutil.virtual_memory().available) // _WORKER_BYTES
    return max(1, min(_WORKERS_A_CORE * (os.cpu_count() or 1), _MOST_WORKERS, room))


def pytest_configure() -> None:
    """Give each worker ports of its own: a free port is not taken before its program listens."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        ports.FREE_PORTS = ports.FREE_PORTS[int(worker.removeprefix("gw")) % count :: count]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what is collected out of every garbage collection: it lives as long as the process.

    Looking at it again and again would take a third of the collection, and time of the tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect every test that would start the infrastructure, if asked to."""
    if config.getoption(_OPTION):
        starting = {item for item in items if _starts_servers(item)}
        config.hook.pytest_deselected(items=list(starting))
        items[:] = [item for item in items if item not in starting]


def _starts_servers(item: pytest.Item) -> bool:
    uses_infrastructure = "infra" in getattr(item, "fixturenames", ())
    return uses_infrastructure or item.get_closest_marker("plays") is not None


@pytest.fixture(scope="session")
def infra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Kafka, MongoDB and a mail server for all tests of a worker, chosen by TEST_INFRA."""
    with chosen_backend(StackFolder(tmp_path_factory.mktemp("infra"))) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def service_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An empty stack, to which tests add services."""
    with Stack(StackFolder(tmp_path_factory.mktemp("services")), {}, ()) as stack:
        yield stack


@pytest.fixture
def service_process(infra: Addresses, service_stack: Stack) -> Iterator[StartService]:
    """A function that starts `services.<name>` as a program, until the end of the test.

    See `ServiceProcesses.start` for the arguments.
    """
    processes = ServiceProcesses(service_stack, infra)
    yield processes.start
    processes.stop_all()  # by SIGTERM: the next test need not wait for members that are gone
