"""Static files: addresses that carry a content hash, and an app that serves them.

An address made by `Assets.url` is kept by browsers for a year, since another content has another address; a plain
address is revalidated each time. Text is compressed once and kept in memory: a phone in the field loads the styles
in 40 KB instead of 260.
"""

import gzip
import hashlib
import json
import time
from functools import lru_cache
from os import PathLike, stat_result
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
PREFIX = "/static"
# Named here since a slim system has no mime table, and a script of an unknown type is refused under nosniff.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
_COMPRESSED = {".css", ".js", ".json", ".svg", ".txt", ".webmanifest"}
_FOREVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=256)
def _content(path: str, _changed: int) -> tuple[bytes, str]:
    """The bytes of a file and the first 12 hex digits of their SHA-256; read again when the file has changed."""
    data = Path(path).read_bytes()
    return data, hashlib.sha256(data).hexdigest()[:12]


@lru_cache(maxsize=256)
def _compressed(path: str, changed: int) -> bytes:
    return gzip.compress(_content(path, changed)[0], compresslevel=9, mtime=0)


def static_url(path: str) -> str:
    """The address of ``app/web/static/<path>``, with its hash. Raises FileNotFoundError for a slip in the name."""
    return _address(path, int(time.monotonic()))


@lru_cache(maxsize=256)
def _address(path: str, _second: int) -> str:
    """Looked at once a second, whether the file has changed: a page has thirty of them."""
    file = STATIC / path
    return f"{PREFIX}/{path}?v={_content(str(file), file.stat().st_mtime_ns)[1]}"


@lru_cache(maxsize=1)
def _vendored() -> dict[str, str]:
    """``bootstrap/bootstrap.min.css`` to the path with the version that is vendored."""
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))
    return {f"{folder.rpartition('-')[0]}/{name}": f"{folder}/{name}" for folder, name in map(_split, manifest)}


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.partition("/")
    return folder, name


def vendor_url(package: str, file: str) -> str:
    """The address of a vendored file, whatever its version. Raises KeyError when it is not vendored."""
    return static_url(f"vendor/{_vendored()[f'{package}/{file}']}")


class StaticAssets(StaticFiles):
    """Starlette's static files (no listing, no way out of the folder), from memory, typed, compressed, cacheable."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path, changed = str(full_path), stat_result.st_mtime_ns
        suffix = Path(path).suffix
        data, digest = _content(path, changed)
        request = Headers(scope=scope)
        squeeze = suffix in _COMPRESSED and "gzip" in request.get("accept-encoding", "")
        current = scope["query_string"] == f"v={digest}".encode()
        headers = {
            "Cache-Control": _FOREVER if current else "no-cache",
            "ETag": f'"{digest}{"-gz" if squeeze else ""}"',
            "Vary": "Accept-Encoding",
        } | ({"Content-Encoding": "gzip"} if squeeze else {})
        response = Response(
            _compressed(path, changed) if squeeze else data,
            status_code,
            headers,
            MEDIA_TYPES.get(suffix, "application/octet-stream"),
        )
        return NotModifiedResponse(response.headers) if self.is_not_modified(response.headers, request) else response
