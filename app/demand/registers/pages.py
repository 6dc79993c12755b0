"""Registers of enterprises: listed, handed in as a file, looked at, taken in, replaced, removed."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from anyio import to_thread
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.rules.rights import Permission
from app.demand.models import Register
from app.demand.registers import queries, service
from app.demand.registers.checking import MOST_FAULTS, Checked, check
from app.demand.registers.columns import HEADS, NAMES
from app.demand.registers.drawing import drawing
from app.demand.registers.errors import FileError, RegisterUnknown
from app.demand.registers.forms import SENTENCES, RegisterForm
from app.demand.registers.reading import MIB, MOST_BYTES, MOST_ROWS
from app.demand.registers.words import COLUMNS, fault_words, file_words
from app.kit import clock
from app.kit.clock import local_date
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy
from app.kit.i18n import gettext as _
from app.kit.tables import file_response
from app.stations.atlas import Atlas
from app.stations.directory import CurrentDirectory
from app.web.forms import judged, typed
from app.web.templating import page

router = Door(route_class=RetryingRoute)
MANAGE = Depends(allowed(Permission.REGISTERS_MANAGE))
PATH = "/office/registers"
ONE = f"{PATH}/{{register_id}}"
SEE_OTHER, FORM_AGAIN = 303, 422
FAULTS_SHOWN = 50
NOT_TO_KEEP = {"Cache-Control": "no-store"}
DONE: Mapping[str, LazyString] = {
    "taken_in": lazy("The register is taken in and counts from now on."),
    "removed": lazy("The register is removed."),
    "discarded": lazy("Nothing was taken in; the file is forgotten."),
}
EXAMPLE: Mapping[str, object] = {
    "uscc": "91110000600037341L", "county": "镜湖区", "town": "", "lon": 118.376, "lat": 31.334, "crs": "wgs84",
    "weight": 120, "industry": "通用设备制造业",
}  # fmt: skip
ONE_AT_A_TIME = threading.Lock()
"""A file of 200,000 rows takes a processor for some seconds and some hundred megabytes: never two at once."""
Kind = Literal["csv", "xlsx"]


class Desk:
    """Who looks at registers, and when."""

    def __init__(
        self,
        request: Request,
        caller: CurrentCaller,
        directory: CurrentDirectory,
        now: Annotated[datetime, Depends(clock.now)],
    ) -> None:
        self.request = request
        self.caller = caller
        self.atlas: Atlas = directory.atlas
        self.now = now

    def show(self, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
        """A page in the office's frame, whose sections the application has from above."""
        sections = [
            (path, str(label))
            for path, label, permission in self.request.app.state.office_sections
            if permission is None or self.caller.may(permission)
        ]
        done = DONE.get(self.request.query_params.get("done", ""))
        frame = {"sections": sections, "section": PATH, "done": str(done) if done else ""}
        return page(self.request, f"demand/{name}", frame | dict(context), status_code=status_code, headers=NOT_TO_KEEP)


AtDesk = Annotated[Desk, Depends()]


@router.get(PATH, dependencies=[MANAGE])
async def registers_page(desk: AtDesk, session: Reading) -> HTMLResponse:
    """Those that count, and what oneself has handed in and not decided about."""
    waiting = await queries.waiting(session, desk.caller.person_id)
    return desk.show("registers.html", {"rows": await queries.listed(session), "waiting": waiting})


@router.get(f"{PATH}/template", dependencies=[MANAGE])
async def template(kind: Kind = "xlsx") -> Response:
    """A table to fill in, with one row as an example."""
    return file_response(kind, "register", HEADS, [EXAMPLE])


@router.get(f"{PATH}/new", dependencies=[MANAGE])
async def new_page(desk: AtDesk, session: Reading, replaces: str = "") -> HTMLResponse:
    return await _form(desk, session, {"replaces": replaces, "as_of": local_date(desk.now).isoformat()}, {})


@router.post(f"{PATH}/new", dependencies=[MANAGE])
async def hand_in(desk: AtDesk, session: Writing) -> Response:
    """The file's rows are looked at and kept to be shown; nothing counts yet."""
    async with desk.request.form(max_files=1, max_fields=10) as sent:
        given = typed(sent)
        form, errors = judged(RegisterForm, given, SENTENCES)
        if form and form.as_of > local_date(desk.now):
            errors["as_of"] = _("That day is still to come. Say of which day the register is.")
        checked = None
        try:
            checked = await _checked(desk, sent)
        except FileError as error:
            errors["file"] = file_words(error)
    if form is None or checked is None or errors:
        return await _form(desk, session, given, errors)
    about = service.About(form.name, form.source, form.as_of, form.replaces)
    made = await service.hand_in(session, desk.caller, about, checked, desk.now)
    return _see(f"{PATH}/{made}")


