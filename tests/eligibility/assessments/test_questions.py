"""What a dry run may be asked has the fields of the form, of which fewer must be stated."""

import pytest
from hypothesis import given

from services.eligibility.assessments.questions import (
    AskedEnterprise,
    AskedFactory,
    AskedFactoryProject,
    AskedNewTechnology,
    AskedOrganisation,
    AskedOrganisationSupport,
    AskedProject,
    AskedTechnology,
    AssessmentRequest,
    completed,
)
from shared.events.between_fields import application_breaches
from shared.events.intake import (
    Enterprise,
    Factory,
    FactoryProjectApplication,
    NewTechnologyApplication,
    Organisation,
    OrganisationSupportApplication,
    Project,
    Technology,
)
from tests.eligibility.strategies import applications
from tests.factories import merged

PAIRS = [
    (AskedEnterprise, Enterprise),
    (AskedFactory, Factory),
    (AskedProject, Project),
    (AskedTechnology, Technology),
    (AskedOrganisation, Organisation),
    (AskedFactoryProject, FactoryProjectApplication),
    (AskedNewTechnology, NewTechnologyApplication),
    (AskedOrganisationSupport, OrganisationSupportApplication),
]
FEW = {
    "assessment": {
        "connection": {"ground": "1b"},
        "factory": {"place": "guangdong", "industry": "textiles"},
    },
    "new-technology": {
        "connection": {"ground": "2"},
        "factory": {"place": "hong-kong", "industry": "other"},
        "technology": {"on_technology_list": False, "developed_by": "others"},
    },
    "organisation-support": {
        "organisation": {"kind": "trade-association", "based_in_hong_kong": True}
    },
}


def asked(stream, **changes):
    application = merged({"stream": stream, **FEW[stream]}, changes)
    return AssessmentRequest.model_validate({"application": application}, strict=False).application


@pytest.mark.parametrize(("part", "of_form"), PAIRS, ids=lambda each: each.__name__)
def test_every_part_has_the_fields_of_the_form(part, of_form):
    assert part.model_fields.keys() == of_form.model_fields.keys()
    required = {name for name, each in part.model_fields.items() if each.is_required()}
    assert required <= {n for n, each in of_form.model_fields.items() if each.is_required()}


@given(applications)
def test_an_application_that_is_complete_stays_as_it_is(application):
    data = {"application": application.model_dump(mode="json")}
    request = AssessmentRequest.model_validate(data, strict=False)

    assert completed(request.application) == application


@pytest.mark.parametrize("stream", FEW)
def test_placeholders_make_an_application_that_breaks_no_rule(stream):
    for project in ({}, {"starts_on": "2026-12-01"}, {"ends_on": "2026-12-01"}):
        application = completed(asked(stream, project=project))

        assert application.stream == stream
        assert list(application_breaches(application)) == []


def test_a_placeholder_replaces_nothing_that_is_stated():
    application = completed(asked("assessment", project={"cost_cents": 7, "quotations": 0}))

    assert (application.project.cost_cents, application.project.quotations) == (7, 0)
