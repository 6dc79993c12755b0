"""What this room refuses.

NotFound
└── ServiceUnknown     404  a code that the catalogue doesn't have, or a service no longer offered
Invalid                422  a category that the catalogue doesn't have, a cursor that isn't ours
"""

from collections.abc import Iterable

from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid, NotFound


class ServiceUnknown(NotFound):
    """Raised with `service_code`."""

    code = "service_unknown"
    detail = lazy("There is no service with the code {service_code}.")


def category_unknown(category: str, known: Iterable[str]) -> Invalid:
    error = FieldError(
        "category",
        "category_unknown",
        "There is no category “{value}”. Please use one of: {known}.",
        {"value": category, "known": ", ".join(known)},
    )
    return Invalid(errors=[error])
