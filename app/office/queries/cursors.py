"""Where the next page of a list begins, as text for an address: the last row's words and id."""

import base64
import binascii
from uuid import UUID

ID_BYTES = 16


def written_cursor(place: tuple[str, UUID]) -> str:
    """The place as base64url without padding."""
    words, row_id = place
    return base64.urlsafe_b64encode(row_id.bytes + words.encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[str, UUID] | None:
    """The place; None for none, and for what isn't ours: then the list begins at its beginning."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        words = raw[ID_BYTES:].decode()
        return (words, UUID(bytes=raw[:ID_BYTES])) if raw and "\0" not in words else None
    except (binascii.Error, ValueError):
        return None
