"""The service as a process."""

import httpx

from services.operations.settings import SERVICE


def test_it_shows_a_page_and_metrics(service_process):
    service = service_process(SERVICE)

    page, metrics = httpx.get(service.url), httpx.get(f"{service.url}/metrics")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'cppp_build_info{service="operations"' in metrics.text
