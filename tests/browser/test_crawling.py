"""Every link of the site leads somewhere, and every page is there in every language."""

import pytest

from services.portal.web.languages import LANGUAGES

pytestmark = [pytest.mark.plays, pytest.mark.timeout(600)]


def test_every_page_is_there_in_every_language(pages):
    codes = [each.code for each in LANGUAGES]
    paths = [{page[3:] for page in pages if page.startswith(f"/{code}")} for code in codes]

    assert paths[0] == paths[1] == paths[2]
