"""When a mail is tried again, how long it is worth trying, and how an address is shown."""

import math
import re
from datetime import timedelta

CHANNEL = "onestop_message"
"""Of PostgreSQL's NOTIFY: something was written to the outbox."""

MAIL = "mail"
"""The channel of what goes by mail."""
SMS = "sms"
"""That of text messages, which go where the operator has set a gateway."""
MOST_OF_SMS = 140
"""Characters of a text message that gateways send as two at most."""

MOST_ATTEMPTS = 8
FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 6 * 3600
GROWTH = 4

# C0, DEL and C1 controls and Unicode's line and paragraph separators: whatever any program takes for a line's end.
_NOT_IN_A_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def one_line(value: str) -> str:
    """The value itself, fit for a header. Raises ValueError when it isn't one line."""
    if _NOT_IN_A_LINE.search(value):
        raise ValueError("a header has neither line ends nor control characters")
    return value


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 30 s, four times as long each time, at most 6 hours.

    Eight attempts take 15 hours, so that a mail server may be away for a night.
    """
    return timedelta(seconds=min(FIRST_PAUSE_SECONDS * math.pow(GROWTH, attempts - 1), LONGEST_PAUSE_SECONDS))


def masked(address: str) -> str:
    """An address as it is kept and shown: "z***@example.com"; what is no address is hidden wholly."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if local and at else "***"
