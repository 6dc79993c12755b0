"""Structured logs: one line an event, each with the request's id; no query strings, no bodies, no personal data."""

import logging
import re
import sys
from typing import Any, Literal

import structlog
from asgi_correlation_id import correlation_id
from starlette.types import Scope
from structlog.types import EventDict, Processor

QUIET = ("/healthz", "/readyz", "/metrics", "/static/")
SECRET = re.compile(r"(?<=/)[\w-]{40,}")
"""What stands in the path of a mailed link (see `ids.new_secret`); whoever reads the log could use it."""


def configure(level: str, form: Literal["console", "json"]) -> None:
    """All loggers, ours and the libraries', write the same form to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the rich one prints locals: what people typed
        )
        if form == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    formatting: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form == "json":
        formatting.append(structlog.processors.format_exc_info)
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*formatting, final]))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # it writes query strings, and points are personal
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _request_id(_logger: Any, _method: str, event: EventDict) -> EventDict:  # noqa: ANN401 - structlog's signature
    if request_id := correlation_id.get():
        event["request_id"] = request_id
    return event


class AccessLog:
    """One line an answered request: method, path without the query and without secrets, status, milliseconds."""

    def __init__(self) -> None:
        self._logger = structlog.get_logger("onestop.access")

    def __call__(self, scope: Scope, status: int, seconds: float) -> None:
        if not scope["path"].startswith(QUIET):
            self._logger.info(
                "request",
                method=scope["method"],
                path=SECRET.sub("…", scope["path"]),
                status=status,
                ms=round(seconds * 1000, 1),
            )
