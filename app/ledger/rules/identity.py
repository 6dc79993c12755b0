"""Which instrument is which: by serial number, manufacturer and model, whatever way these are written. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.kit.text import to_halfwidth
from app.requests.many import IDENTITY, SERIAL, WITHOUT_NUMBER

WITHOUT = ("instrument_name", "model_spec", "measuring_range", "manufacturer", "install_location")
"""What tells instruments apart that have no number."""
SEARCHED = ("instrument_name", "model_spec", "serial_no", "manufacturer", "install_location", "ecqs_record_no")
BETWEEN = "\n"


def folded(value: object) -> str:
    """The same for full and half width, capitals and spaces, which people write as it comes."""
    return "".join(to_halfwidth(value).split()).casefold() if isinstance(value, str) else ""


def serial_key(values: Mapping[str, Any]) -> str | None:
    """The serial number to compare by; None where people write that there is none."""
    number = folded(values.get(SERIAL))
    return None if number in WITHOUT_NUMBER else number


def identity_key(values: Mapping[str, Any]) -> str | None:
    """What only one instrument in use of an organisation has; None without a serial number."""
    return None if serial_key(values) is None else _joined(values, IDENTITY)


def likeness(values: Mapping[str, Any]) -> str:
    """What instruments without a number are compared by; several may be alike."""
    return _joined(values, WITHOUT)


def words(values: Mapping[str, Any]) -> str:
    """What the search looks through."""
    return _joined(values, SEARCHED)


def _joined(values: Mapping[str, Any], keys: Iterable[str]) -> str:
    return BETWEEN.join(folded(values.get(key)) for key in keys)
