"""Puts the guard around the application."""

from typing import Any, Final

from fastapi import FastAPI
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.portal.guard.errors import add_error_pages
from services.portal.guard.headers import SecurityHeaders
from services.portal.guard.limits import Limits
from services.portal.settings import PortalSettings
from shared.http.rate_limit import RateLimit

_BEHIND_PROXIES: Final[Any] = ProxyHeadersMiddleware  # has ASGI types of its own


def protect(app: FastAPI, settings: PortalSettings) -> None:
    """Guard an application that has all its routes, error handlers and middleware."""
    add_error_pages(app)
    # Innermost, so that refusals are counted and compressed as every answer is.
    app.user_middleware.append(Middleware(Limits, RateLimit(settings.per_minute)))
    # Outermost, because the framework answers defects outside of all middleware.
    stack: Any = SecurityHeaders(
        app.build_middleware_stack(), always_tls=settings.public_url.startswith("https:")
    )
    if settings.trusted_proxies:
        stack = _BEHIND_PROXIES(stack, trusted_hosts=settings.trusted_proxies)
    app.middleware_stack = stack
    app.state.public_url = settings.public_url
