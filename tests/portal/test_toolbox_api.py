"""The Toolbox as open data: the choices of its pages, problems, figures as CSV, caching."""

import csv
from io import StringIO

import httpx
import pytest

from services.portal.app import create_app
from services.portal.toolbox.bands import INVESTMENTS, PAYBACKS
from services.portal.toolbox.matching import Choice, match
from services.portal.toolbox.table import COLUMNS, as_csv


@pytest.fixture
async def api(site):
    app = create_app()
    app.state.site = site
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
        yield client


def ids(found):
    return [each["id"] for each in found]


async def test_without_a_choice_all_technologies_are_there(api, edition):
    answer = (await api.get("/v1/toolbox")).json()

    assert set(ids(answer["fitting"])) == {each.item_id for each in edition.by_kind["technology"]}
    assert answer["unknown"] == []


async def test_a_long_answer_has_pages_that_lead_to_each_other(api, edition, monkeypatch):
    monkeypatch.setattr("services.portal.api.toolbox.PAGE_SIZE", 15)
    address, found = "/v1/toolbox?investment=to-100k&sort=saving", []
    while address:
        answer = (await api.get(address)).json()
        found += [*ids(answer["fitting"]), *ids(answer["unknown"])]
        address = answer["next"]

    whole = match(edition.by_kind["technology"], Choice(investment="to-100k"))
    assert (answer["page"], answer["pages"]) == (2, 2)
    assert len(found) == len(set(found)) == answer["number"]
    assert set(found[: len(whole.fitting)]) == {each.item_id for each in whole.fitting}


@pytest.mark.parametrize("page", ["0", "-1", "x", "10000"])
async def test_what_is_no_page_is_a_problem(api, page):
    assert (await api.get(f"/v1/toolbox?page={page}")).status_code == 422


async def test_a_choice_is_answered_as_on_the_page(api):
    query = "industry=printing-and-publishing&saves=voc&investment=to-500k"
    answer = (await api.get(f"/v1/toolbox?{query}")).json()

    assert set(ids(answer["fitting"])) == {
        "activated-carbon-filter",
        "water-based-inks-solvent-distillation",
    }
    assert ids(answer["unknown"]) == ["regenerative-thermal-oxidiser"]


async def test_an_item_has_its_figures_exactly_and_its_sources(api):
    item = (await api.get("/v1/toolbox/items/activated-carbon-filter")).json()

    [example] = item["examples"]
    figure = example["figures"][0]
    assert (figure["of"], figure["low"], figure["currency"]) == ("investment", "300000", "HKD")
    assert (figure["origin"], figure["year"], figure["source"]) == ("A", 2007, "S26")
    assert figure["year_is_of_source"] is True
    assert "S26" in {each["id"] for each in item["sources"]}
    assert item["words"]["zh-Hant"]["title"]
    assert "C&C" in example["text"]["en"]
    assert item["pages"][0] == "/en/technologies/activated-carbon-filter"
    assert "source" in item["licence"]


@pytest.mark.parametrize("name", ["no-such", "cc-joint-printing", "about"])
async def test_what_is_no_technology_is_a_problem(api, name):
    response = await api.get(f"/v1/toolbox/items/{name}")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert "GET /v1/toolbox lists" in response.json()["detail"]


@pytest.mark.parametrize("name", ["industry", "process", "saves", "investment", "payback", "sort"])
@pytest.mark.parametrize("path", ["/v1/toolbox", "/v1/toolbox/figures.csv"])
async def test_a_choice_that_is_not_offered_is_a_problem_that_names_it(api, path, name):
    response = await api.get(f"{path}?{name}=nonsense")

    assert response.status_code == 422
    problem = response.json()
    assert problem["type"] == "urn:cppp:problem:invalid-parameter"
    [error] = problem["errors"]
    assert error["pointer"] == f"/query/{name}"
    assert "nonsense" not in response.text


async def test_every_band_of_the_page_can_be_asked_for(api):
    for name, bands in (("investment", INVESTMENTS), ("payback", PAYBACKS)):
        for band in bands:
            assert (await api.get(f"/v1/toolbox?{name}={band}")).status_code == 200


async def test_words_and_order_are_those_of_the_page(api):
    answer = (await api.get("/v1/toolbox", params={"q": "活性炭"})).json()
    by_payback = (
        await api.get("/v1/toolbox?sort=payback&process=cooling-and-refrigeration")
    ).json()

    assert ids(answer["fitting"]) == ["activated-carbon-filter"]
    assert ids(by_payback["fitting"])[:3] == [
        "strip-doors-and-air-curtains",  # 1, 2 and 3 months
        "refrigeration-condenser-heat-recovery",
        "lower-refrigeration-pressure",
    ]


async def test_every_figure_is_a_row_that_stands_alone(api, edition):
    response = await api.get("/v1/toolbox/figures.csv")
    rows = list(csv.DictReader(StringIO(response.text.removeprefix("\ufeff"))))

    figures = [
        each
        for item in edition.by_kind["technology"]
        for example in item.technology.examples
        for each in (*example.figures, *example.size, *example.baseline)
    ]
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.text[0] == "\ufeff"
    assert len(rows) == len(figures)
    assert tuple(rows[0]) == COLUMNS
    for row in rows:
        assert row["origin"] in "ABCD"
        assert row["source_address"].startswith("http")
        assert row["licence"]
    [one] = [r for r in rows if (r["item_id"], r["of"]) == ("barrel-insulation", "electricity")]
    assert (one["low"], one["high"], one["unit"], one["year"]) == ("20", "40", "%", "")
    assert one["vendor_claim"] == "true"


@pytest.mark.parametrize("begin", ["=", "＝", "+", "＋", "-", "－", "@", "＠", "\n="])  # noqa: RUF001
def test_a_text_is_no_formula_in_a_spreadsheet(edition, begin):
    item = edition.by_id["barrel-insulation"]
    words = item.words["en"].model_copy(update={"title": f"{begin}HYPERLINK(1)"})
    changed = item.model_copy(update={"words": {**item.words, "en": words}})

    assert f"'{begin}HYPERLINK(1)" in as_csv([changed])


@pytest.mark.parametrize(
    "path",
    ["/v1/toolbox?saves=water", "/v1/toolbox/items/barrel-insulation", "/v1/toolbox/figures.csv"],
)
async def test_what_a_client_has_is_not_sent_again(api, path):
    first = await api.get(path)
    again = await api.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert first.headers["access-control-allow-origin"] == "*"
    assert (again.status_code, again.content) == (304, b"")


async def test_before_anything_was_read_a_client_is_asked_to_try_again(api, site):
    site.as_of = None
    for path in ("/v1/toolbox", "/v1/toolbox/items/x", "/v1/toolbox/figures.csv"):
        response = await api.get(path)
        assert response.status_code == 503
        assert response.headers["retry-after"]
