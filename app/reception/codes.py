"""The code of a thing, as it stands on its label and in the address that the label's QR code holds."""

import re

from app.kit import ids

PREFIX = "WJ"
LABEL = "/w/"
_IN_ADDRESS = re.compile(r"/(?:w|r|things)/([^/?#\s]+)")


def code_in(text: str) -> str:
    """The code or reference of what a scanner types: the address of a QR code, or what stands below it."""
    found = _IN_ADDRESS.search(text)
    return (found[1] if found else text).strip()[:40]


def thing_code(text: str) -> str | None:
    """The code of a thing in its one spelling; None when it is none. Of what is typed the prefix can't be left out:
    without it a reference looks the same."""
    try:
        exact = ids.parse_reference(text)
    except ids.ReferenceFormatError:
        return None
    return exact if exact.startswith(f"{PREFIX}-") else None
