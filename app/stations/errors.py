"""What this room refuses.

NotFound
└── StationUnknown     404  a station's code that the network doesn't have
Invalid                422  a filter that the network doesn't know (with suggestions), a cursor, a range of days
"""

from collections.abc import Iterable

from app.kit.i18n import lazy, tr
from app.kit.problems import FieldError, Invalid, NotFound

Suggestion = dict[str, str]


class StationUnknown(NotFound):
    """Raised with `station_code`, and `suggestions` of codes that look alike."""

    code = "station_unknown"
    detail = lazy("There is no station with the code {station_code}.")


def county_unknown(county: str, suggestions: Iterable[Suggestion]) -> tuple[FieldError, list[Suggestion]]:
    """The fault of a county that is neither a code nor a name, present or former; and what may have been meant."""
    found = list(suggestions)
    if found:
        error = FieldError("county", "county_unknown", "No county is called “{value}”. Did you mean {suggestions}?")
    else:
        error = FieldError("county", "county_unknown", "No county is called “{value}”. Please choose from the list.")
    return _filled(error, county, found), found


def service_unknown(service: str, suggestions: Iterable[Suggestion]) -> tuple[FieldError, list[Suggestion]]:
    found = list(suggestions)
    if found:
        error = FieldError("service", "service_unknown", "There is no service “{value}”. Did you mean {suggestions}?")
    else:
        error = FieldError(
            "service", "service_unknown", "There is no service “{value}”. Please look it up in the list of services."
        )
    return _filled(error, service, found), found


def _filled(error: FieldError, value: str, suggestions: list[Suggestion]) -> FieldError:
    words = " · ".join(f"{tr(suggestion, 'name')} ({suggestion['code']})" for suggestion in suggestions)
    return FieldError(error.field, error.code, error.message, {"value": value, "suggestions": words})


def unknown(faults: Iterable[tuple[FieldError, list[Suggestion]]]) -> Invalid:
    """All of them at once, with what may have been meant as a member of its own for programs."""
    errors, suggestions = zip(*faults, strict=True)
    return Invalid(errors=list(errors), suggestions=[each for found in suggestions for each in found])


def range_reversed() -> Invalid:
    return Invalid(errors=[FieldError("to", "range_reversed", "The last day must not be before the first.")])


def range_too_long(most: int) -> Invalid:
    error = FieldError("to", "range_too_long", "Please ask for at most {most} days at once.", {"most": most})
    return Invalid(errors=[error])
