"""What the pages of results share: the frame of whoever looks, and what is shown of an item."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi.responses import HTMLResponse

from app.kit.clock import local_date
from app.requests.queries import Item, RequestView
from app.requests.rules import Action, Party, State, permission_of
from app.requests.section import may
from app.requests.showing import show_office
from app.requests.standing import label
from app.requests.visiting import Visitor
from app.requests.words import state_tag
from app.results.models import IssuedDocument, Result
from app.results.papers import code_of
from app.results.queries import NOTHING, Found, by_item, names, standing
from app.results.words import NOTES, STANDINGS, TITLES
from app.web.templating import page

SECRET = {"Cache-Control": "private, no-store"}
STEPS = (
    Action.RECORD_RESULT,
    Action.VERIFY,
    Action.REFUSE_RESULT,
    Action.ISSUE,
    Action.CORRECT_RESULT,
    Action.INVALIDATE,
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A version of a document as it is listed."""

    document: IssuedDocument
    title: str
    words: str
    tone: str
    code: str
    path: str
    has_file: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An item with what was found for it. `can` has the steps that whoever looks may take with it now."""

    item: Item
    label: str
    tag: tuple[str, str]
    result: Result | None
    own: bool
    refused: Result | None
    can: frozenset[Action]
    papers: tuple[Paper, ...]


def show_result(visitor: Visitor, name: str, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
    """A page in the office's frame for staff, without it for the applicant."""
    template = f"results/{name}"
    if visitor.as_staff:
        inside = {"frame": "office/frame.html", **context}
        return show_office(visitor.request, visitor.caller, template, inside, status_code=status_code)
    inside = {"frame": "requests/plain.html", **context}
    return page(visitor.request, template, inside, status_code=status_code, headers=SECRET)


async def results_page(visitor: Visitor, view: RequestView, errors: Mapping[str, str], **more: Any) -> HTMLResponse:
    """Every item that gives a result, with what was found and issued."""
    found = await by_item(visitor.session, view.request.id)
    items = [shown(visitor, view, item, found.get(item.n, NOTHING)) for item in view.items if item.service.result]
    who = await names(visitor.session, _people(items)) if visitor.as_staff else {}
    context = {
        "view": view,
        "items": items,
        "names": who,
        "notes": {key: str(words) for key, (words, _hint) in NOTES.items()},
        "here_path": visitor.address("results"),
        "back": visitor.address(),
        "as_staff": visitor.as_staff,
        "errors": errors,
        "typed": {},
        "changed": "",
        **more,
    }
    return show_result(visitor, "results.html", context, status_code=422 if errors else 200)


def shown(visitor: Visitor, view: RequestView, item: Item, found: Found) -> Shown:
    today, last = local_date(visitor.now), found.last
    sees = visitor.as_staff
    waits = item.status in (State.RESULT_ENTERED, State.VERIFIED)
    return Shown(
        item,
        label(item),
        state_tag(State(item.status)),
        last if sees and last and waits else None,
        bool(last and last.entered_by == visitor.caller.person_id),
        last if sees and last and last.refused_at and item.status == State.IN_PROGRESS else None,
        can(visitor, view, item),
        tuple(_paper(visitor, each, today, found) for each in reversed(found.documents)),
    )


def can(visitor: Visitor, view: RequestView, item: Item) -> frozenset[Action]:
    """The steps of results that whoever looks may take with an item."""
    if not visitor.as_staff:
        return frozenset()
    return frozenset(
        action
        for action in STEPS
        if may(visitor, view, permission_of(action))
        and item.step(action, Party.STATION, booked=view.booked) is not None
    )


def _paper(visitor: Visitor, document: IssuedDocument, today: date, found: Found) -> Paper:
    words, tone = STANDINGS[standing(document, today)]
    result = next(each for each in found.results if each.id == document.result_id)
    path = visitor.address(f"documents/{document.number}/{document.version}")
    code = code_of(document, visitor.secret_key)
    title = str(TITLES[document.document])
    return Paper(document, title, str(words), tone, code, path, result.file_id is not None)


def _people(items: list[Shown]) -> list[UUID | None]:
    return [by for each in items if each.result for by in (each.result.entered_by, each.result.verified_by)]
