"""A step of the life of a request, taken by staff or the applicant: at once where nothing is needed, else by a form."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from starlette.datastructures import FormData

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.catalogue.rules import FormField
from app.catalogue.snapshot import CurrentCatalogue
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import FieldError, Invalid, NotFound, Problem
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.given import given
from app.requests.models import REASON_LENGTH
from app.requests.queries import Item, RequestView
from app.requests.rules import WHOLE_REQUEST, Action, Need, Party, State, Step, Way, permission_of
from app.requests.service.planning import Fault, Given, possible
from app.requests.showing import show
from app.requests.site_intake import ADDRESS_FIELD, WHERE_STAFF_COME
from app.requests.standing import ELSEWHERE, able_items, label
from app.requests.visiting import FORM_AGAIN, OFFICE, Changing, Choosing, FollowRoute, Visitor, see
from app.requests.words import VERBS, state_tag
from app.stations.directory import CurrentDirectory

router = Door(route_class=FollowRoute)
STEP = "step/{verb}"
HANDLE = Depends(allowed(Permission.REQUESTS_HANDLE))
Verb = Annotated[str, Path(max_length=40)]
BY_APPLICANT = frozenset({Action.COMPLAIN, Action.CONSENT, Action.REFUSE_CONSENT})
NUMBER = re.compile("[1-9][0-9]{0,3}")


def action_of(verb: str, by: Party) -> Action:
    """The step that an address names. Raises NotFound."""
    name = verb.replace("-", "_")
    if name not in set(Action) or name in ELSEWHERE or (name in BY_APPLICANT) is not (by is Party.APPLICANT):
        raise NotFound
    return Action(name)


class Book:
    """What the words of a form are read from: the catalogue and the divisions."""

    def __init__(self, catalogue: CurrentCatalogue, directory: CurrentDirectory) -> None:
        self.catalogue = catalogue
        self.directory = directory


CurrentBook = Annotated[Book, Depends()]


async def form_of(request: Request) -> FormData:
    return await request.form()


Typed = Annotated[FormData, Depends(form_of)]


async def ask(visitor: Choosing, verb: Verb, book: CurrentBook) -> Response:
    """The form of a step that needs something."""
    action = action_of(verb, visitor.party)
    view = await replace(visitor, permission=permission_of(action)).open()
    if not possible(view, action, visitor.party, visitor.now):
        return see(visitor.address())
    return step_page(visitor, view, action, book, typed={}, errors={})


async def take(visitor: Changing, verb: Verb, book: CurrentBook, typed: Typed) -> Response:
    """Take the step; what is missing is asked for, and what has become impossible said on the page of the request."""
    action = action_of(verb, visitor.party)
    editor = replace(visitor, permission=permission_of(action))
    view = await editor.open(lock=True)
    try:
        chosen = None if action in WHOLE_REQUEST else chosen_items(typed)
        await editor.changes.act(view, action, given_of(typed), items=chosen)
    except Invalid as problem:
        errors = {named(error): error.sentence() for error in problem.errors}
        return step_page(editor, view, action, book, typed=typed, errors=errors)
    except Problem as problem:
        await editor.session.rollback()
        return see(f"{editor.address()}?refused={problem.code}")
    return see(f"{editor.address()}?changed=step")


def chosen_items(typed: Mapping[str, Any]) -> set[int] | None:
    """Numbers of the items that were ticked; None where there was nothing to tick."""
    numbers = typed.getlist("items") if isinstance(typed, FormData) else []
    found = {int(number) for number in numbers if isinstance(number, str) and NUMBER.fullmatch(number)}
    if "some" in typed and not found:
        raise Invalid(errors=[FieldError("items", "required", "Tick at least one item.")])
    return found or None


def given_of(typed: Mapping[str, Any]) -> Given:
    """What was typed, cleaned. Raises Invalid, naming the field."""
    texts, errors = dict[str, str](), list[FieldError]()
    for name, value in typed.items():
        if isinstance(value, str) and (name in ("reason", "late_reason") or name.startswith("wanted.")):
            try:
                texts[name] = Paragraph(REASON_LENGTH, blank=True).validate(value)
            except TextError as error:
                errors.append(FieldError(name, error.code, MESSAGES[error.code], error.context))
    if errors:
        raise Invalid(errors=errors)
    faults = tuple(
        Fault(name.removeprefix("wanted."), text) for name, text in texts.items() if name.startswith("wanted.") and text
    )
    return Given(texts.get("reason", ""), texts.get("late_reason", ""), faults)


def named(error: FieldError) -> str:
    """Faults are typed in many fields; what is missing of them all is said once, above."""
    return "" if error.field == Need.FAULTS else error.field


def step_page(
    visitor: Visitor,
    view: RequestView,
    action: Action,
    book: Book,
    *,
    typed: Mapping[str, Any],
    errors: Mapping[str, str],
) -> Response:
    able = able_items(view, action, visitor.party)
    needs = {need for _item, step in able for need in step.needs}
    again = any(item.returns for item, _step in able)
    context = {
        "view": view,
        "action": action,
        "verb": str(VERBS[action]),
        "items": [(str(item.n), label(item)) for item, _step in able],
        "choose": len(able) > 1 and action not in WHOLE_REQUEST,
        "needs_reason": Need.REASON in needs or (action is Action.RETURN and again) or "reason" in errors,
        "needs_late_reason": "late_reason" in errors,
        "fields": fault_fields(view, able, book) if Need.FAULTS in needs else [],
        "typed": typed,
        "chosen": typed.getlist("items") if isinstance(typed, FormData) else [str(item.n) for item, _step in able],
        "errors": errors,
        "tag": state_tag(State(view.request.status)),
        "as_staff": visitor.as_staff,
        "here_path": visitor.address(f"step/{action.replace('_', '-')}"),
        "back": visitor.address(),
    }
    return show(visitor, "step.html", context, status_code=FORM_AGAIN if errors else 200)


def fault_fields(
    view: RequestView, able: Iterable[tuple[Item, Step]], book: Book
) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """For each item its questions, by name of the field, words, and what was answered.

    Where staff come is asked about once, with the first item, unless a form asks it.
    """
    fields = [(item, _questions(item, book)) for item, _step in able]
    if (
        view.site
        and fields
        and not any(name.endswith(ADDRESS_FIELD) for _item, each in fields for name, *_rest in each)
    ):
        item, questions = fields[0]
        questions.append(
            (_name(item, WHERE_STAFF_COME), tr(WHERE_STAFF_COME, "label"), view.site.address or _("nothing"))
        )
    return [(label(item), questions) for item, questions in fields]


def _name(item: Item, field: FormField) -> str:
    return f"items.{item.n}.inputs.{field.key}"


def _questions(item: Item, book: Book) -> list[tuple[str, str, str]]:
    service = book.catalogue.by_code[item.service.code]
    mode = "station" if item.way in (Way.HANDED_IN, Way.COUNTER) else str(item.way)
    answers = {answer.key: answer.words for answer in given(service, item.inputs, book.directory.atlas.divisions)}
    return [
        (_name(item, each), tr(each, "label"), answers.get(each.key, _("nothing")))
        for each in service.fields
        if each.asked(mode)
    ]


for base, rule in ((OFFICE, [HANDLE]), ("/r", [])):
    path = f"{base}/{{reference}}/{STEP}"
    router.add_api_route(path, ask, methods=["GET"], dependencies=rule)
    router.add_api_route(path, take, methods=["POST"], dependencies=rule)
