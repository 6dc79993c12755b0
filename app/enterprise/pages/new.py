"""A new organisation; and where the check digits of its code don't fit, the way to the staff who may accept it."""

from typing import Annotated

from fastapi import Depends, File, Form, Response, UploadFile
from pydantic import BaseModel, Field

from app.accounts.errors import CaseOpen, OrganisationTaken
from app.accounts.models.organisations import EVIDENCE_LENGTH, ORGANISATION_LENGTH
from app.accounts.service import organisations
from app.accounts.service.evidence import KIND, ask_staff
from app.enterprise.forms import CHECK_DIGIT, Sheet
from app.enterprise.offices import offices
from app.enterprise.pages.frame import Acting, Call, Looking, address, see
from app.files.rules import Owner
from app.files.service import keep
from app.files.store import KIB, FileStore
from app.kit import uscc as codes
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany
from app.kit.text import Line, Paragraph, TextError
from app.stations.directory import CurrentDirectory, Directory
from app.web.check import admit
from app.web.limits import limited

router = Door(route_class=RetryingRoute)
PURPOSE = "evidence"
UNSAID = "text_blank"


class Typed(BaseModel):
    """The form as it was typed; its second part is there when the staff are asked."""

    name: Annotated[str, Field(max_length=10_000)] = ""
    uscc: Annotated[str, Field(max_length=10_000)] = ""
    station: Annotated[str, Field(max_length=100)] = ""
    note: Annotated[str, Field(max_length=10_000)] = ""


@router.get("/organisation/new")
async def form(call: Looking) -> Response:
    return call.show("new.html", {"typed": Typed(), "errors": {}})


@router.post("/organisation/new")
async def create(call: Acting, directory: CurrentDirectory, typed: Annotated[Typed, Form()]) -> Response:
    """Made, or the form with what is wrong; a check digit at fault shows the way to the staff."""
    sheet = Sheet()
    name = sheet.take("name", typed.name, Line(ORGANISATION_LENGTH).validate)
    code = sheet.take("uscc", typed.uscc, written)
    if not sheet.errors:
        try:
            await admit(call.request, "register", call.now)  # slips of the finger aren't counted
            made = await organisations.create(call.session, call.caller, name, code, call.now)
            return see(f"{address(made)}?done=created")
        except OrganisationTaken as problem:
            sheet.errors["uscc"] = problem.sentence()
        except Invalid as problem:
            sheet.refuse(problem)
            return evidence_page(call, directory, typed, sheet)
    return call.show("new.html", {"typed": typed, "errors": sheet.errors}, again=True)


def written(text: str) -> str:
    """A code that could be one, whatever its check digits say. Raises TextError."""
    if not text.strip():
        raise TextError(UNSAID)
    if codes.check(text).problem is not codes.UsccProblem.CHECK_DIGIT:
        return codes.require(text)
    return codes.normalise(text)


@router.post("/organisation/new/evidence", dependencies=[Depends(limited("follow"))])
async def ask(
    call: Acting,
    directory: CurrentDirectory,
    typed: Annotated[Typed, Form()],
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """The code, a note and a picture of the licence for the staff of a station."""
    sheet = Sheet()
    name = sheet.take("name", typed.name, Line(ORGANISATION_LENGTH).validate)
    code = sheet.take("uscc", typed.uscc, written)
    note = sheet.take("note", typed.note, Paragraph(EVIDENCE_LENGTH).validate)
    station = directory.network.station_index.get(typed.station)
    if station is None or not directory.network.stations[station].active:
        sheet.choose("station", "", ())
    if not sheet.errors and station is not None:
        try:
            station_id = directory.network.stations[station].id
            await send(call, file, name=name, uscc=code, station_id=station_id, note=note)
            return see("/organisation?done=asked")
        except Invalid as problem:
            await call.session.rollback()
            sheet.refuse(problem)
        except (CaseOpen, TooMany) as problem:
            await call.session.rollback()
            sheet.errors[""] = problem.sentence()
    return evidence_page(call, directory, typed, sheet)


async def send(call: Call, file: UploadFile | None, *, name: str, uscc: str, station_id: int, note: str) -> None:
    """First the case, which may be refused, then the file: its bytes are written only for a case that is."""
    store: FileStore = call.request.app.state.files
    case = await ask_staff(
        call.session, call.caller, name=name, uscc=uscc, station_id=station_id, note=note, now=call.now
    )
    kept = await keep(
        call.session,
        store,
        file or Nothing(),
        purpose=PURPOSE,
        owner=Owner(KIND, str(case.id)),
        by=call.person_id,
        at=call.now,
    )
    case.file_id = kept.id
    await call.session.flush()


class Nothing:
    """No file: the form was sent without one."""

    filename = None

    async def read(self, _size: int = -1, /) -> bytes:
        return b""


def evidence_page(call: Call, directory: Directory, typed: Typed, sheet: Sheet) -> Response:
    store: FileStore = call.request.app.state.files
    context = {
        "typed": typed,
        "errors": sheet.errors,
        "reason": CHECK_DIGIT,
        "offices": offices(directory, typed.uscc),
        "most": f"{store.most // KIB // KIB} MiB" if store.most >= KIB * KIB else f"{store.most // KIB} KiB",
    }
    return call.show("evidence.html", context, again=True)
