"""People and the record by JSON, for whoever's role reads them."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from app.accounts.callers import allowed
from app.accounts.errors import SecondFactorMissing, SignInNeeded
from app.accounts.queries import people
from app.accounts.queries.people import Wanted
from app.accounts.rules.rights import Caller, Permission
from app.audit.queries import CursorError, Filters
from app.kit.db import Hot, Reading
from app.kit.doors import Door
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Forbidden, Invalid, problem_responses
from app.kit.tables import CSV, as_file, wants_csv
from app.office.calls import Change, CurrentPlaces
from app.office.exporting import Format, exported
from app.office.places import Places
from app.office.queries import record
from app.office.queries.cursors import read_cursor, written_cursor
from app.office.schemas import AuditAsked, EntriesPage, EntryOut, PeopleAsked, PeoplePage, PersonOut
from app.office.service.record import take_out

router = Door(tags=["office"])
MayReadRecord = Annotated[Caller, Depends(allowed(Permission.AUDIT_READ))]
MayReadPeople = Annotated[Caller, Depends(allowed(Permission.PEOPLE_READ))]
REFUSALS = problem_responses(SignInNeeded, SecondFactorMissing, Forbidden)
AS_FILE = as_file(CSV, "application/jsonl", description="A page of the record; as a file all of it that fits.")
STATION_UNKNOWN = lazy("There is no station with this code.")
WORDS_NEED_DAYS = lazy("Give a first day too: looking for words reads every entry.")
CURSOR_INVALID = lazy("This cursor is not one that was given out here.")


@router.get("/audit", responses=REFUSALS | AS_FILE, response_model=EntriesPage)
async def list_entries(
    request: Request, asked: Annotated[AuditAsked, Query()], caller: MayReadRecord, database: Hot, change: Change
) -> EntriesPage | Response:
    """The record, newest first; as a file (`format=csv`, `jsonl`) all that fit, oldest first, which is on record."""
    filters = _filters(asked, change.places)
    scope = caller.scope(Permission.AUDIT_READ)
    form: Format | None = "jsonl" if asked.format == "jsonl" else "csv" if wants_csv(request, asked.format) else None
    if form:
        await take_out(change.session, caller, filters, form, change.now)
        return exported(database, scope, filters, form, change.now)
    try:
        found = await record.search(change.session, scope, filters, asked.cursor or None, asked.limit)
    except CursorError as error:
        raise _invalid("cursor", "cursor_invalid", CURSOR_INVALID.msgid) from error
    return EntriesPage(items=[EntryOut.of(entry) for entry in found.entries], next=found.next)


def _filters(asked: AuditAsked, places: Places) -> Filters:
    """Raises Invalid."""
    if asked.q and asked.since is None:
        raise _invalid("since", "missing", WORDS_NEED_DAYS.msgid)
    return Filters(
        asked.actor,
        asked.action,
        asked.object_kind,
        asked.object_id,
        _station(asked.station, places),
        asked.organisation,
        asked.since,
        asked.until,
        asked.address,
        asked.q,
    )


def _station(code: str, places: Places) -> int | None:
    station = places.station_by_code(code) if code else None
    if code and station is None:
        raise _invalid("station", "station_unknown", STATION_UNKNOWN.msgid)
    return station.id if station else None


def _invalid(field: str, code: str, sentence: str) -> Invalid:
    return Invalid(errors=[FieldError(field, code, sentence)])


@router.get("/people", responses=REFUSALS)
async def list_people(
    asked: Annotated[PeopleAsked, Query()], caller: MayReadPeople, session: Reading, places: CurrentPlaces
) -> PeoplePage:
    """Staff within one's scope, by user name."""
    wanted = Wanted(asked.role, _station(asked.station, places), asked.county, asked.q, asked.state or "")
    after = read_cursor(asked.cursor)
    if asked.cursor and after is None:
        raise _invalid("cursor", "cursor_invalid", CURSOR_INVALID.msgid)
    found = await people.listed(session, caller.scope(Permission.PEOPLE_READ), wanted, after, asked.limit)
    following = written_cursor(found.next) if found.next else None
    return PeoplePage(items=[PersonOut.of(member) for member in found.members], next=following)
