"""Labels for what belongs to a request: how many of which item, and the sheet that they are printed on."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.kit.db import RetryingRoute
from app.kit.documents import Typesetter
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import lazy, tr
from app.kit.problems import Problem
from app.kit.tables import PDF
from app.reception.errors import ThingUnknown
from app.reception.labels import ON_A_SHEET, Printing, Sheet, labels_pdf
from app.reception.models import Thing
from app.reception.pages.frame import (
    FORM_AGAIN,
    HANDLE,
    READ,
    RECEPTION,
    AtStation,
    AtWork,
    Here,
    Typed,
    sentences,
)
from app.reception.queries import things_of
from app.reception.rules import COMES, MOST_PARTS, taken_in
from app.reception.words import STANDINGS
from app.requests.answers import NOT_TO_KEEP
from app.requests.queries import Item, RequestView
from app.requests.rules import State, Way
from app.requests.words import state_tag
from app.web.forms import address, typed

router = Door(route_class=RetryingRoute)
ONE = f"{RECEPTION}/{{code}}/requests/{{reference}}"
Reference = Annotated[str, Path(max_length=60)]
SHEETS = {
    Sheet.A4: lazy("Sheet of A4 with 24 labels of 70 × 37 mm"),
    Sheet.ROLL_60: lazy("Label printer, 60 × 40 mm"),
    Sheet.ROLL_50: lazy("Label printer, 50 × 30 mm"),
}
NO_NUMBER = lazy("Give a number from 0 to {most}.")
NOTHING: Mapping[str, str] = {}
PIECES = r"^(\d{1,4}-\d{1,3}(\.\d{1,4}-\d{1,3})*)?$"
NUMBER = re.compile("[1-9][0-9]{0,3}", re.ASCII)


class Asked(BaseModel):
    """Labels to print: `pieces` are how many of which item ("1-3.2-1"), `thing` is the code of one."""

    sheet: Sheet = Sheet.A4
    start: Annotated[int, Field(ge=1, le=ON_A_SHEET)] = 1
    pieces: Annotated[str, Field(max_length=4000, pattern=PIECES)] = ""
    thing: Annotated[str, Field(max_length=40)] = ""


@router.get(ONE, dependencies=[READ])
async def look(here: AtStation, reference: Reference) -> HTMLResponse:
    """What is handed in with a request, with how it stands. Raises RequestUnknown, also for one of another station."""
    return await request_page(here, await here.at.view(here.station, reference))


@router.post(ONE, dependencies=[HANDLE])
async def make(here: AtWork, reference: Reference, sent: Typed) -> Response:
    """A code for each thing that has none yet, then the labels as a file."""
    given = typed_numbers(sent.multi_items())
    texts = typed(sent)
    try:
        parts = {int(name): _number(text) for name, text in given.items()}
        things = await here.at.label(here.station, reference, parts)
    except (Problem, ValueError) as problem:
        await here.at.session.rollback()
        view = await here.at.view(here.station, reference)
        errors = sentences(problem) if isinstance(problem, Problem) else _wrong(given)
        return await request_page(here, view, given | texts, errors)
    if not things:
        view = await here.at.view(here.station, reference)
        return await request_page(here, view, given | texts, {"": _("Say for at least one item how many labels.")})
    wanted = {"sheet": texts.get("sheet", ""), "start": texts.get("start", "")}
    pieces = [f"{n}-{count}" for n, count in parts.items() if count]
    return here.see(f"/requests/{reference}/labels.pdf", **wanted, pieces=".".join(pieces))


@router.get(f"{ONE}/labels.pdf", dependencies=[HANDLE])
async def printed(here: AtStation, reference: Reference, asked: Annotated[Asked, Query()]) -> Response:
    """The labels that are asked for. Raises RequestUnknown, ThingUnknown, DocumentsBusy."""
    view = await here.at.view(here.station, reference)
    wanted = {
        int(n): int(count) for n, _dash, count in (each.partition("-") for each in asked.pieces.split(".") if each)
    }
    things = await things_of(here.at.session, view.request.id)
    chosen = [each for each in things if each.code == asked.thing or each.part <= wanted.get(each.n, 0)]
    if not chosen:
        raise ThingUnknown
    state = here.at.request.app.state
    typesetter: Typesetter = state.typesetter
    base = str(state.settings.web.public_url or here.at.request.base_url).rstrip("/")
    printing = Printing(asked.sheet, asked.start, base, tr(state.papers, "network"), here.at.now)
    body = await labels_pdf(typesetter, view, things, chosen, printing)
    name = f'attachment; filename="labels-{view.request.reference}.pdf"'
    return Response(body, media_type=PDF, headers={**NOT_TO_KEEP, "Content-Disposition": name})


def typed_numbers(pairs: list[tuple[str, Any]]) -> dict[str, str]:
    """By number of the item, what was typed as how many labels."""
    named = ((name.removeprefix("parts."), value) for name, value in pairs if name.startswith("parts."))
    return {n: value.strip() for n, value in named if isinstance(value, str) and NUMBER.fullmatch(n)}


def _number(text: str) -> int:
    """Nothing typed is none. Raises ValueError."""
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and int(text) <= MOST_PARTS):
        raise ValueError(text)
    return int(text)


def _wrong(given: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    for n, text in given.items():
        try:
            _number(text)
        except ValueError:
            errors[f"parts.{n}"] = str(NO_NUMBER).format(most=MOST_PARTS)
    return errors


async def request_page(
    here: Here, view: RequestView, given: Mapping[str, str] = NOTHING, errors: Mapping[str, str] = NOTHING
) -> HTMLResponse:
    by_item: dict[int, list[Thing]] = {}
    for thing in await things_of(here.at.session, view.request.id):
        by_item.setdefault(thing.n, []).append(thing)
    items = [item for item in view.items if item.way is Way.HANDED_IN]
    context = {
        "view": view,
        "rows": [(item, by_item.get(item.n, [])) for item in items],
        "wanted": {item.n: given.get(str(item.n), str(_pieces(item, by_item))) for item in items},
        "sheets": [(sheet.value, str(words)) for sheet, words in SHEETS.items()],
        "sheet": given.get("sheet", Sheet.A4.value),
        "start": given.get("start", "1"),
        "item_tag": lambda item: state_tag(State(item.status)),
        "standings": {standing.value: str(words) for standing, words in STANDINGS.items()},
        "on_a_sheet": ON_A_SHEET,
        "errors": errors,
        "labels_of": lambda thing: address(
            f"{here.path}/requests/{view.request.reference}/labels.pdf", {"thing": thing.code}
        ),
    }
    return here.show("labels.html", context, status_code=FORM_AGAIN if errors else 200)


def _pieces(item: Item, by_item: Mapping[int, list[Thing]]) -> int:
    """How many labels are proposed: those that were made, else as many as the form says, if something can come."""
    state = State(item.status)
    if made := by_item.get(item.n):
        return len(made)
    if not (state in COMES or taken_in(state)):
        return 0
    said = item.inputs.get("quantity")
    return min(said, MOST_PARTS) if isinstance(said, int) and said > 0 else 1
