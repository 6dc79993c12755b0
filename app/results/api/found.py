"""What was found as a program sends it: JSON, or a form where the report comes along as a file."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid
from app.results.schemas import FoundIn
from app.web.bodies import JSON, MULTIPART, form_of, is_form, json_of, judged, parts_of, read_json

FILE, ROWS = "file", "rows"
ANY_OBJECT = {"type": "object", "additionalProperties": True}
ONE_FILE = lazy("Send one report file only.")
Found = TypeVar("Found", bound=FoundIn)


@dataclass(frozen=True, slots=True)
class Sent(Generic[Found]):
    """What was sent, with its report if there is one; `digest` is SHA-256 of the report, so that a repetition is one.

    Without a report it is empty.
    """

    found: Found
    upload: UploadFile | None = None
    digest: str = ""


def body_of(kind: type[FoundIn]) -> dict[str, Any]:
    """How OpenAPI says it."""
    said = kind.model_json_schema()
    whole = {name: said[name] for name in ("type", "additionalProperties", "required", "properties", "description")}
    rows = {**said["properties"][ROWS], "items": ANY_OBJECT}  # pydantic names a schema that stands nowhere here
    whole["properties"] = {**said["properties"], ROWS: rows}
    report = {"type": "string", "format": "binary", "description": "The report as a PDF, beside or instead of `rows`."}
    with_file = {**whole, "properties": {**whole["properties"], FILE: report}}
    content = {
        JSON: {"schema": whole},
        MULTIPART: {"schema": with_file, "encoding": {ROWS: {"contentType": JSON}}},
    }
    return {"requestBody": {"required": True, "content": content}}


@asynccontextmanager
async def sent_by(request: Request, kind: type[Found]) -> AsyncIterator[Sent[Found]]:
    """Raises UnsupportedMedia, RequestValidationError, and Invalid (naming `file`) for more than one file."""
    if not is_form(request):
        yield Sent(await json_of(request, kind))
        return
    async with form_of(request) as form:
        texts, files = parts_of(form, FILE)
        given: dict[str, Any] = dict(texts)
        if rows := _rows(form):
            given[ROWS] = rows
        found = judged(kind, given)
        uploads = [each for each in files if each.filename or each.size]
        if len(uploads) > 1:
            raise Invalid(errors=[FieldError(FILE, "too_many", ONE_FILE.msgid)])
        upload = uploads[0] if uploads else None
        yield Sent(found, upload, await _digest(upload) if upload else "")


def _rows(form: FormData) -> list[object]:
    """The rows as JSON: all of them in one part, or each in a part of its own, as generated clients write them."""
    rows: list[object] = []
    for part in form.getlist(ROWS):
        if isinstance(part, str) and part:
            read = read_json(part, ROWS)
            rows += read if isinstance(read, list) else [read]
    return rows


async def _digest(upload: UploadFile) -> str:
    sha256 = hashlib.sha256()
    while part := await upload.read(1 << 16):
        sha256.update(part)
    await upload.seek(0)
    return sha256.hexdigest()
