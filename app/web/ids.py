"""Ids in addresses. For doors.

Nobody learns what an id looks like, or whether there is such a thing: what is no id is as unknown as one that isn't.
"""

import re
from uuid import UUID

from app.kit.problems import NotFound

CANONICAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def identified(text: str) -> UUID:
    """An id of an address. What is none is answered as an unknown one is: NotFound."""
    if not CANONICAL.fullmatch(text):
        raise NotFound
    return UUID(text)
