"""What the services' images contain, and what they do not."""

import pytest

from tests.containers.compose import SERVICES, Platform

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

_LIST_FILES = (
    "import pathlib; print(*(p for p in pathlib.Path('.').rglob('*') if p.is_file()), sep='\\n')"
)


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_has_shared_code_and_its_own_service_alone(platform: Platform, service: str):
    files = platform.compose("exec", "-T", service, "python", "-c", _LIST_FILES).split()

    strangers = [
        each
        for each in files
        if not each.startswith(("shared/", f"services/{service}/"))
        and each not in {"requirements.lock", "services/__init__.py"}
    ]
    assert f"services/{service}/__main__.py" in files
    assert not strangers
    assert not [each for each in files if "__pycache__" in each or each.endswith("Dockerfile")]


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_no_secret(platform: Platform, service: str):
    image = platform.containers()[service].image
    assert image is not None

    assert not [each for each in image.attrs["Config"]["Env"] if "SECRET" in each]
    assert platform.environment["INTAKE_ID_SECRET"] not in str(image.attrs) + str(image.history())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_cannot_change_its_own_code(platform: Platform, service: str):
    attempt = "import os; print(os.access('shared', os.W_OK), os.access('.', os.W_OK))"

    assert platform.compose("exec", "-T", service, "python", "-c", attempt).split() == ["False"] * 2
