"""The form for a result: what was found, in the columns of the service, or as a report file; also to correct one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.catalogue.deliverables import ResultKind
from app.catalogue.snapshot import CurrentCatalogue, ServiceInfo
from app.kit.clock import local_date
from app.kit.doors import Door
from app.kit.problems import Invalid, NotFound, Problem
from app.requests.queries import Item, RequestView
from app.requests.rules import Action
from app.requests.standing import label
from app.requests.visiting import FORM_AGAIN, OFFICE, Changing, Editor, FollowRoute, Looking, Visitor, see
from app.results import service
from app.results.pages.frame import can, show_result
from app.results.queries import found_of
from app.results.rules import TableKind, table_for, usually_until
from app.results.service import At
from app.results.typed import Typed, again, sentences, typed_of, without_computed
from app.results.words import NOTES
from app.web.bodies import form_of

router = Door(route_class=FollowRoute)
HANDLE = Depends(allowed(Permission.REQUESTS_HANDLE))
PAGE = f"{OFFICE}/{{reference}}/results/{{n}}/enter"
ItemNumber = Annotated[int, Path(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class About:
    """The item that is asked about, with the words and the table of its service; `action` is entering or correcting."""

    view: RequestView
    item: Item
    kind: ResultKind
    service: ServiceInfo
    table: TableKind
    action: Action


def about(visitor: Visitor, view: RequestView, n: int, catalogue: CurrentCatalogue) -> About | None:
    """None when nothing can be entered for it now. Raises NotFound for an item that isn't there."""
    item = next((each for each in view.items if each.n == n), None)
    if item is None or item.service.result is None:
        raise NotFound
    words = catalogue.by_code[item.service.code]
    steps = can(visitor, view, item)
    for action in (Action.RECORD_RESULT, Action.CORRECT_RESULT):
        if action in steps:
            kind = item.service.result
            return About(view, item, kind, words, table_for(kind, words.name_zh), action)
    return None


@router.get(PAGE, dependencies=[HANDLE])
async def ask(visitor: Looking, n: ItemNumber, catalogue: CurrentCatalogue) -> Response:
    """Empty, or with what was entered before where that is to be corrected or was sent back."""
    view = await replace(visitor, permission=Permission.REQUESTS_HANDLE).open()
    asked = about(visitor, view, n, catalogue)
    if asked is None:
        return see(visitor.address("results"))
    last = (await found_of(visitor.session, view.request.id, n)).last
    unit = asked.table.units[0] if asked.table.units else ""
    typed = without_computed(again(last, local_date(visitor.now), unit), asked.table)
    return form_page(visitor, asked, typed, {})


@router.post(PAGE, dependencies=[HANDLE])
async def enter(request: Request, visitor: Changing, n: ItemNumber, catalogue: CurrentCatalogue) -> Response:
    """Keep it, or show the form again with what is wrong."""
    editor = replace(visitor, permission=Permission.REQUESTS_HANDLE)
    async with form_of(request) as form:
        typed = typed_of(form)
        view = await editor.open(lock=True)
        asked = about(editor, view, n, catalogue)
        if asked is None:
            return see(editor.address("results"))
        if typed.wants_rows:
            return form_page(editor, asked, typed, {})
        try:
            await _keep(editor, asked, typed)
        except Invalid as problem:
            await editor.session.rollback()
            errors = sentences(problem)
        except Problem as problem:
            await editor.session.rollback()
            return see(f"{editor.address()}?refused={problem.code}")
        else:
            return see(f"{editor.address('results')}?changed=entered")
        now = about(editor, await editor.open(), n, catalogue)  # as it stands, without what was undone
        return form_page(editor, now, typed, errors) if now else see(editor.address("results"))


async def _keep(editor: Editor, asked: About, typed: Typed) -> None:
    """Raises Invalid and what a step raises."""
    finding, given = typed.finding(), typed.given()
    at = At(editor.session, editor.changes, asked.view, asked.item.n, editor.caller.person_id, editor.now)
    store = editor.request.app.state.files
    file = await service.report(at, store, typed.upload, asked.action) if typed.upload else None
    take = service.enter if asked.action is Action.RECORD_RESULT else service.correct
    await take(at, asked.service, finding, file=file, given=given)


def form_page(visitor: Visitor, asked: About, typed: Typed, errors: Mapping[str, str]) -> Response:
    today = local_date(visitor.now)
    until = usually_until(today, asked.service.validity_months, passed=None)
    context: dict[str, Any] = {
        "view": asked.view,
        "label": label(asked.item),
        "kind": asked.kind.value,
        "table": asked.table,
        "correcting": asked.action is Action.CORRECT_RESULT,
        "units": [(unit, unit) for unit in asked.table.units],
        "months": asked.service.validity_months,
        "usual": until,
        "today": today,
        "rows": typed.padded(asked.table),
        "typed": typed.texts,
        "notes": [
            (key, str(words), str(hint))
            for key, (words, hint) in NOTES.items()
            if key != "conclusion" or asked.kind is ResultKind.REPORT
        ],
        "errors": errors,
        "here_path": visitor.address(f"results/{asked.item.n}/enter"),
        "back": visitor.address("results"),
    }
    return show_result(visitor, "enter.html", context, status_code=FORM_AGAIN if errors else 200)
