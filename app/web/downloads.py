"""Files of others, given out so that no browser runs or shows them here."""

import unicodedata
from collections.abc import AsyncIterable
from urllib.parse import quote

from starlette.responses import StreamingResponse

POLICY = "sandbox; default-src 'none'"
# RFC 8187, attr-char
_PLAIN = "!#$&+-.^_`|~"


def attachment(parts: AsyncIterable[bytes], *, name: str, media_type: str, size: int) -> StreamingResponse:
    """An answer that is saved and never shown: whatever the file holds, it gets no origin and no rights.

    `name` as the person knows it; older browsers are given it in ASCII.
    """
    headers = {
        "Content-Disposition": disposition(name),
        "Content-Length": str(size),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(parts, media_type=media_type, headers=headers)


def disposition(name: str) -> str:
    """RFC 6266: a plain name for whoever reads only that, and the whole one by RFC 8187."""
    visible = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in visible)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(visible, safe=_PLAIN)}"
