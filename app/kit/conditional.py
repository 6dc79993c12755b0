"""Answers that everybody may have and that are sent only to whoever hasn't them yet (RFC 9110, 13): `If-None-Match`.

A tag is made of the content: it is the same in each process and after a restart, and another one as soon as anything
changed, whatever it was. `Tags` remembers it under all that the content follows from, so that to say "you have it" no
content is made. There is no `Last-Modified`: nothing in the network has a date of its last change.
"""

import gzip
import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.kit.tables import CSV, XLSX, SheetKind, csv_bytes, file_kind, xlsx_bytes

FRESH = "public, no-cache"
MOST_TAGS = 1024
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What the caller has (`If-None-Match`) is current."}
}
"""What a door declares that answers so."""


@dataclass(frozen=True)
class Document:
    """A body ready to be sent; `tag` is made of the content, so that the same content is recognised."""

    body: bytes

    @cached_property
    def tag(self) -> str:
        return hashlib.blake2b(self.body, digest_size=12).hexdigest()

    @cached_property
    def compressed(self) -> bytes:
        """The body by gzip: about an eighth, which a phone on the road notices."""
        return gzip.compress(self.body, mtime=0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows to be sent as a file. `until` is when they may become others although the key stays, None for never."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, object]]
    until: datetime | None = None


class Tags:
    """The tags of a process by what each content follows from; when there are too many, it begins anew."""

    def __init__(self) -> None:
        self._tags: dict[Hashable, tuple[str, datetime | None]] = {}

    def known(self, follows: Hashable, now: datetime) -> str | None:
        tag, until = self._tags.get(follows, (None, None))
        return tag if until is None or now < until else None

    def keep(self, follows: Hashable, tag: str, until: datetime | None) -> None:
        if len(self._tags) >= MOST_TAGS:
            self._tags.clear()
        self._tags[follows] = tag, until


def sheet_kind(request: Request, asked: str | None) -> SheetKind | None:
    """Which spreadsheet the answer is to be, by `format=` or `Accept`; None for JSON."""
    kind = file_kind(request, asked)
    return None if kind == "pdf" else kind


def sheet_answer(
    request: Request, kind: SheetKind, follows: Hashable | None, now: datetime, make: Callable[[], Sheet]
) -> Response:
    """The rows as a file, or word that the caller has them. `follows` is all that they depend on but the time; None
    where that has no name: then they are made each time and compared."""
    tags: Tags = request.app.state.tags
    known = tags.known(follows, now) if follows else None
    if known and has(request, known):
        return not_modified(request, kind, known)
    sheet = make()
    # A workbook holds when it was made, so its tag is that of its rows, and weak.
    document = Document(csv_bytes(sheet.columns, sheet.rows))
    if follows:
        tags.keep(follows, document.tag, sheet.until)
    if has(request, document.tag):
        return not_modified(request, kind, document.tag)
    headers = headers_of(request, kind, document.tag) | {
        "Content-Disposition": f'attachment; filename="{sheet.name}.{kind}"'
    }
    if kind == "xlsx":
        return Response(xlsx_bytes(sheet.columns, sheet.rows), media_type=XLSX, headers=headers)
    body = document.compressed if squeezes(request) else document.body
    return Response(body, media_type=CSV, headers=headers)


def headers_of(request: Request, kind: str, tag: str) -> dict[str, str]:
    """For a file of any kind; a workbook is compressed already."""
    if kind == "xlsx":
        return {"ETag": f'W/"{tag}"', "Cache-Control": FRESH, "Vary": "Accept"}
    squeezed = squeezes(request)
    return {
        "ETag": f'"{tag}{"-gz" if squeezed else ""}"',
        "Cache-Control": FRESH,
        "Vary": "Accept, Accept-Encoding" if kind == "csv" else "Accept-Encoding",
    } | ({"Content-Encoding": "gzip"} if squeezed else {})


def not_modified(request: Request, kind: str, tag: str, more: Mapping[str, str] | None = None) -> Response:
    """With the headers that the whole answer would have had (RFC 9110, 15.4.5)."""
    headers = headers_of(request, kind, tag) | dict(more or {})
    headers.pop("Content-Encoding", None)
    return Response(status_code=304, headers=headers)


def squeezes(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def has(request: Request, tag: str) -> bool:
    """Whether the caller names the tag, however compressed (weak comparison, RFC 9110, 8.8.3.2)."""
    given = request.headers.get("if-none-match", "")
    tags = {each.strip().removeprefix("W/").strip('"').removesuffix("-gz") for each in given.split(",")}
    return tag in tags or "*" in tags
