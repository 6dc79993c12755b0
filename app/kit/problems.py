"""Errors that a caller can do something about: one class serves JSON (RFC 9457) and pages.

A subclass carries a stable `code`, an HTTP `status` and a `detail` sentence with {named} places; the data that fills
them is given when it is raised. Sentences are looked up in the caller's language when the answer is written, never
when the error is raised, so a service needs to know neither HTTP nor the language.

    Problem
    ├── Invalid        422  the input can be corrected; `errors` names the fields
    ├── NotFound       404
    ├── Conflict       409  somebody was faster, or the state has moved on
    ├── Forbidden      403
    ├── TooMany        429  a limit of this caller; `retry_after` in seconds
    └── Unavailable    503  ours to mend; `retry_after` in seconds
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from app.kit.i18n import LazyString, gettext, lazy

MEDIA_TYPE = "application/problem+json"


@dataclasses.dataclass(frozen=True)
class FieldError:
    """One field at fault: its dotted path, a stable code and a sentence that says what to do.

    `message` is an English msgid, translated when shown; `data` fills its {named} places.
    """

    field: str
    code: str
    message: str
    data: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def sentence(self) -> str:
        return gettext(self.message).format(**self.data)


class Problem(Exception):  # noqa: N818 - the RFC's word, and the house's
    """Base of all errors that are answers. Keyword arguments fill the sentence and are sent as extra members."""

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    detail: ClassVar[LazyString] = lazy("The request could not be carried out.")

    def __init__(
        self, *, errors: list[FieldError] | None = None, headers: Mapping[str, str] | None = None, **data: Any
    ) -> None:
        super().__init__(self.code)
        self.errors = errors or []
        self.headers = dict(headers or {})
        self.data = data

    def sentence(self) -> str:
        """The detail in the language of the current context."""
        return self.detail.format(**self.data)

    def body(self) -> dict[str, object]:
        """The RFC 9457 members, data included; values must be JSON."""
        members: dict[str, object] = {
            "type": f"urn:onestop:problem:{self.code}",
            "title": str(TITLES.get(self.status, UNTITLED)),
            "status": self.status,
            "detail": self.sentence(),
            "code": self.code,
        }
        if self.errors:
            members["errors"] = [{"field": e.field, "code": e.code, "message": e.sentence()} for e in self.errors]
        return {**self.data, **members}


class Invalid(Problem):
    code, status = "invalid", 422
    detail = lazy("Some of what was sent cannot be used. Each field at fault is named below.")


class NotFound(Problem):
    code, status = "not_found", 404
    detail = lazy("There is nothing at this address.")


class MethodNotAllowed(Problem):
    code, status = "method_not_allowed", 405
    detail = lazy("This address does not take that method.")


class NotAcceptable(Problem):
    code, status = "not_acceptable", 406
    detail = lazy("This address cannot answer in the format that was asked for.")


class Conflict(Problem):
    code, status = "conflict", 409
    detail = lazy("Things have changed in the meantime. Please look again.")


class Forbidden(Problem):
    code, status = "forbidden", 403
    detail = lazy("You may not do this.")


class TooLarge(Problem):
    code, status = "too_large", 413
    detail = lazy("This is more than can be taken at once. Please send less.")


class UnsupportedMedia(Problem):
    code, status = "unsupported_media_type", 415
    detail = lazy("Please send JSON, with the header Content-Type: application/json.")


class TooMany(Problem):
    code, status = "too_many_requests", 429
    detail = lazy("That was too often in a short time. Please wait a moment and try again.")

    def __init__(self, *, retry_after: int = 60, **data: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, retry_after=retry_after, **data)


class Unavailable(Problem):
    code, status = "unavailable", 503
    detail = lazy("The service is not available for a moment. Please try again shortly; nothing was changed.")

    def __init__(self, *, retry_after: int = 5, **data: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, retry_after=retry_after, **data)


TITLES: Mapping[int, LazyString] = {
    400: lazy("Bad request"),
    401: lazy("Please sign in"),
    403: lazy("Not allowed"),
    404: lazy("Not found"),
    405: lazy("Method not allowed"),
    406: lazy("Format not available"),
    409: lazy("No longer possible"),
    410: lazy("No longer valid"),
    413: lazy("Too large"),
    415: lazy("Wrong content type"),
    422: lazy("Please check what you sent"),
    429: lazy("Too many requests"),
    500: lazy("Something went wrong"),
    503: lazy("Not available"),
}
UNTITLED = lazy("Error")


class FieldErrorOut(BaseModel):
    """A field at fault, as sent."""

    field: str
    code: str
    message: str


class ProblemOut(BaseModel, extra="allow"):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; never changes with the language.")
    errors: list[FieldErrorOut] = Field(default_factory=list)


def problem_responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """What a route declares as `responses=`: its problems by status, each with its codes in the description."""
    by_status: dict[int, list[str]] = {}
    for problem in problems:
        by_status.setdefault(problem.status, []).append(problem.code)
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {
        status: {
            "description": " · ".join(f"`{code}`" for code in codes),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status, codes in sorted(by_status.items())
    }
