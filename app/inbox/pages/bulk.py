"""One step of the requests that were selected: looked at before, and told one by one after it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Form, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.inbox.bulk import Bulk, Kind, Outcome, lacking, needs_reason, refusal, several
from app.inbox.pages.desk import Desk, Looking
from app.inbox.rules import BULK, MOST_AT_ONCE
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Forbidden, NotFound
from app.kit.text import MESSAGES, Paragraph, TextError
from app.requests.correspondence import CurrentLetters
from app.requests.models import REASON_LENGTH
from app.requests.queries import RequestView
from app.requests.reach import as_staff
from app.requests.rules import Action, State, permission_of
from app.requests.service.planning import Given
from app.requests.visiting import OFFICE, FollowRoute, spelled
from app.requests.words import VERBS, state_tag

router = Door(route_class=FollowRoute)
HANDLE = Depends(allowed(Permission.REQUESTS_HANDLE))
HERE = f"{OFFICE}/bulk"
REASONS = ("reason", "late_reason")
MOST_SENT = 4 * MOST_AT_ONCE


class Chosen(BaseModel):
    """The requests that were selected, the step for them, and where to go back to."""

    step: Annotated[str, Field(max_length=40)] = ""
    reference: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=MOST_SENT)] = []
    back: Annotated[str, Field(max_length=2_000)] = ""

    @property
    def action(self) -> Action:
        """Raises NotFound."""
        if self.step not in set(Action) or Action(self.step) not in BULK:
            raise NotFound
        return Action(self.step)

    @property
    def references(self) -> list[str]:
        return list(dict.fromkeys(map(spelled, self.reference)))

    @property
    def list_path(self) -> str:
        """The list from which they came; an address of anything else is not followed."""
        return self.back if self.back.startswith((f"{OFFICE}?", f"{OFFICE}/views")) else OFFICE


class Sent(Chosen):
    reason: Annotated[str, Field(max_length=10_000)] = ""
    late_reason: Annotated[str, Field(max_length=10_000)] = ""


@router.get(HERE, dependencies=[HANDLE])
async def look(desk: Looking, chosen: Annotated[Chosen, Query()]) -> HTMLResponse:
    """Which of them can take the step, which can't and why, and what has to be given."""
    action = permitted(desk, chosen)
    found = await several(
        desk.session, desk.directory.network, as_staff(desk.caller, permission_of(action)), chosen.references
    )
    return preview(desk, chosen, found, {}, {})


@router.post(HERE, dependencies=[HANDLE])
async def take(desk: Looking, letters: CurrentLetters, sent: Annotated[Sent, Form()]) -> HTMLResponse:
    """Take it; the page says of each what became of it. Sent again, nothing happens twice."""
    action, network = permitted(desk, sent), desk.directory.network
    reach = as_staff(desk.caller, permission_of(action))
    texts, errors = reasons(sent)
    found = await several(desk.session, network, reach, sent.references)
    lacks = {name for view in found.values() for name in lacking(view, action, desk.now, network)}
    empty = _("Please say why: both sides read it on the page of the request.")
    errors |= {name: empty for name in REASONS if name in lacks and not texts.get(name) and name not in errors}
    if errors or not sent.references or len(sent.references) > MOST_AT_ONCE:
        return preview(desk, sent, found, errors, {name: getattr(sent, name) for name in REASONS})
    await desk.session.rollback()  # what was looked at is over before the first of them is changed
    steps = Bulk(desk.request.app.state.database, network, letters, desk.caller, desk.now)
    outcomes = await steps.take(action, sent.references, Given(texts["reason"], texts["late_reason"]))
    return results(desk, sent, outcomes)


def permitted(desk: Desk, chosen: Chosen) -> Action:
    """The step. Raises NotFound for one that isn't for many, Forbidden for one that the caller may take nowhere."""
    action = chosen.action
    if not desk.may(permission_of(action)):
        raise Forbidden
    return action


def reasons(sent: Sent) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, cleaned, and a sentence for each field that can't be taken."""
    texts, errors = dict[str, str](), dict[str, str]()
    for name in REASONS:
        try:
            texts[name] = Paragraph(REASON_LENGTH, blank=True).validate(getattr(sent, name))
        except TextError as error:
            errors[name] = _(MESSAGES[error.code]).format(**error.context)
    return texts, errors


def preview(
    desk: Desk, chosen: Chosen, found: dict[str, RequestView], errors: dict[str, str], typed: dict[str, str]
) -> HTMLResponse:
    action, network = chosen.action, desk.directory.network
    why = {name: refusal(view, action, desk.now, network) for name, view in found.items()}
    able = [found[name] for name in chosen.references if name in found and not why[name]]
    lacks = {name for view in able for name in lacking(view, action, desk.now, network)}
    if len(chosen.references) > MOST_AT_ONCE:
        errors = {"": _("Please select at most {most} requests at once.").format(most=MOST_AT_ONCE)}
    context = {
        "verb": str(VERBS[action]),
        "step": action.value,
        "able": able,
        "unable": [(found[name], why[name]) for name in chosen.references if why.get(name)],
        "unknown": [name for name in chosen.references if name not in found],
        "asks": [name for name in REASONS if name in lacks or (name == "reason" and needs_reason(action))],
        "errors": errors,
        "typed": typed,
        "tag": lambda view: state_tag(State(view.request.status)),
        "back": chosen.list_path,
    }
    return desk.show("bulk.html", context, again=bool(errors))


def results(desk: Desk, sent: Sent, outcomes: Sequence[Outcome]) -> HTMLResponse:
    by_kind: dict[str, list[Outcome]] = {kind.value: [] for kind in Kind}
    for outcome in outcomes:
        by_kind[outcome.kind].append(outcome)
    context: dict[str, Any] = {
        "verb": str(VERBS[sent.action]),
        "outcomes": by_kind,
        "tag": lambda outcome: state_tag(outcome.status),
        "back": sent.list_path,
    }
    return desk.show("bulk_done.html", context)
