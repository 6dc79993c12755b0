"""Results and documents of a request on a page of their own: for staff what can be done, for the applicant to save."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Response
from fastapi.responses import HTMLResponse

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.kit.clock import local_date
from app.kit.doors import Door
from app.requests.visiting import OFFICE, FollowRoute, Looking, Visitor
from app.results.giving import facts_response, pdf_response, report_response
from app.results.models import IssuedDocument, Result
from app.results.pages.frame import results_page
from app.results.queries import document_of, found_of

router = Door(route_class=FollowRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))
OWN, STAFF = "/r/{reference}", f"{OFFICE}/{{reference}}"
ONE = "documents/{number}/{version}"
CHANGES = ("entered", "verified", "refused", "issued", "withdrawn")
Number = Annotated[str, Path(max_length=60)]
Few = Annotated[int, Path(ge=1, le=1000)]
Version = Annotated[int, Path(ge=1, le=1000)]


@router.get(f"{OWN}/results")
@router.get(f"{STAFF}/results", dependencies=[READ])
async def results(visitor: Looking, changed: Annotated[str, Query(max_length=20)] = "") -> HTMLResponse:
    """Raises what `Visitor.open` raises."""
    view = await visitor.open()
    return await results_page(visitor, view, {}, changed=changed if changed in CHANGES else "")


async def _document(visitor: Visitor, number: str, version: int) -> IssuedDocument:
    view = await visitor.open()
    return await document_of(visitor.session, view.request.id, number, version)


def _today(visitor: Visitor) -> date:
    return local_date(visitor.now)


@router.get(f"{OWN}/{ONE}.pdf")
@router.get(f"{STAFF}/{ONE}.pdf", dependencies=[READ])
async def pdf(visitor: Looking, number: Number, version: Version) -> Response:
    """The document, to be saved. Raises DocumentUnknown, DocumentsBusy."""
    document = await _document(visitor, number, version)
    return await pdf_response(visitor.request, visitor.session, document, _today(visitor))


@router.get(f"{OWN}/{ONE}.json")
@router.get(f"{STAFF}/{ONE}.json", dependencies=[READ])
async def facts(visitor: Looking, number: Number, version: Version) -> Response:
    """The bytes behind its digest. Raises DocumentUnknown."""
    return facts_response(await _document(visitor, number, version))


@router.get(f"{OWN}/{ONE}/report")
@router.get(f"{STAFF}/{ONE}/report", dependencies=[READ])
async def report(visitor: Looking, number: Number, version: Version) -> Response:
    """The report file that came with the result. Raises DocumentUnknown, FileMissing."""
    document = await _document(visitor, number, version)
    return await report_response(
        visitor.request, visitor.session, await visitor.session.get(Result, document.result_id)
    )


@router.get(f"{STAFF}/results/{{n}}/report/{{attempt}}", dependencies=[READ])
async def report_to_verify(visitor: Looking, n: Few, attempt: Few) -> Response:
    """The same for staff before a document is issued of it. Raises FileMissing."""
    view = await visitor.open()
    found = await found_of(visitor.session, view.request.id, n)
    return await report_response(
        visitor.request, visitor.session, next((each for each in found.results if each.attempt == attempt), None)
    )
