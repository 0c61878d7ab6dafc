"""The OpenAPI description of what the framework does not see: raw bodies, answers and problems."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from services.eligibility.assessments.answer import Assessment
from services.eligibility.assessments.questions import AssessmentRequest
from shared.events.doors import at_doors
from shared.http.openapi import Responses, add_schemas, problem_response

_REFERENCES: Final = "#/components/schemas/{model}"
_NO_STORE: Final = {
    "Cache-Control": {"description": "`no-store`", "schema": {"type": "string"}},
}
EXAMPLES: Final[dict[str, Any]] = {
    "a few answers": {
        "application": {
            "stream": "new-technology",
            "connection": {"ground": "1b"},
            "factory": {"place": "guangdong", "industry": "textiles"},
            "technology": {"on_technology_list": True, "developed_by": "hong-kong"},
        }
    },
    "all that the rules judge": {
        "application": {
            "stream": "assessment",
            "enterprise": {"business_registration_valid_until": "2024-12-31"},
            "connection": {
                "ground": "1d",
                "mainland_share_percent": "50.01",
                "hong_kong_share_percent": "30",
                "same_resident": True,
                "holder_is_natural_person": True,
                "holder_is_hong_kong_resident": True,
            },
            "factory": {
                "registration_number": "91441900PDY00001XE",
                "place": "guangdong",
                "industry": "textiles",
                "owned_by": "other-mainland-enterprise",
                "operated_by": "other-mainland-enterprise",
            },
            "project": {
                "cost_cents": 8000000,
                "starts_on": "2024-07-01",
                "ends_on": "2024-09-30",
                "quotations": 5,
                "requested_cents": 4000000,
                "other_public_funding": False,
            },
        },
        "as_of": "2024-06-03",
    },
    "an organisation": {
        "application": {
            "stream": "organisation-support",
            "organisation": {"kind": "trade-association", "based_in_hong_kong": True},
            "project": {"cost_cents": 10000000},
        },
        "as_of": "2024-06-03",
    },
}

ASSESS_RESPONSES: Final[Responses] = {
    HTTPStatus.OK: {
        "description": "What the rules say to the answers.",
        "content": {
            "application/json": {"schema": {"$ref": _REFERENCES.format(model="Assessment")}}
        },
        "headers": _NO_STORE,
    },
    HTTPStatus.BAD_REQUEST: problem_response("The body is not JSON."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: problem_response("The body is over the limit."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: problem_response("The body is not declared to be JSON."),
    HTTPStatus.UNPROCESSABLE_ENTITY: problem_response("Fields are invalid: see `errors`."),
    HTTPStatus.TOO_MANY_REQUESTS: problem_response(
        "This process answers no more dry runs at the moment.", "Retry-After"
    ),
}
ASSESS_REQUEST: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": _REFERENCES.format(model="AssessmentRequest")},
                "examples": {name: {"value": each} for name, each in EXAMPLES.items()},
            }
        },
    },
}


def describe_assessments(app: FastAPI) -> None:
    """Add the schemas that the route refers to to the application's OpenAPI document."""
    request = _schemas("AssessmentRequest", at_doors(AssessmentRequest), "validation")
    add_schemas(app, request | _schemas("Assessment", Assessment, "serialization"))


def _schemas(name: str, kind: Any, mode: JsonSchemaMode) -> dict[str, Any]:
    schema = TypeAdapter(kind).json_schema(ref_template=_REFERENCES, mode=mode)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    return {**definitions, name: schema}
