"""Files of instruments for programs: handed in and looked at first, then taken in."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, File, Response, UploadFile

from app.accounts.callers import SignedIn
from app.demand.registers.errors import FileError
from app.kit.clock import LOCAL
from app.kit.db import Reading, RetryingRoute, WriteSession, Writing
from app.kit.doors import Door
from app.kit.problems import FieldError, Invalid, TooMany, problem_responses
from app.ledger.api.frame import GUARDED, HERE, Asking, Asks, Writes, as_json
from app.ledger.errors import ImportTaken, ImportUnknown, LedgerFull
from app.ledger.files.words import file_words
from app.ledger.imported import find, wrong
from app.ledger.looking import looked_at
from app.ledger.models import InstrumentImport
from app.ledger.schemas import ImportOut, TakenOut
from app.ledger.service.imports import Imports
from app.web.ids import identified
from app.web.limits import limited

router = Door(route_class=RetryingRoute)
ONE = f"{HERE}/imports/{{imported}}"
ROWS_SHOWN = 1000
AS_IT_IS = "{sentence}"


async def import_id(imported: str, _caller: SignedIn) -> UUID:
    return identified(imported)


ImportId = Annotated[UUID, Depends(import_id)]


@router.post(
    f"{HERE}/imports",
    status_code=201,
    response_model=ImportOut,
    responses=problem_responses(*GUARDED, TooMany),
    dependencies=[Depends(limited("message"))],
)
async def hand_in(
    asks: Writes,
    session: Writing,
    file: Annotated[UploadFile, File(description="CSV (UTF-8 or GB 18030) or XLSX, up to 8 MiB and 20,000 rows.")],
) -> Response:
    """Look at a file. Nothing changes yet; what isn't taken in is deleted after a day."""
    try:
        checked = await looked_at(file, asks.reader)
    except FileError as error:
        fault = FieldError("file", f"file_{error.code}", AS_IT_IS, {"sentence": file_words(error)})
        raise Invalid(errors=[fault]) from error
    made = await _imports(asks, session).hand_in(checked)
    return as_json(await _shown(session, made), 201)


def _imports(asks: Asking, session: WriteSession) -> Imports:
    return Imports(session, asks.caller, asks.organisation_id, asks.catalogue, asks.now)


async def _shown(session: Reading | Writing, found: InstrumentImport) -> dict[str, Any]:
    faults = await wrong(session, found.id, ROWS_SHOWN)
    return {
        "id": found.id,
        "created_at": found.created_at.astimezone(LOCAL),
        "taken_at": found.taken_at and found.taken_at.astimezone(LOCAL),
        "columns": found.columns,
        "ignored": found.told["ignored"],
        **{name: found.told[name] for name in ("rows", "new", "changed", "same", "bad")},
        "faults": [{"row": each.line, "field": each.field, "message": each.what} for each in faults],
    }


@router.get(ONE, response_model=ImportOut, responses=problem_responses(*GUARDED, ImportUnknown))
async def get_import(asks: Asks, imported: ImportId, session: Reading) -> Response:
    """A file that was handed in, with what is wrong with it: all faults of up to 1,000 rows."""
    return as_json(await _shown(session, await find(session, asks.organisation_id, imported)))


@router.post(
    f"{ONE}/take-in",
    response_model=TakenOut,
    responses=problem_responses(*GUARDED, ImportUnknown, ImportTaken, LedgerFull),
)
async def take_in(asks: Writes, imported: ImportId, session: Writing) -> Response:
    """Take in every row without a fault, all or none of them; an instrument that is known is changed, not doubled."""
    taken = await _imports(asks, session).take_in(imported)
    return as_json({name: getattr(taken, name) for name in TakenOut.model_fields})
