"""Headers that tell the browser to trust nothing but our own files (no inline script or style anywhere).

Trusted Types (``require-trusted-types-for 'script'``) are not asked for: htmx reads answers with
`Document.parseHTMLUnsafe` and Leaflet builds its controls with `innerHTML`, both from plain strings, so either the
pages break or a default policy lets everything pass. What keeps markup of others out is that no script of theirs may
run (`script-src 'self'`) and that templates escape.
"""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.cookies import HOST_PREFIX, PREFIX

HSTS = b"max-age=31536000"
SUBDOMAINS = b"; includeSubDomains"
SAME_ORIGIN = b"same-origin"
# Addresses that say something about the reader: other sites are not even told that somebody came from here.
PERSONAL = ("/r/", "/account", "/organisation", "/office", "/password", "/register", "/sign-in", "/invitations")
SHOWS_WHO = (b"authorization", b"x-access-code")
SESSIONS = tuple(f"{prefix}{PREFIX}session=".encode() for prefix in (HOST_PREFIX, ""))
NOT_KEPT = (b"cache-control", b"private, no-store")
Header = tuple[bytes, bytes]


def content_security_policy(tile_url: str | None = None, *, tls: bool = False) -> str:
    """The policy; a map background adds the origin of `tile_url` (``https://{s}.tiles.example/{z}/…``) for images."""
    images = "img-src 'self' data:"  # data: for the small marks inside Bootstrap's own styles
    if tile_url:
        images += f" {_origin(tile_url)}"
    directives = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        images,
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        *(("upgrade-insecure-requests",) if tls else ()),
    )
    return "; ".join(directives)


def _origin(tile_url: str) -> str:
    """``https://*.tiles.example`` for ``https://{s}.tiles.example/{z}/{x}/{y}.png``."""
    parts = urlsplit(tile_url)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"


class SecurityHeadersMiddleware:
    """Add the headers to every answer that does not set them itself.

    Over TLS also HSTS for a year; for this host alone unless told otherwise: what else runs below it is not ours to
    bind. The answer to
    somebody who showed a session, a token or an access code is not to be stored, unless it says otherwise itself.
    """

    def __init__(self, app: ASGIApp, *, tile_url: str | None = None, hsts_subdomains: bool = False) -> None:
        self.app = app
        always = (
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"permissions-policy", b"geolocation=(self), camera=(), microphone=(), payment=()"),
            (b"cross-origin-opener-policy", SAME_ORIGIN),
            (b"cross-origin-resource-policy", SAME_ORIGIN),
        )
        plain, by_tls = (content_security_policy(tile_url, tls=tls).encode("ascii") for tls in (False, True))
        self._plain: tuple[Header, ...] = ((b"content-security-policy", plain), *always)
        self._by_tls: tuple[Header, ...] = (
            (b"content-security-policy", by_tls),
            (b"strict-transport-security", HSTS + SUBDOMAINS if hsts_subdomains else HSTS),
            *always,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ours = self._ours(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[Header] = message["headers"]
                own = {name for name, _ in headers}
                headers.extend(header for header in ours if header[0] not in own)
            await send(message)

        await self.app(scope, receive, send_guarded)

    def _ours(self, scope: Scope) -> tuple[Header, ...]:
        fixed = self._by_tls if scope.get("scheme") == "https" else self._plain
        personal = scope.get("path", "").startswith(PERSONAL)
        referrer = (b"referrer-policy", SAME_ORIGIN if personal else b"strict-origin-when-cross-origin")
        return (*fixed, referrer, NOT_KEPT) if _shows_who(scope) else (*fixed, referrer)


def _shows_who(scope: Scope) -> bool:
    return any(
        name in SHOWS_WHO or (name == b"cookie" and any(session in value for session in SESSIONS))
        for name, value in scope.get("headers", ())
    )
