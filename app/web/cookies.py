"""Our cookies: one name, one way to set them.

Over TLS each is called ``__Host-onestop_<name>``: the browser takes such a cookie only from this very host, by TLS and
for all of its paths (RFC 6265bis, 4.1.3.2), so no neighbour under the same domain and no eavesdropper on plain HTTP
can plant one. Without TLS, which is for the machine at one's desk, it is ``onestop_<name>``; that name counts for
nothing over TLS. All are closed to scripts and are not sent along from other sites except by a link.
"""

from starlette.requests import Request
from starlette.responses import Response

PREFIX = "onestop_"
HOST_PREFIX = "__Host-"


def by_tls(request: Request) -> bool:
    """Whether the browser came by TLS: the server sets the scheme, from its own socket or from a trusted proxy."""
    return request.scope.get("scheme") == "https"


def cookie_name(request: Request, base_name: str) -> str:
    name = f"{PREFIX}{base_name}"
    return f"{HOST_PREFIX}{name}" if by_tls(request) else name


def read_cookie(request: Request, base_name: str) -> str:
    """What the browser sent under the name that counts, else ""."""
    return request.cookies.get(cookie_name(request, base_name), "")


def set_cookie(request: Request, response: Response, base_name: str, value: str, *, max_age: int | None = None) -> None:
    """`max_age` in seconds; None lets it live as long as the browser's session."""
    response.set_cookie(
        cookie_name(request, base_name),
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="lax",
        secure=by_tls(request),
    )


def delete_cookie(request: Request, response: Response, base_name: str) -> None:
    response.delete_cookie(
        cookie_name(request, base_name), path="/", httponly=True, samesite="lax", secure=by_tls(request)
    )
