"""Results and documents of a request, for its people: as JSON, as PDF, and as the bytes behind the digest."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request, Response

from app.accounts.errors import SignInNeeded
from app.accounts.rules.rights import Permission
from app.catalogue.snapshot import CurrentCatalogue
from app.files.errors import FileMissing
from app.files.models import StoredFile
from app.kit.clock import LOCAL, local_date
from app.kit.db import Reading
from app.kit.documents import DocumentsBusy
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany, problem_responses
from app.requests.access import MayAccess, as_json, slowed
from app.requests.errors import ItemUnknown, RequestUnknown
from app.results.errors import DocumentUnknown
from app.results.giving import facts_response, pdf_response, report_response
from app.results.models import IssuedDocument, Result
from app.results.papers import code_of
from app.results.queries import NOTHING, Found, by_item, document_of, files_of, found_of, names, standing
from app.results.rules import TableKind, table_for
from app.results.schemas import ItemResultsOut, facts_schema

router = Door()
UNKNOWN = (Invalid, RequestUnknown, SignInNeeded, TooMany)
SLOWED = [Depends(slowed)]
NUMBER = "/requests/{reference}/documents/{number}/{version}"
RESULTS = "/requests/{reference}/items/{n}/results"
ItemNumber = Annotated[int, Path(ge=1, le=1000)]
Number = Annotated[str, Path(max_length=60)]
Version = Annotated[int, Path(ge=1, le=1000)]
PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    RESULTS,
    response_model=ItemResultsOut,
    dependencies=SLOWED,
    responses=problem_responses(*UNKNOWN, ItemUnknown),
)
async def results(
    request: Request, access: MayAccess, session: Reading, catalogue: CurrentCatalogue, n: ItemNumber
) -> Response:
    """The columns of the item's values, for staff every attempt with who made it, and its documents."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    item = next((each for each in seen.view.items if each.n == n), None)
    if item is None:
        raise ItemUnknown
    found = (await by_item(session, seen.view.request.id, n)).get(n, NOTHING)
    kind = item.service.result
    shown = found.results if seen.as_staff else ()
    files = await files_of(session, shown)
    who = await names(session, [by for each in shown for by in (each.entered_by, each.verified_by)])
    key, today = request.app.state.settings.secret_key, local_date(access.now)
    return as_json(
        {
            "table": kind and _table(table_for(kind, catalogue.by_code[item.service.code].name_zh)),
            "results": [_result(each, who, _file(each, files, seen.view.request.reference)) for each in shown],
            "documents": [_document(each, found, seen.view.request.reference, key, today) for each in found.documents],
        }
    )


@router.get(
    f"{NUMBER}.pdf",
    response_class=Response,
    dependencies=SLOWED,
    responses={**PDF, **problem_responses(*UNKNOWN, DocumentUnknown, DocumentsBusy)},
)
async def pdf(request: Request, access: MayAccess, session: Reading, number: Number, version: Version) -> Response:
    """The document. What was withdrawn or corrected says so."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    document = await document_of(session, seen.view.request.id, number, version)
    return await pdf_response(request, session, document, local_date(access.now))


@router.get(
    f"{NUMBER}.json",
    response_class=Response,
    dependencies=SLOWED,
    responses={200: facts_schema(), **problem_responses(*UNKNOWN, DocumentUnknown)},
)
async def facts(access: MayAccess, session: Reading, number: Number, version: Version) -> Response:
    """All that the document says, in exactly the bytes whose SHA-256 is its digest."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    return facts_response(await document_of(session, seen.view.request.id, number, version))


@router.get(
    f"{NUMBER}/report",
    response_class=Response,
    dependencies=SLOWED,
    responses={**PDF, **problem_responses(*UNKNOWN, DocumentUnknown, FileMissing)},
)
async def report(request: Request, access: MayAccess, session: Reading, number: Number, version: Version) -> Response:
    """The report file that came with the result."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    document = await document_of(session, seen.view.request.id, number, version)
    return await report_response(request, session, await session.get(Result, document.result_id))


@router.get(
    f"{RESULTS}/{{attempt}}/report",
    response_class=Response,
    dependencies=SLOWED,
    responses={**PDF, **problem_responses(*UNKNOWN, FileMissing)},
)
async def report_to_verify(
    request: Request, access: MayAccess, session: Reading, n: ItemNumber, attempt: Version
) -> Response:
    """The report file of an attempt, for staff before a document is issued of it."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    found = (await found_of(session, seen.view.request.id, n)).results if seen.as_staff else ()
    return await report_response(request, session, next((each for each in found if each.attempt == attempt), None))


def _document(document: IssuedDocument, found: Found, reference: str, secret_key: bytes, today: date) -> dict[str, Any]:
    result = next(each for each in found.results if each.id == document.result_id)
    path = f"/api/v1/requests/{reference}/documents/{document.number}/{document.version}"
    code = code_of(document, secret_key)
    return {
        "number": document.number,
        "version": document.version,
        "document": document.document,
        "status": standing(document, today).value,
        "valid_until": document.valid_until and document.valid_until.isoformat(),
        "issued_at": document.issued_at.astimezone(LOCAL).isoformat(),
        "digest": document.digest.hex(),
        "code": code,
        "pdf": f"{path}.pdf",
        "facts": f"{path}.json",
        "report": f"{path}/report" if result.file_id else None,
        "check": f"/check?number={document.number}&code={code}",
    }


def _table(table: TableKind) -> dict[str, Any]:
    columns = [
        {
            "key": each.key,
            "label_zh": each.label_zh,
            "label_en": each.label_en,
            "number": each.number,
            "required": each.required and each.derived is None,
            "computed": each.derived is not None,
        }
        for each in table.columns
    ]
    return {"kind": table.key, "units": list(table.units), "columns": columns}


def _file(result: Result, files: Mapping[UUID, StoredFile], reference: str) -> dict[str, Any] | None:
    file = files.get(result.file_id) if result.file_id else None
    if file is None:
        return None
    return {
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256.hex(),
        "href": f"/api/v1/requests/{reference}/items/{result.n}/results/{result.attempt}/report",
    }


def _result(result: Result, who: Mapping[UUID, str], file: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "attempt": result.attempt,
        "kind": result.kind,
        "passed": result.passed,
        "done_on": result.done_on.isoformat(),
        "valid_until": result.valid_until and result.valid_until.isoformat(),
        "measured": result.measured,
        "file": file,
        "notes": result.notes,
        "entered_at": result.entered_at.astimezone(LOCAL).isoformat(),
        "entered_by": who.get(result.entered_by),
        "verified_at": result.verified_at and result.verified_at.astimezone(LOCAL).isoformat(),
        "verified_by": who.get(result.verified_by) if result.verified_by else None,
        "refused_at": result.refused_at and result.refused_at.astimezone(LOCAL).isoformat(),
        "refused_because": result.refused_because,
    }
