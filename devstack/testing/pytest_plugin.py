"""Infrastructure and services for tests: `pytest_plugins = ["devstack.testing.pytest_plugin"]`.

Nothing starts before the first test that asks for it. All tests share one Kafka, one MongoDB
and one mail server, so every test makes its own topics, groups and databases.
"""

from collections.abc import Callable, Iterator

import pytest

from devstack.servers.addresses import Addresses
from devstack.stack.folder import StackFolder
from devstack.stack.stack import Stack
from devstack.testing.backends import chosen_backend
from devstack.testing.service_process import ServiceProcess, ServiceProcesses

_OPTION = "--without-infrastructure"
StartService = Callable[..., ServiceProcess]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make unit`."""
    parser.addoption(_OPTION, action="store_true", help="leave out what needs Kafka or MongoDB")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out every test that would start the infrastructure, if that is wanted."""
    if config.getoption(_OPTION):
        without = [item for item in items if "infra" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in without])
        items[:] = without


@pytest.fixture(scope="session")
def infra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Kafka, MongoDB and a mail server for the whole run, chosen by TEST_INFRA."""
    with chosen_backend(StackFolder(tmp_path_factory.mktemp("infra"))) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def service_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack without any program: tests add services to it."""
    with Stack(StackFolder(tmp_path_factory.mktemp("services")), {}, ()) as stack:
        yield stack


@pytest.fixture
def service_process(infra: Addresses, service_stack: Stack) -> Iterator[StartService]:
    """Start `services.<name>` as a program; all are stopped at the end of the test.

    See `ServiceProcesses.start` for the arguments.
    """
    processes = ServiceProcesses(service_stack, infra)
    yield processes.start
    processes.stop_all()  # together, and politely: the next test's consumers need not wait
