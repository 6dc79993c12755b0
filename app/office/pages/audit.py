"""The record for auditors: searched, read entry by entry, taken out as a file, and its newest entries proven."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import allowed
from app.accounts.rules.rights import Caller, Permission
from app.audit.queries import CursorError, Filters, Found
from app.audit.rules import CHAINS, heads_text
from app.kit.db import Hot, Reading
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import NotFound
from app.kit.schemas import WrittenDate
from app.kit.text import Line
from app.office.calls import Change, CurrentPlaces, Now
from app.office.exporting import Format, exported
from app.office.forms import SENTENCES
from app.office.pages.frame import FORM_AGAIN, address, judged, see, show
from app.office.places import Places
from app.office.queries import record
from app.office.service.record import take_out
from app.office.words import ACTIONS, OBJECTS, changes, entry_words

router = Door()
MayRead = Annotated[Caller, Depends(allowed(Permission.AUDIT_READ))]
PATH = "/office/audit"
PER_PAGE = 50
Short = Annotated[str, Line(128, blank=True)]


class Search(BaseModel):
    """What is looked for, as the address says it."""

    actor: Short = ""
    action: Short = ""
    object_kind: Short = ""
    object_id: Short = ""
    station: Short = ""
    organisation: Short = ""
    since: WrittenDate | None = None
    until: WrittenDate | None = None
    address: Short = ""
    q: Short = ""


async def _filters(
    session: AsyncSession, places: Places, given: Mapping[str, str]
) -> tuple[Filters | None, Mapping[str, str]]:
    """What to look for, or a sentence for each field that can't be looked for."""
    search, errors = judged(Search, given, SENTENCES)
    if search is None:
        return None, errors
    station = places.station_by_code(search.station) if search.station else None
    if search.station and station is None:
        errors["station"] = _("There is no station with this code.")
    organisation_id = await _organisation(session, search.organisation)
    if search.organisation and organisation_id is None:
        errors["organisation"] = _("There is no organisation with this credit code or id.")
    if search.q and search.since is None:
        errors["since"] = _("Give a first day too: looking for words reads every entry.")
    found = Filters(
        search.actor,
        search.action,
        search.object_kind,
        search.object_id,
        station.id if station else None,
        organisation_id,
        search.since,
        search.until,
        search.address,
        search.q,
    )
    return (None if errors else found), errors


async def _organisation(session: AsyncSession, text: str) -> UUID | None:
    """By its id, or by its credit code."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return await record.organisation_by_code(session, text)


def _asked(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if value.strip()}


@router.get(PATH)
async def audit_page(request: Request, caller: MayRead, session: Reading, places: CurrentPlaces) -> HTMLResponse:
    """Entries that fit, newest first. Looking is not itself put on record; taking out a file is."""
    given = _asked(request)
    filters, errors = await _filters(session, places, given)
    scope, after = caller.scope(Permission.AUDIT_READ), given.get("after")
    found = Found([], None)
    if filters:
        try:
            found = await record.search(session, scope, filters, after, PER_PAGE)
        except CursorError:
            return HTMLResponse(status_code=303, headers={"Location": PATH})
    query = {name: given[name] for name in Search.model_fields if name in given}
    context = {
        "asked": {name: given.get(name, "") for name in Search.model_fields},
        "narrowed": bool(query),
        "errors": errors,
        "rows": [(entry, entry_words(entry)) for entry in found.entries],
        "called": await record.called(session, scope, found.entries),
        "first": address(PATH, query) if after else "",
        "following": address(PATH, query, after=found.next) if found.next else "",
        "csv": address(f"{PATH}/export", query, format="csv"),
        "jsonl": address(f"{PATH}/export", query, format="jsonl"),
        "actions": sorted(((code, str(words)) for code, words in ACTIONS.items())),
        "objects": [(code, str(words)) for code, words in OBJECTS.items()],
        "station_groups": places.station_groups(scope),
    }
    return show(request, caller, "audit.html", context, status_code=FORM_AGAIN if errors else 200)


@router.get(f"{PATH}/export")
async def export(request: Request, caller: MayRead, database: Hot, change: Change) -> Response:
    """All entries that fit as a file; on record before the first of them leaves."""
    given = _asked(request)
    filters, _errors = await _filters(change.session, change.places, given)
    if filters is None:
        return see(address(PATH, given))
    form: Format = "jsonl" if given.get("format") == "jsonl" else "csv"
    await take_out(change.session, caller, filters, form, change.now)
    return exported(database, caller.scope(Permission.AUDIT_READ), filters, form, change.now)


@router.get(f"{PATH}/state")
async def state_page(request: Request, caller: MayRead, session: Reading, now: Now) -> HTMLResponse:
    return await _state(request, caller, session, now)


@router.post(f"{PATH}/state")
async def prove(request: Request, caller: MayRead, session: Reading, database: Hot, now: Now) -> HTMLResponse:
    """Prove the newest entries of each chain; the whole record is proven by command."""
    proven = await record.prove_newest(database, caller.scope(Permission.AUDIT_READ))
    return await _state(request, caller, session, now, proven=proven)


async def _state(request: Request, caller: Caller, session: AsyncSession, now: datetime, **more: Any) -> HTMLResponse:
    heads = await record.heads(session, caller.scope(Permission.AUDIT_READ))
    lines = heads_text(heads, now)
    context = {
        "total": sum(head.n - head.first_n + 1 for head in heads),
        "lines": lines,
        "digest": lines.rpartition(" ")[2],
        "newest": record.NEWEST,
        "proven": None,
        **more,
    }
    return show(request, caller, "audit_state.html", context)


class InChain:
    """Where an entry stands, as the address says it."""

    def __init__(self, chain: Annotated[int, Path(ge=0, lt=CHAINS)], n: Annotated[int, Path(ge=1, lt=2**63)]) -> None:
        self.chain = chain
        self.n = n


@router.get(f"{PATH}/{{chain}}/{{n}}")
async def entry_page(
    request: Request, where: Annotated[InChain, Depends()], caller: MayRead, session: Reading, places: CurrentPlaces
) -> HTMLResponse:
    """One entry, with what was before and after side by side."""
    found = await record.find(session, caller.scope(Permission.AUDIT_READ), where.chain, where.n)
    if found is None:
        raise NotFound
    entry = found.entry
    station = places.station(entry.station_id)
    context = {
        "shown": found,
        "entry": entry,
        "words": entry_words(entry),
        "called": await record.called(session, caller.scope(Permission.AUDIT_READ), [entry]),
        "changes": changes(entry),
        "station": station,
        "same_object": address(PATH, {"object_kind": entry.object_kind, "object_id": entry.object_id}),
        "same_actor": address(PATH, {"actor": entry.actor_id or entry.actor_name}),
    }
    return show(request, caller, "audit_entry.html", context)
