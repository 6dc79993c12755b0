"""What can go wrong, one class for each kind. `code` says exactly what, and never changes with the language.

OneStopError
├── Unreachable          no answer came: the network, or the portal is down
├── UnexpectedAnswer     an answer that isn't the portal's, such as a proxy's page
└── Problem              the portal said no (RFC 9457, application/problem+json)
    ├── SignInNeeded     401
    ├── Forbidden        403
    ├── NotFound         404
    ├── Conflict         409   somebody was quicker, or the step can't be taken now
    ├── Invalid          422   `errors` names each field at fault
    ├── TooManyCalls     429   `retry_after` says how long to wait
    └── Unavailable      503
"""

from typing import Any, NamedTuple

import httpx


class OneStopError(Exception):
    """Any fault of a call."""


class Unreachable(OneStopError):  # noqa: N818 - what went wrong is its name
    """No answer came. A write with an idempotency key can be sent again without being done twice."""


class UnexpectedAnswer(OneStopError):  # noqa: N818
    """An answer that the contract doesn't have."""

    def __init__(self, status: int, content: bytes) -> None:
        super().__init__(f"HTTP {status}: {content[:200]!r}")
        self.status, self.content = status, content


class FieldFault(NamedTuple):
    """What is wrong with one field, in the language that was asked for."""

    field: str
    code: str
    message: str


class Problem(OneStopError):  # noqa: N818
    """The portal's refusal. `more` has what it says beyond: of a lost race the next free times, for example."""

    def __init__(self, said: dict[str, Any], retry_after: float | None = None) -> None:
        self.status: int = said["status"]
        self.code: str = said["code"]
        self.title: str = said["title"]
        self.detail: str = said["detail"]
        self.errors = [FieldFault(each["field"], each["code"], each["message"]) for each in said.get("errors", [])]
        self.more = {name: value for name, value in said.items() if name not in KNOWN}
        self.retry_after = retry_after
        super().__init__("; ".join([f"{self.code}: {self.detail}", *(f"{e.field}: {e.message}" for e in self.errors)]))


KNOWN = {"type", "title", "status", "detail", "code", "errors"}


class SignInNeeded(Problem):
    """401."""


class Forbidden(Problem):
    """403."""


class NotFound(Problem):
    """404."""


class Conflict(Problem):
    """409."""


class Invalid(Problem):
    """422."""


class TooManyCalls(Problem):
    """429."""


class Unavailable(Problem):
    """503."""


BY_STATUS: dict[int, type[Problem]] = {
    401: SignInNeeded,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooManyCalls,
    503: Unavailable,
}


def check(response: httpx.Response) -> None:
    """Raises the Problem that an answer tells of, UnexpectedAnswer for one that tells of none."""
    if response.status_code < httpx.codes.BAD_REQUEST:
        return
    if not response.headers.get("content-type", "").startswith("application/problem+json"):
        raise UnexpectedAnswer(response.status_code, response.content)
    wait = response.headers.get("retry-after", "")
    raise BY_STATUS.get(response.status_code, Problem)(response.json(), float(wait) if wait.isdigit() else None)
