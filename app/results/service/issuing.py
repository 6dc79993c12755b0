"""Issuing a document of what was verified, and withdrawing it: numbers without gaps, versions, and who learns of it.

The order of locks is the same everywhere: the request, then the station's numbers, then the record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.catalogue.snapshot import ServiceInfo
from app.files.models import StoredFile
from app.kit.clock import local_date
from app.kit.ids import access_code, hash_secret, new_id
from app.requests.queries import RequestView
from app.requests.rules import Action
from app.requests.service.planning import Given
from app.results.errors import ResultUnknown
from app.results.issued import Issued, Listener, WithdrawalListener, Withdrawn
from app.results.models import IssuedDocument, Result
from app.results.queries import Found, replaced_number, withdrawn_elsewhere
from app.results.rules import digest_of, number_of
from app.results.says import Issue, facts_of, station_of
from app.results.service.entering import At, told_too

# Under the row's lock until the end of the transaction: who rolls back gives the number back, the next one takes it.
NEXT = text("""
    INSERT INTO document_number (station_id, year, last) VALUES (:station_id, :year, 1)
    ON CONFLICT (station_id, year) DO UPDATE SET last = document_number.last + 1
    RETURNING last
""")


@dataclass(frozen=True, slots=True)
class Press:
    """What issuing needs besides: the key that codes are derived from, the service's words, who is to be told."""

    secret_key: bytes
    service: ServiceInfo
    listeners: Iterable[Listener] = ()


async def issue(at: At, press: Press, given: Given) -> RequestView:
    """Make a document of the result that was verified: with a number of its own, or the next version of one.

    Raises InvalidTransition, ResultUnknown, Invalid (`late_reason`), and whatever a listener raises.
    """
    by = at.may(Action.ISSUE)
    found = await at.found()
    if found.last is None or found.last.verified_by is None:
        raise ResultUnknown
    document = await _document(at, press, found, found.last, by)
    at.session.add(document)
    await at.session.flush()
    number = document.number
    await _tell(at, press, document, found.last)
    await at.session.flush()
    return await at.act(Action.ISSUE, told_too(given, number=number))


async def withdraw(at: At, given: Given, listeners: Iterable[WithdrawalListener] = ()) -> RequestView:
    """Take back what was found wrongly: the document counts no longer, and the work is done anew.

    Raises InvalidTransition, ResultUnknown, Invalid (`reason`), and whatever a listener raises.
    """
    by = at.may(Action.INVALIDATE)
    found = await at.found()
    document = found.in_force
    if document is None:
        raise ResultUnknown
    number = document.number
    document.withdrawn_at, document.withdrawn_by = at.now, by
    document.withdrawn_because = given.reason or None
    await at.session.flush()
    [result] = [each for each in found.results if each.id == document.result_id]
    withdrawn = Withdrawn(**_told(at, document, result))
    for listener in listeners:
        await listener(at.session, withdrawn)
    await at.session.flush()
    return await at.act(Action.INVALIDATE, told_too(given, number=number))


async def _document(at: At, press: Press, found: Found, result: Result, by: UUID) -> IssuedDocument:
    """The document; the one before it is superseded."""
    before, request, document_id = found.in_force, at.view.request, new_id()
    if before is not None:
        before.superseded_at = at.now
        await at.session.flush()  # of an item one document is in force
        station_id, year, place, version = before.station_id, before.year, before.place, before.version + 1
        number = before.number
    else:
        station_id, year, version = request.station_id, local_date(at.now).year, 1
        place = await _next(at, station_id, year)
        number = number_of(at.view.appointment.station.code, year, place)
    replaces, replaced = await _replaced(at, found)
    station = before.facts["station"] if before else station_of(at.view.appointment.station)
    stated = Issue(number, version, station, request.organisation_name, local_date(at.now), replaced)
    file = await at.session.get(StoredFile, result.file_id) if result.file_id else None
    facts = facts_of(result, press.service, stated, file)
    return IssuedDocument(
        id=document_id,
        station_id=station_id,
        year=year,
        place=place,
        number=number,
        version=version,
        request_id=request.id,
        n=at.n,
        result_id=result.id,
        document=facts["document"],
        valid_until=result.valid_until,
        code_hash=hash_secret(access_code(press.secret_key, document_id), press.secret_key),
        facts=facts,
        digest=digest_of(facts),
        replaces=replaces,
        issued_by=by,
        issued_at=at.now,
    )


async def _replaced(at: At, found: Found) -> tuple[UUID | None, str]:
    """In whose place the next document is, by id and by number: what was withdrawn before its first version."""
    if found.in_force is not None:
        return found.in_force.replaces, await replaced_number(at.session, found.in_force)
    withdrawn = [each for each in found.documents if each.withdrawn_at is not None]
    if withdrawn:
        return withdrawn[-1].id, withdrawn[-1].number
    return await withdrawn_elsewhere(at.session, at.view.request.id, at.n) or (None, "")


async def _next(at: At, station_id: int, year: int) -> int:
    place = await at.session.scalar(NEXT, {"station_id": station_id, "year": year})
    return int(place)


async def _tell(at: At, press: Press, document: IssuedDocument, result: Result) -> None:
    issued = Issued(**_told(at, document, result))
    for listener in press.listeners:
        await listener(at.session, issued)


def _told(at: At, document: IssuedDocument, result: Result) -> Mapping[str, Any]:
    """What listeners are told of a document and of what it was issued for."""
    request = at.view.request
    return {
        "request_id": request.id,
        "station_id": document.station_id,
        "n": at.n,
        "organisation_id": request.organisation_id,
        "service_id": result.service_id,
        "inputs": result.inputs,
        "number": document.number,
        "version": document.version,
        "passed": result.passed,
        "done_on": result.done_on,
        "valid_until": result.valid_until,
        "at": at.now,
    }
