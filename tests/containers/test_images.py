"""What the services' images contain, and what they must not."""

from pathlib import PurePath

import pytest

from tests.containers.compose import SERVICES, Platform

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

_LIST_FILES = (
    "import pathlib; print(*(p for p in pathlib.Path('.').rglob('*') if p.is_file()), sep='\\n')"
)


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_contains_only_shared_code_and_its_own_service(platform: Platform, service: str):
    files, _ = _sources_and_compiled(platform, service)

    unexpected = [
        each
        for each in files
        if not each.startswith(("shared/", f"services/{service}/"))
        and each not in {"requirements.lock", "services/__init__.py"}
    ]
    assert f"services/{service}/__main__.py" in files
    assert not unexpected
    assert not [each for each in files if each.endswith("Dockerfile")]


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_contains_compiled_code(platform: Platform, service: str):
    sources, compiled = _sources_and_compiled(platform, service)

    modules = {PurePath(each) for each in sources if each.endswith(".py")}
    assert modules == {
        PurePath(each).parent.parent / f"{PurePath(each).name.partition('.')[0]}.py"
        for each in compiled
    }


def _sources_and_compiled(platform: Platform, service: str) -> tuple[list[str], list[str]]:
    files = platform.compose("exec", "-T", service, "python", "-c", _LIST_FILES).split()
    compiled = [each for each in files if "__pycache__" in each]
    return sorted({*files} - {*compiled}), compiled


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_contains_no_secret(platform: Platform, service: str):
    image = platform.containers()[service].image
    assert image is not None

    assert not [each for each in image.attrs["Config"]["Env"] if "SECRET" in each]
    assert platform.environment["INTAKE_ID_SECRET"] not in str(image.attrs) + str(image.history())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_cannot_change_its_own_code(platform: Platform, service: str):
    access = "import os; print(os.access('shared', os.W_OK), os.access('.', os.W_OK))"

    assert platform.compose("exec", "-T", service, "python", "-c", access).split() == ["False"] * 2
