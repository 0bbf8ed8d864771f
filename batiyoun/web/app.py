"""The HTTP application: middleware, error mapping, the features' routes and the web app's files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from batiyoun import __version__
from batiyoun.http import SCHEMA_REF, OriginPolicy, Upload, struct_schemas
from batiyoun.runtime import Runtime
from batiyoun.settings import Settings
from batiyoun.web import health
from batiyoun.web.bodies import BodyLimit, JsonCompression
from batiyoun.web.client import CLIENT_DIR, StaticClient
from batiyoun.web.context import RequestContext
from batiyoun.web.crosssite import CrossSite
from batiyoun.web.headers import SecurityHeaders
from batiyoun.web.problems import MEDIA_TYPE, Failures, Problem, install_handlers

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def origin_policy(settings: Settings) -> OriginPolicy:
    """Which pages may change something on this server, for HTTP and for the socket handshake."""
    return OriginPolicy(settings.public_url, frozenset(settings.allowed_origins), loopback_only=settings.loopback)


def create_web(
    settings: Settings,
    *,
    routers: Sequence[APIRouter],
    state: Mapping[str, Any],
    mounts: Mapping[str, ASGIApp] | None = None,
    uploads: Mapping[str, Upload] | None = None,
    large: Mapping[str, int] | None = None,
    readiness: health.Readiness = health.always_ready,
    lifespan: Lifespan | None = None,
    client_dir: Path = CLIENT_DIR,
    runtime: Runtime | None = None,
) -> FastAPI:
    """Build the application.

    `routers` carry their whole prefix, such as `/api/chats`; `state` becomes `app.state` (`auth`, `users` and what the
    routers read from it); `mounts` are ASGI applications by path prefix, such as Socket.IO's polling; `uploads` are
    paths whose bodies are not JSON. Run it with uvicorn's own `proxy_headers` off: trusted proxies are handled here.
    """
    app = FastAPI(
        title="Batiyoun",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    for name, value in state.items():
        setattr(app.state, name, value)
    app.state.readiness = readiness
    install_handlers(app)
    for router in routers:
        app.include_router(router)
    app.include_router(health.router)
    for path, mounted in (mounts or {}).items():
        app.mount(path, mounted)
    # reached when no route matches, so that a wrong method on a route stays 405
    app.router.default = StaticClient(client_dir)
    _document(app)

    # each one added is put around those before it
    app.add_middleware(CrossSite, policy=origin_policy(settings), uploads=uploads)
    app.add_middleware(BodyLimit, limit=settings.max_body, uploads=uploads, large=large)
    app.add_middleware(JsonCompression)
    app.add_middleware(Failures)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            max_age=600,
        )
    app.add_middleware(SecurityHeaders, secure=settings.secure)
    app.add_middleware(RequestContext, runtime=runtime or Runtime())
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    return app


def _document(app: FastAPI) -> None:
    """Make `app.openapi()` include the msgspec structs and the shape of errors."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas |= struct_schemas()
            _, components = msgspec.json.schema_components([Problem], ref_template=SCHEMA_REF)
            schemas |= components
            for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own shape, which is never sent
                schemas.pop(name, None)
            failed = {
                "description": "An error (RFC 9457).",
                "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMA_REF.format(name="Problem")}}},
            }
            for methods in document["paths"].values():
                for operation in methods.values():
                    operation["responses"].pop("422", None)
                    operation["responses"]["default"] = failed
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
