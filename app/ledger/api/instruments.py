"""The instruments of an organisation, one by one and as a list: a page of it costs one statement."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from app.kit.clock import LOCAL
from app.kit.db import Hot, Reading, RetryingRoute, WriteSession, Writing
from app.kit.doors import Door
from app.kit.problems import Invalid, problem_responses
from app.kit.tables import CSV, XLSX, SheetKind, wants_csv
from app.ledger.api.frame import GUARDED, HERE, Asking, Asks, InstrumentId, Writes, as_json
from app.ledger.errors import (
    InstrumentChanged,
    InstrumentRetired,
    InstrumentTwice,
    InstrumentUnknown,
    LedgerFull,
)
from app.ledger.fields import BY_KEY
from app.ledger.files.writing import ledger_file
from app.ledger.queries import MOST_IN_A_FILE, Wish, history, one, page_of
from app.ledger.schemas import (
    InstrumentChange,
    InstrumentOut,
    InstrumentSaid,
    InstrumentsAsked,
    InstrumentsPage,
    InstrumentWhole,
    Restoring,
    Retiring,
)
from app.ledger.service.keeping import Ledger
from app.ledger.words import step_words

router = Door(route_class=RetryingRoute)
ONE = f"{HERE}/{{instrument}}"
DEFAULT_LIMIT = 50
CHANGES = (*GUARDED, InstrumentUnknown, InstrumentChanged)


AS_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in (CSV, XLSX)},
        "description": "A page of the list; also as a file.",
    }
}


@router.get(HERE, response_model=InstrumentsPage, responses=AS_FILE | problem_responses(*GUARDED))
async def list_instruments(
    request: Request, asks: Asks, asked: Annotated[InstrumentsAsked, Query()], database: Hot
) -> Response:
    """The organisation's instruments, those that are due first at the top unless told."""
    file: SheetKind | None = "csv" if wants_csv(request, asked.format) else "xlsx" if asked.format == "xlsx" else None
    limit = asked.limit or (MOST_IN_A_FILE if file else DEFAULT_LIMIT)
    wish = Wish(asked.q, asked.due, asked.state, asked.sort, asked.cursor or None, limit)
    found = await page_of(database, asks.caller.person_id, asks.organisation_id, wish, asks.world.today)
    if file:
        return ledger_file(file, asked.columns, found.items, asks.world)
    return as_json({"items": [asks.world.json(each) for each in found.items], "next": found.next})


@router.post(
    HERE,
    status_code=201,
    response_model=InstrumentOut,
    responses=problem_responses(*GUARDED, InstrumentTwice, LedgerFull),
)
async def add_instrument(asks: Writes, said: InstrumentSaid, session: Writing) -> Response:
    """A new instrument. `instrument_name` is needed, everything else may follow later."""
    made = await _ledger(asks, session).add(_clean(asks, said.model_dump()))
    return as_json(await _shown(asks, session, made.id), 201)


@router.get(ONE, response_model=InstrumentWhole, responses=problem_responses(*GUARDED, InstrumentUnknown))
async def get_instrument(asks: Asks, instrument: InstrumentId, session: Reading) -> Response:
    """One instrument, in use or not, with its history."""
    found = await one(session, asks.caller, asks.organisation_id, instrument)
    steps = await history(session, asks.caller, asks.organisation_id, instrument)
    told = [
        {"at": step.at.astimezone(LOCAL), "kind": step.kind, "text": step_words(step.kind, step.data), "by": step.by}
        for step in steps
    ]
    return as_json({**asks.world.json(found), "history": told})


@router.patch(ONE, response_model=InstrumentOut, responses=problem_responses(*CHANGES, InstrumentTwice))
async def change_instrument(
    asks: Writes, instrument: InstrumentId, said: InstrumentChange, session: Writing
) -> Response:
    """Change what is named; the rest stays."""
    given = said.model_dump(exclude_unset=True, exclude={"version"})
    made = await _ledger(asks, session).change(instrument, said.version, _clean(asks, given, tuple(given)))
    return as_json(await _shown(asks, session, made.id))


@router.post(f"{ONE}/retire", response_model=InstrumentOut, responses=problem_responses(*CHANGES, InstrumentRetired))
async def retire_instrument(asks: Writes, instrument: InstrumentId, said: Retiring, session: Writing) -> Response:
    """Put it out of use: it isn't due any more, and its history stays."""
    made = await _ledger(asks, session).retire(instrument, said.version, said.reason)
    return as_json(await _shown(asks, session, made.id))


@router.post(f"{ONE}/restore", response_model=InstrumentOut, responses=problem_responses(*CHANGES, InstrumentTwice))
async def restore_instrument(asks: Writes, instrument: InstrumentId, said: Restoring, session: Writing) -> Response:
    """Put it to use again."""
    made = await _ledger(asks, session).restore(instrument, said.version)
    return as_json(await _shown(asks, session, made.id))


def _ledger(asks: Asking, session: WriteSession) -> Ledger:
    return Ledger(session, asks.caller, asks.organisation_id, asks.catalogue, asks.now)


def _clean(asks: Asking, given: Mapping[str, Any], keys: Collection[str] = tuple(BY_KEY)) -> dict[str, Any]:
    """Raises Invalid with every field at fault."""
    entry = asks.reader.read(given, keys)
    if entry.faults:
        raise Invalid(errors=list(entry.faults))
    return entry.values


async def _shown(asks: Asking, session: WriteSession, instrument_id: UUID) -> dict[str, Any]:
    return asks.world.json(await one(session, asks.caller, asks.organisation_id, instrument_id))
