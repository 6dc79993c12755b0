"""The applicant corrects what the station asked for, all at once, and sends the request again."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from app.catalogue.questions import Question, kind_of, options_of
from app.catalogue.rules import FormField, InputType
from app.catalogue.snapshot import Catalogue, CurrentCatalogue
from app.kit.doors import Door
from app.kit.i18n import tr
from app.kit.problems import Invalid, Problem
from app.requests.corrections import Against, corrected
from app.requests.queries import Item, RequestView
from app.requests.rules import Action, State
from app.requests.service.planning import Given, possible
from app.requests.site_intake import ADDRESS_FIELD, questions_of
from app.requests.standing import label
from app.requests.visiting import FORM_AGAIN, Changing, Choosing, FollowRoute, Visitor, private, see
from app.stations.directory import CurrentDirectory, Directory

router = Door(route_class=FollowRoute)
PAGE = "/r/{reference}/correct"
MANY = frozenset({InputType.MULTI_ENUM})


async def form_of(request: Request) -> FormData:
    return await request.form()


Typed = Annotated[FormData, Depends(form_of)]


@router.get(PAGE)
async def ask(visitor: Choosing, catalogue: CurrentCatalogue, directory: CurrentDirectory) -> Response:
    view = await visitor.open()
    if not possible(view, Action.CORRECT, visitor.party, visitor.now):
        return see(visitor.address())
    return correct_page(visitor, view, catalogue, directory, typed=None, errors={})


@router.post(PAGE)
async def correct(
    visitor: Changing, catalogue: CurrentCatalogue, directory: CurrentDirectory, typed: Typed
) -> Response:
    """Send it again; with a wrong answer nothing is changed and everything typed is kept."""
    view = await visitor.open(lock=True)
    answers = {
        item.n: {field.key: _typed(typed, item, field) for field in asked_again(view, item, catalogue)}
        for item in returned(view)
    }
    try:
        clean = corrected(view, answers, Against(catalogue, directory, visitor.now))
        await visitor.changes.act(view, Action.CORRECT, Given(inputs=clean))
    except Invalid as problem:
        errors = {error.field: error.sentence() for error in problem.errors}
        return correct_page(visitor, view, catalogue, directory, typed=typed, errors=errors)
    except Problem as problem:
        await visitor.session.rollback()
        return see(f"{visitor.address()}?refused={problem.code}")
    return see(f"{visitor.address()}?changed=corrected")


def returned(view: RequestView) -> list[Item]:
    return [item for item in view.items if item.status == State.RETURNED]


def asked_again(view: RequestView, item: Item, catalogue: Catalogue) -> list[FormField]:
    """The questions at fault, in the order of the form."""
    at_fault = {fault["field"].rpartition(".")[2] for fault in item.faults}
    questions = questions_of(catalogue.by_code[item.service.code].fields, view.request.mode)
    return [field for field in questions if field.key in at_fault]


def answer_of(view: RequestView, item: Item, field: FormField) -> Any:  # noqa: ANN401 - any JSON
    """What stands there now; where staff come, the request knows best."""
    return view.site.address if view.site and field.key == ADDRESS_FIELD else item.inputs.get(field.key, "")


def name_of(item: Item, field: FormField) -> str:
    return f"items.{item.n}.inputs.{field.key}"


def _typed(typed: FormData, item: Item, field: FormField) -> Any:  # noqa: ANN401 - text, or several
    name = name_of(item, field)
    return typed.getlist(name) if field.type in MANY else typed.get(name, "")


def correct_page(
    visitor: Visitor,
    view: RequestView,
    catalogue: Catalogue,
    directory: Directory,
    *,
    typed: FormData | None,
    errors: Mapping[str, str],
) -> Response:
    regions = [(each.adcode, tr(each, "name")) for each in directory.atlas.divisions]
    context = {
        "view": view,
        "items": [
            (
                label(item),
                [
                    (wanted_of(item, name_of(item, field)), _question(view, item, field, typed, regions))
                    for field in asked_again(view, item, catalogue)
                ],
            )
            for item in returned(view)
        ],
        "errors": errors,
        "here_path": visitor.address("correct"),
        "back": visitor.address(),
    }
    return private(visitor.request, "correct.html", context, status_code=FORM_AGAIN if errors else 200)


def wanted_of(item: Item, name: str) -> str:
    return next((fault["wanted"] for fault in item.faults if fault["field"] == name), "")


def _question(
    view: RequestView, item: Item, field: FormField, typed: FormData | None, regions: list[tuple[str, str]]
) -> Question:
    value = _as_typed(answer_of(view, item, field)) if typed is None else _typed(typed, item, field)
    return Question(
        name=name_of(item, field),
        label=tr(field, "label"),
        kind=kind_of(field),
        required=field.required,
        value=value,
        options=regions if field.type is InputType.REGION else options_of(field),
    )


def _as_typed(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A stored answer as its field shows it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, list) else str(value)
