"""Every service describes what each of its routes may answer."""

import re
from importlib import import_module

import pytest

from devstack.servers.service import service_names

OF_EVERY_ROUTE = {"400", "408", "431"}


@pytest.fixture(params=service_names())
def document(request, monkeypatch):
    monkeypatch.setenv("INTAKE_ID_SECRET", "only good enough for tests".ljust(40))
    return import_module(f"services.{request.param}.app").create_app().openapi()


def operations(document, method: str = ""):
    return [
        each
        for path in document["paths"].values()
        for name, each in path.items()
        if name == method or not method
    ]


def test_what_the_server_answers_to_every_request_is_described(document):
    for each in operations(document):
        assert set(each["responses"]) >= OF_EVERY_ROUTE
        for status in OF_EVERY_ROUTE | ({"422"} & set(each["responses"])):
            assert "application/problem+json" in each["responses"][status]["content"]


def test_representations_are_described_with_their_etag(document):
    assert operations(document, "get")
    for each in operations(document, "get"):
        assert "ETag" in each["responses"]["200"]["headers"]
        assert "ETag" in each["responses"]["304"]["headers"]
        assert [p["name"] for p in each["parameters"]].count("If-None-Match") == 1


def test_ids_in_paths_may_be_in_any_case(document):
    parameters = [p for each in operations(document) for p in each.get("parameters", [])]
    for each in parameters:
        if each["name"] == "application_id":
            assert re.search(each["schema"]["pattern"], "383DD6C4-d698-8d4c-899f-4659b671ad9c")


def test_everything_that_is_referred_to_is_there(document):
    schemas = document["components"]["schemas"]
    referred = set(re.findall(r"#/components/schemas/(\w+)", repr(document)))

    assert referred <= set(schemas)
    assert "Problem" in referred
    assert "HTTPValidationError" not in schemas


def test_the_description_can_be_asked_for_again(document, request):
    again = import_module(f"services.{request.node.callspec.params['document']}.app")
    app = again.create_app()

    assert app.openapi() == document
    assert app.openapi() == document
