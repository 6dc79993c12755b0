"""Which requests this browser has opened: a signed cookie, so that an access code is typed once and never in a URL.

It lives as long as the browser's session and at most half a day, and holds references, no codes. Whoever books in a
browser has opened the request there: `remember` it with the answer.
"""

from collections.abc import Sequence

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from app.web.cookies import read_cookie, set_cookie

COOKIE = "opened"
SECONDS = 12 * 3600
MOST = 20


class Opened:
    """Reads and writes the cookie of one browser."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._signed = URLSafeTimedSerializer(request.app.state.settings.secret_key, salt="onestop.opened")

    def __contains__(self, reference: str) -> bool:
        return reference in self.references()

    def remember(self, response: Response, reference: str) -> None:
        """From now on the browser may look at this request; of many, the ones opened last count."""
        others = [other for other in self.references() if other != reference]
        self._write(response, [*others, reference][-MOST:])

    def forget(self, response: Response, reference: str) -> None:
        """As after leaving a computer that others use too. What was opened through another one closes with all."""
        before = self.references()
        self._write(response, [other for other in before if other != reference] if reference in before else ())

    def references(self) -> Sequence[str]:
        """Those whose code was shown, the last one last."""
        try:
            found = self._signed.loads(read_cookie(self._request, COOKIE), max_age=SECONDS)
        except BadData:  # none, altered, too old, or signed with an older key
            return ()
        return [str(reference) for reference in found] if isinstance(found, list) else ()

    def _write(self, response: Response, references: Sequence[str]) -> None:
        set_cookie(self._request, response, COOKIE, str(self._signed.dumps(references)))
