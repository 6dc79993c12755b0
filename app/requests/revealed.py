"""What contact data this session has revealed: a signed cookie, so that a page can be read and reloaded in peace.

It names the session that it was given to, and is worth nothing in another one; it holds references and times only.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeSerializer

from app.accounts.rules.rights import Caller
from app.web.cookies import read_cookie, set_cookie

COOKIE = "revealed"
LASTS = timedelta(minutes=10)
MOST = 20


class Revealed:
    """Reads and writes the cookie of one session, at one moment."""

    def __init__(self, request: Request, caller: Caller, now: datetime) -> None:
        self._request = request
        self._caller = caller
        self._now = now
        self._signed = URLSafeSerializer(request.app.state.settings.secret_key, salt="onestop.revealed")

    def until(self, reference: str) -> datetime | None:
        """Until when the request's contact data are shown; None when they aren't."""
        seconds = self._open().get(reference)
        return datetime.fromtimestamp(seconds, UTC) if seconds else None

    def remember(self, response: Response, reference: str) -> None:
        """From now on they are shown for ten minutes. The look is on record already."""
        until = int((self._now + LASTS).timestamp())
        kept = dict([*self._open().items(), (reference, until)][-MOST:])
        value = self._signed.dumps([self._caller.via, kept])
        set_cookie(self._request, response, COOKIE, str(value), max_age=int(LASTS.total_seconds()))

    def _open(self) -> Mapping[str, int]:
        try:
            via, kept = self._signed.loads(read_cookie(self._request, COOKIE))
        except (BadData, ValueError, TypeError):  # none, altered, or signed with an older key
            return {}
        if via != self._caller.via or not via or not isinstance(kept, dict):
            return {}
        now = self._now.timestamp()
        return {str(reference): int(until) for reference, until in kept.items() if until > now}
