"""Making a right body wrong."""

from typing import Any

from tests.requests.booking import Json


def put(body: Json, path: str, value: object) -> Json:
    """The body with another value at a dotted path; `...` takes it away."""
    *parents, last = path.split(".")
    inner: Any = body
    for name in parents:
        inner = inner[int(name)] if name.isdecimal() else inner[name]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return body
