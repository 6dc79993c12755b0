"""Every error as an answer: problem details for programs, a page with the next step for people."""

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import psycopg
import structlog
from asgi_correlation_id import correlation_id
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.i18n import lazy
from app.kit.problems import (
    MEDIA_TYPE,
    Conflict,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    TooMany,
    Unavailable,
    UnsupportedMedia,
)
from app.kit.validation import field_errors
from app.web.check import FormWorkNeeded, work_page
from app.web.failures import error_page

logger = structlog.get_logger(__name__)
PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")
REFUSALS = frozenset({401, 403, 429})
Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


class Internal(Problem):
    code, status = "internal", 500
    detail = lazy("Something went wrong on our side. It has been noted; nothing was changed. Please try again later.")


class BadRequest(Problem):
    code, status = "bad_request", 400
    detail = lazy("What was sent could not be read.")


BY_STATUS: dict[int, type[Problem]] = {
    problem.status: problem
    for problem in (BadRequest, Forbidden, NotFound, MethodNotAllowed, Conflict, TooLarge, UnsupportedMedia, Invalid)
} | {429: TooMany}


def wants_json(request: Request) -> bool:
    """Programs call below /api and the addresses for operation, or ask for JSON and not for HTML, or for a stream."""
    accept = request.headers.get("accept", "")
    streamed = "event-stream" in accept
    return streamed or request.url.path.startswith(PROGRAMS) or ("json" in accept and "text/html" not in accept)


def answer(request: Request, problem: Problem) -> Response:
    _note(request, problem)
    if wants_json(request):
        return JSONResponse(problem.body(), problem.status, problem.headers, media_type=MEDIA_TYPE)
    incident = (correlation_id.get() or "") if problem.status >= Internal.status else ""
    return error_page(request, problem.status, problem.sentence(), incident=incident, headers=problem.headers)


def _note(request: Request, problem: Problem) -> None:
    """What somebody tried who may not, or too often: for whoever watches the log. By id only, without a name."""
    if problem.status in REFUSALS:
        person = getattr(getattr(request.state, "caller", None), "person_id", None)
        logger.warning("refused", code=problem.code, status=problem.status, person=str(person) if person else None)


async def on_problem(request: Request, problem: Problem) -> Response:
    if isinstance(problem, FormWorkNeeded) and not wants_json(request):
        _note(request, problem)
        return work_page(request, problem)
    return answer(request, problem)


async def on_invalid(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    sent = request.headers.get("content-type", "")
    if any(e["loc"] == ("body",) for e in found) and sent and "json" not in sent and wants_json(request):
        return answer(request, UnsupportedMedia())
    return answer(request, Invalid(errors=field_errors(found)))


async def on_http(request: Request, error: HTTPException) -> Response:
    problem = BY_STATUS.get(error.status_code, BadRequest)()
    problem.headers.update(error.headers or {})
    return answer(request, problem)


async def on_lost_database(request: Request, error: Exception) -> Response:
    """The database is away or overrun: an ordinary answer that says when to come back."""
    logger.warning("database_unavailable", error=type(error).__name__)
    return answer(request, Unavailable())


async def on_database_error(request: Request, error: DBAPIError) -> Response:
    if error.connection_invalidated or isinstance(getattr(error.orig, "orig", error.orig), psycopg.OperationalError):
        return await on_lost_database(request, error)
    return await on_anything(request, error)


async def on_anything(request: Request, error: Exception) -> Response:
    logger.error("internal_error", exc_info=error)
    return answer(request, Internal())


def install_errors(app: FastAPI) -> None:
    handlers: dict[type[Exception], Handler] = {
        Problem: on_problem,
        RequestValidationError: on_invalid,
        HTTPException: on_http,
        DBAPIError: on_database_error,
        psycopg.OperationalError: on_lost_database,
        PoolTimeout: on_lost_database,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


class LastResortMiddleware:
    """Turns what nobody expected into an answer, inside of the other middleware: with their headers and language."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            response = await on_anything(Request(scope, receive), error)
            await response(scope, receive, send)


class BodySizeMiddleware:
    """Refuses a body that is too large, in our words: at once when its length is announced, else when it gets there.

    Starlette's own limit answers in plain text, which is not what our document promises. `elsewhere` has other limits
    for paths that match a pattern wholly.
    """

    def __init__(self, app: ASGIApp, *, most: int, elsewhere: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.most = most
        self.elsewhere = [(re.compile(pattern), limit) for pattern, limit in (elsewhere or {}).items()]

    def _limit(self, path: str) -> int:
        return next((limit for pattern, limit in self.elsewhere if pattern.fullmatch(path)), self.most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._limit(scope["path"])
        if _announced(scope) > most or await self._passes(scope, receive, send, most):
            await answer(Request(scope, receive), TooLarge())(scope, receive, send)

    async def _passes(self, scope: Scope, receive: Receive, send: Send, most: int) -> bool:
        """Let the application answer; whether its body passed the limit, and then nothing was sent."""
        taken = 0

        async def counting() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return {"type": "http.disconnect"} if taken > most else message

        async def guarded(message: Message) -> None:
            if taken <= most:
                await send(message)

        try:
            await self.app(scope, counting, guarded)
        except ClientDisconnect:
            if taken <= most:
                raise
        return taken > most


def _announced(scope: Scope) -> int:
    length: bytes = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0


async def refuse_cross_origin(scope: Scope, receive: Receive, send: Send) -> None:
    """What CrossOriginProtection answers with: a form on another site was about to act in a visitor's name."""
    await answer(Request(scope, receive), Forbidden())(scope, receive, send)
