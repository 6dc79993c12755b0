"""What both doors give out of a document: its PDF, the bytes behind its digest, the report file that came with it."""

from datetime import date

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.files.errors import FileMissing
from app.files.models import StoredFile
from app.files.service import open_file
from app.files.store import FileStore
from app.requests.answers import NOT_TO_KEEP
from app.results.models import IssuedDocument, Result
from app.results.papers import code_of, file_name, layout, pdf_of
from app.results.queries import names
from app.results.rules import canonical
from app.web.downloads import attachment

PDF, JSON = "application/pdf", "application/json"


def base_of(request: Request) -> str:
    """The installation's public address, without a slash at its end."""
    public = request.app.state.settings.web.public_url
    return str(public or request.base_url).rstrip("/")


async def pdf_response(request: Request, session: AsyncSession, document: IssuedDocument, today: date) -> Response:
    """The PDF as a download. Raises DocumentsBusy."""
    state = request.app.state
    result = await session.get(Result, document.result_id)
    found = await names(session, (result.entered_by, result.verified_by)) if result else {}
    session.expunge_all()
    await session.rollback()  # nothing is read any more: no connection waits for the typesetter
    data = layout(
        document,
        {str(person): name for person, name in found.items()},
        (request.app.state.papers.network_zh, request.app.state.papers.network_en),
        base=base_of(request),
        code=code_of(document, state.settings.secret_key),
        today=today,
    )
    pdf = await pdf_of(state.typesetter, document, data)
    headers = {**NOT_TO_KEEP, "Content-Disposition": f'attachment; filename="{file_name(document)}"'}
    return Response(pdf, headers=headers, media_type=PDF)


def facts_response(document: IssuedDocument) -> Response:
    """The bytes of which the digest is SHA-256."""
    name = f"{document.number}-v{document.version}.json"
    headers = {**NOT_TO_KEEP, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(canonical(document.facts), headers=headers, media_type=JSON)


async def report_response(request: Request, session: AsyncSession, result: Result | None) -> Response:
    """The report file of a result as a download. Raises FileMissing, also where there is no result."""
    file = await session.get(StoredFile, result.file_id) if result and result.file_id else None
    if file is None:
        raise FileMissing
    store: FileStore = request.app.state.files
    parts = await open_file(store, file)
    return attachment(parts, name=file.name, media_type=file.media_type, size=file.size)