async def _checked(desk: Desk, sent: FormData) -> Checked:
    """Beside everything else. Raises FileError."""
    file = sent.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise FileError("missing")
    data = await file.read(MOST_BYTES + 1)
    key = desk.request.app.state.settings.secret_key
    atlas = desk.atlas

    def work() -> Checked:
        with ONE_AT_A_TIME:
            return check(data, atlas, key)

    return await to_thread.run_sync(work)


async def _form(desk: Desk, session: AsyncSession, given: Mapping[str, str], errors: Mapping[str, str]) -> HTMLResponse:
    context = {
        "given": given,
        "errors": errors,
        "replaceable": [(str(each.register.id), each.register.name) for each in await queries.listed(session)],
        "most_mib": MOST_BYTES // MIB,
        "most_rows": MOST_ROWS,
        "columns": [(HEADS[key], key, str(COLUMNS[key])) for key in NAMES],
    }
    return desk.show("register_new.html", context, status_code=FORM_AGAIN if errors else 200)


@router.get(ONE, dependencies=[MANAGE])
async def register_page(desk: AtDesk, session: Reading, register_id: UUID) -> HTMLResponse:
    """What a register came to, where its rows lie, and what is wrong; before it is taken in, the way to do that."""
    register = await _found(session, register_id)
    counties = await queries.by_county(session, register_id)
    known = [(each, *counties[each.adcode]) for each in desk.atlas.divisions if each.adcode in counties]
    replaced = await queries.find(session, register.replaces_id) if register.replaces_id else None
    context = {
        "register": register,
        "told": register.told,
        "replaced": replaced,
        "counties": known,
        "outside": counties.get(None),
        "drawing": drawing(desk.atlas, list(counties), await queries.cells(session, register_id)),
        "faults": await _fault_rows(session, register_id, FAULTS_SHOWN),
        "most_faults": MOST_FAULTS,
        "used": [str(COLUMNS[key]) for key in register.told["columns"]],
    }
    return desk.show("register.html", context)


@router.get(f"{ONE}/faults", dependencies=[MANAGE])
async def faults_file(session: Reading, register_id: UUID, kind: Kind = "xlsx") -> Response:
    """Every row that is left out, with the column and what to do."""
    await _found(session, register_id)
    columns = {"line": _("Row"), "column": _("Column"), "what": _("What to do")}
    return file_response(kind, "register-faults", columns, await _fault_rows(session, register_id))


async def _fault_rows(session: AsyncSession, register_id: UUID, most: int | None = None) -> list[dict[str, object]]:
    return [
        {"line": each.line, "column": str(COLUMNS[each.column]), "what": fault_words(each.code, each.data)}
        for each in await queries.faults(session, register_id, most)
    ]


@router.post(f"{ONE}/take-in", dependencies=[MANAGE])
async def take_in(desk: AtDesk, session: Writing, register_id: UUID) -> Response:
    await service.take_in(session, desk.caller, register_id, desk.now)
    return _see(PATH, "taken_in")


@router.get(f"{ONE}/remove", dependencies=[MANAGE])
async def remove_page(desk: AtDesk, session: Reading, register_id: UUID) -> HTMLResponse:
    """Asks before a register goes."""
    return desk.show("register_remove.html", {"register": await _found(session, register_id)})


@router.post(f"{ONE}/remove", dependencies=[MANAGE])
async def remove(desk: AtDesk, session: Writing, register_id: UUID) -> Response:
    counted = (await _found(session, register_id)).taken_at is not None
    await service.remove(session, desk.caller, register_id, desk.now)
    return _see(PATH, "removed" if counted else "discarded")


async def _found(session: AsyncSession, register_id: UUID) -> Register:
    """Raises RegisterUnknown."""
    register = await queries.find(session, register_id)
    if register is None:
        raise RegisterUnknown
    return register


def _see(path: str, done: str = "") -> RedirectResponse:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(f"{path}?{urlencode({'done': done})}" if done else path, SEE_OTHER, NOT_TO_KEEP)
