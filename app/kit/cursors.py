"""Places in a list that is given out page by page: the key of the last item, as text that a caller hands back.

A key orders the list wholly (what it is sorted by, then an id), so that a change between two pages repeats or skips
nothing but what has changed itself. A cursor is no secret and no right: whoever reads it checks both anew.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid

NOT_OURS = lazy("This is not a place in the list that we gave out. Please start again from the first page.")
LARGEST = 2**63 - 1


class CursorInvalid(Invalid):
    """A cursor that isn't ours, as the fault of the field `cursor`."""

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("cursor", "cursor_invalid", NOT_OURS.msgid)])


def write_cursor(*place: object) -> str:
    """The place (numbers, texts, times, UUIDs) as text for a URL."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The place again, its parts of these kinds. Raises CursorInvalid."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return tuple(READ[kind](part) for kind, part in zip(kinds, orjson.loads(raw), strict=True))
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise CursorInvalid from error


def _whole(part: object) -> int:
    if type(part) is not int or abs(part) > LARGEST:
        raise ValueError
    return part


def _text(part: object) -> str:
    if not isinstance(part, str) or "\0" in part:
        raise ValueError
    return part


def _moment(part: object) -> datetime:
    moment = datetime.fromisoformat(_text(part))
    if moment.tzinfo is None:
        raise ValueError
    return moment


READ: Mapping[type, Callable[[object], object]] = {
    int: _whole,
    str: _text,
    datetime: _moment,
    UUID: lambda part: UUID(_text(part)),
}
