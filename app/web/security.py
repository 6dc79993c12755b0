"""Headers that tell the browser to trust nothing but our own files (no inline script or style anywhere)."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def content_security_policy(tile_url: str | None = None) -> str:
    """The policy; a map background adds the origin of `tile_url` (``https://{s}.tiles.example/{z}/…``) for images."""
    images = "img-src 'self' data:"  # data: for the small marks inside Bootstrap's own styles
    if tile_url:
        images += f" {_origin(tile_url)}"
    return "; ".join(
        (
            "default-src 'self'",
            images,
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _origin(tile_url: str) -> str:
    """``https://*.tiles.example`` for ``https://{s}.tiles.example/{z}/{x}/{y}.png``."""
    parts = urlsplit(tile_url)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"


class SecurityHeadersMiddleware:
    """Add the headers to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp, *, tile_url: str | None = None) -> None:
        self.app = app
        self.headers = (
            (b"content-security-policy", content_security_policy(tile_url).encode("ascii")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"x-frame-options", b"DENY"),
            (b"permissions-policy", b"geolocation=(self), camera=(), microphone=(), payment=()"),
            (b"cross-origin-opener-policy", b"same-origin"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[tuple[bytes, bytes]] = message["headers"]
                own = {name for name, _ in headers}
                headers.extend(header for header in self.headers if header[0] not in own)
            await send(message)

        await self.app(scope, receive, send_guarded)
