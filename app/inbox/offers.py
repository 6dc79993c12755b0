"""What staff can do with a request now, how many days are left, and who has done what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.accounts.rules.rights import Permission
from app.kit.clock import local_date
from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext
from app.requests.queries import RequestView
from app.requests.rules import WHOLE_REQUEST, Action, permission_of, workdays_between
from app.requests.section import may
from app.requests.service.planning import possible
from app.requests.standing import ELSEWHERE, able_items
from app.requests.visiting import Visitor
from app.requests.words import VERBS
from app.stations.rules import Calendar

ASIDE = frozenset(
    {
        Action.RETURN,
        Action.DECLINE,
        Action.NO_SHOW,
        Action.REJECT_ITEM,
        Action.SUSPEND,
        Action.ASK_SUBCONTRACT,
        Action.RESTORE,
        Action.REROUTE,
    }
)
"""Steps that don't lead on: they stand behind those that do."""


ON_PAGE_OF_RESULTS = (Action.RECORD_RESULT, Action.VERIFY, Action.ISSUE)


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that can be taken: by a button at once, or on a page of its own where something must be given."""

    verb: str
    path: str
    at_once: bool
    aside: bool


def steps_for(view: RequestView, visitor: Visitor) -> list[Offer]:
    """In the order of a request's life, what leads on first."""
    station = view.appointment.station
    found = []
    for action in Action:
        allowed = visitor.caller.scope(permission_of(action)).reaches(station.id, station.county_adcode)
        if allowed and action not in ELSEWHERE and possible(view, action, visitor.party, visitor.now):
            found.append(_offer(view, action, visitor))
    may_change = visitor.caller.scope(Permission.REQUESTS_CHANGE).reaches(station.id, station.county_adcode)
    if may_change and possible(view, Action.REROUTE, visitor.party, visitor.now):
        found.append(Offer(str(VERBS[Action.REROUTE]), visitor.address("reroute"), at_once=False, aside=True))
    found += _of_results(view, visitor)
    return sorted(found, key=lambda offer: offer.aside)


def _offer(view: RequestView, action: Action, visitor: Visitor) -> Offer:
    able = able_items(view, action, visitor.party)
    asks = any(step.needs for _item, step in able) or (len(able) > 1 and action not in WHOLE_REQUEST)
    path = visitor.address(f"step/{action.replace('_', '-')}")
    return Offer(str(VERBS[action]), path, at_once=not asks, aside=action in ASIDE)


def _of_results(view: RequestView, visitor: Visitor) -> Iterable[Offer]:
    """What is done with results has a page of its own, whichever item it is."""
    for action in ON_PAGE_OF_RESULTS:
        if may(visitor, view, permission_of(action)) and possible(view, action, visitor.party, visitor.now):
            yield Offer(str(VERBS[action]), visitor.address("results"), at_once=False, aside=False)


def days_left(calendar: Calendar, due: datetime, now: datetime) -> tuple[str, str]:
    """How many working days are left, in words, and the tone of it."""
    if due < now:
        late = workdays_between(calendar, local_date(due), local_date(now))
        return ngettext("%(num)d working day late", "%(num)d working days late", late) % {"num": late}, "wrong"
    left = workdays_between(calendar, local_date(now), local_date(due))
    if not left:
        return _("due today"), "attention"
    return ngettext("in %(num)d working day", "in %(num)d working days", left) % {"num": left}, (
        "attention" if left == 1 else "plain"
    )


async def names_of(session: AsyncSession, view: RequestView) -> dict[UUID, str]:
    """The names of the staff who took steps, for staff to see."""
    ids = {told.person_id for told in view.timeline if told.person_id}
    if not ids:
        return {}
    return {row.id: row.name for row in await session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}
