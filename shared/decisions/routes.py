"""Shows an application's decisions over HTTP."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request

from shared.events.envelope import EventData
from shared.http.ids import PathId
from shared.http.openapi import problem_response
from shared.http.problems import Problem


def decisions_router(event: type[EventData]) -> APIRouter:
    """Return the routes that show decisions; `app.state.decisions` must be the store."""
    router = APIRouter(prefix="/v1", tags=["decisions"])

    @router.get(
        "/decisions/{application_id}",
        response_model=list[event],  # type: ignore[valid-type]  # made at run time
        responses={HTTPStatus.NOT_FOUND: problem_response("No decision is known for it yet.")},
    )
    async def decisions(application_id: PathId, request: Request) -> Any:
        """Return an application's decisions with all reasons, the earliest version first."""
        found = await request.app.state.decisions.of(application_id)
        if not found:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                "no-decision",
                "No decision is known for this application: it may still be on its way. "
                "Ask again soon.",
            )
        return [event.model_validate(each, from_attributes=True) for each in found]

    return router
