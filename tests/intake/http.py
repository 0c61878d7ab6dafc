"""Requests to intake as tests send them, and problems as they expect them."""

from http import HTTPStatus

from services.intake.access.authentication import new_key
from shared.clock import utc_now
from tests.intake.submissions import body, headers

URL = "/v1/applications"


def post(client, content=None, **more):
    return client.post(URL, content=body() if content is None else content, headers=headers(**more))


def problem(answer, status: HTTPStatus, kind: str) -> dict:
    document = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["type"] == f"urn:cppp:problem:{kind}"
    assert document["status"] == status
    assert document["detail"].endswith(".")
    return document


def api_key(intake, *rights: str) -> tuple[str, dict[str, str]]:
    """Make a key in the service's own collection."""
    key = new_key()
    intake.database["clients"].insert_one(
        {
            "_id": key.id,
            "name": "test",
            "sha256": key.secret_sha256,
            "rights": list(rights),
            "created_at": utc_now(),
            "revoked_at": None,
        }
    )
    return key.id, {"Authorization": f"Bearer {key.text}"}
