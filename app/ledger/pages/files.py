"""The ledger as a file: taken along, handed in, looked at, taken in."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response

from app.accounts.callers import SignedIn
from app.demand.registers.errors import FileError
from app.demand.registers.reading import MIB
from app.kit.db import Hot, RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.tables import file_response
from app.ledger.errors import ImportTaken, LedgerFull
from app.ledger.fields import FIELDS, MORE
from app.ledger.files.checking import MOST_BYTES, MOST_ROWS
from app.ledger.files.words import file_words
from app.ledger.files.writing import Width, ledger_file, template_file
from app.ledger.imported import find, wrong
from app.ledger.looking import looked_at
from app.ledger.models import InstrumentImport
from app.ledger.pages.frame import CONFLICT, FORM_AGAIN, HERE, Acting, Call, Looking, see
from app.ledger.pages.listing import Filters
from app.ledger.queries import MOST_IN_A_FILE, page_of
from app.ledger.service.imports import Imports
from app.ledger.words import label
from app.web.ids import identified
from app.web.limits import limited

router = Door(route_class=RetryingRoute)
ONE = f"{HERE}/imports/{{imported}}"
ROWS_SHOWN = 30
Kind = Literal["csv", "xlsx"]


async def import_id(imported: str, _caller: SignedIn) -> UUID:
    return identified(imported)


ImportId = Annotated[UUID, Depends(import_id)]


@router.get(f"{HERE}/export")
async def export(
    call: Looking, database: Hot, asked: Annotated[Filters, Query()], kind: Kind = "xlsx", columns: Width = "standard"
) -> Response:
    """The part of the ledger that the list shows, all of it."""
    wish = asked.wish(MOST_IN_A_FILE)
    found = await page_of(database, call.caller.person_id, call.own.id, wish, call.world.today)
    return ledger_file(kind, columns, found.items, call.world)


@router.get(f"{HERE}/template")
async def template(_call: Looking, kind: Kind = "xlsx") -> Response:
    return template_file(kind)


@router.get(f"{HERE}/import")
async def import_form(call: Looking) -> Response:
    return _form(call, "")


@router.post(f"{HERE}/import", dependencies=[Depends(limited("message"))])
async def hand_in(call: Acting) -> Response:
    """The rows are looked at and kept to be shown; nothing changes yet."""
    async with call.request.form(max_files=1, max_fields=10) as sent:
        try:
            checked = await looked_at(sent.get("file"), call.reader)
        except FileError as error:
            return _form(call, file_words(error))
    made = await _imports(call).hand_in(checked)
    return see(call.path("imports", made.id))


def _imports(call: Call) -> Imports:
    return Imports(call.session, call.caller, call.own.id, call.catalogue, call.now)


def _form(call: Call, error: str) -> Response:
    context = {
        "errors": {"file": error} if error else {},
        "most_mib": MOST_BYTES // MIB,
        "most_rows": MOST_ROWS,
        "standard": [field.label_zh for field in FIELDS],
        "more": [field.label_zh for field in MORE],
    }
    return call.show("import.html", context, status=FORM_AGAIN if error else 200)


@router.get(ONE)
async def preview(call: Looking, imported: ImportId) -> Response:
    """What the file would do, and what is wrong with it; after it was taken in, what it has done."""
    return await _preview(call, await find(call.session, call.own.id, imported), "")


async def _preview(call: Call, found: InstrumentImport, error: str) -> Response:
    context = {
        "found": found,
        "told": found.told,
        "used": [label(key) for key in found.columns],
        "faults": await wrong(call.session, found.id, ROWS_SHOWN),
        "shown": ROWS_SHOWN,
        "errors": {"": error} if error else {},
    }
    return call.show("import_preview.html", context, status=CONFLICT if error else 200)


@router.get(f"{ONE}/faults")
async def faults_file(call: Looking, imported: ImportId, kind: Kind = "xlsx") -> Response:
    """Every row that is left out, with the column and what to do."""
    found = await find(call.session, call.own.id, imported)
    columns = {"line": _("Row"), "column": _("Column"), "what": _("What to do")}
    rows = [
        {"line": each.line, "column": each.column, "what": each.what} for each in await wrong(call.session, found.id)
    ]
    return file_response(kind, "instruments-faults", columns, rows)


@router.post(f"{ONE}/take-in")
async def take_in(call: Acting, imported: ImportId) -> Response:
    try:
        await _imports(call).take_in(imported)
    except (ImportTaken, LedgerFull) as problem:
        return await _preview(call, await find(call.session, call.own.id, imported), problem.sentence())
    return see(f"{call.path('imports', imported)}?done=taken_in")


@router.post(f"{ONE}/forget")
async def forget(call: Acting, imported: ImportId) -> Response:
    await _imports(call).forget(imported)
    return see(f"{call.path()}?done=forgotten")
