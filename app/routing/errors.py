"""What this room refuses: all are `Invalid` (422) and name the fields at fault.

service_unknown · service_repeated · origin_missing · origin_twice · point_swapped · point_outside_country ·
town_unknown · past_date · beyond_horizon
"""

from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

from app.kit.geo import PointError
from app.kit.problems import FieldError, Invalid
from app.stations.errors import service_unknown

MOST_SUGGESTIONS, LIKENESS = 3, 70


def services_unknown(unknown: Sequence[str], names: Mapping[str, tuple[str, str]]) -> Invalid:
    """Codes that are not among `names` (code to Chinese and English name), with those that look most like them."""
    faults = [service_unknown(code, _alike(code, names)) for code in unknown]
    return Invalid(
        errors=[error for error, _ in faults], suggestions=[each for _, suggestions in faults for each in suggestions]
    )


def _alike(asked: str, names: Mapping[str, tuple[str, str]]) -> list[dict[str, str]]:
    """The services whose code, or whose name in either language, is most like what was asked for."""

    def likeness(query: str, code: str, **_: object) -> float:
        return max(fuzz.ratio(query, code.lower()), *(fuzz.ratio(query, name.lower()) for name in names[code]))

    found = process.extract(asked.lower(), list(names), scorer=likeness, limit=MOST_SUGGESTIONS, score_cutoff=LIKENESS)
    return [{"code": code, "name_zh": names[code][0], "name_en": names[code][1]} for code, _score, _place in found]


def origin_missing(missing: Sequence[str]) -> Invalid:
    """Neither a point nor a town was given, or half a point."""
    return Invalid(
        errors=[
            FieldError(field, "origin_missing", "Please say where from: lon and lat of a point, or the code of a town.")
            for field in missing
        ]
    )


def origin_twice() -> Invalid:
    error = FieldError("town", "origin_twice", "Please give either a point (lon, lat, crs) or a town, not both.")
    return Invalid(errors=[error])


def point_unusable(error: PointError) -> Invalid:
    """A point that can't be used for what its own sentence says (see `app.kit.geo.MESSAGES`)."""
    return Invalid(errors=[FieldError(field, error.code, str(error)) for field in ("lon", "lat")])


def town_unknown(code: str) -> Invalid:
    error = FieldError(
        "town",
        "town_unknown",
        "There is no town or division with the code {town}. Please choose one of the list of towns.",
        {"town": code},
    )
    return Invalid(errors=[error])


def service_repeated(code: str) -> Invalid:
    error = FieldError(
        "service",
        "service_repeated",
        "{service_code} is named twice. Please name each service once.",
        {"service_code": code},
    )
    return Invalid(errors=[error])


def past_date() -> Invalid:
    return Invalid(errors=[FieldError("from", "past_date", "That day is over. Please give today or a later day.")])


def beyond_horizon(days: int) -> Invalid:
    error = FieldError(
        "from",
        "beyond_horizon",
        "Bookings open {horizon_days} days ahead. Please give an earlier day.",
        {"horizon_days": days},
    )
    return Invalid(errors=[error])
