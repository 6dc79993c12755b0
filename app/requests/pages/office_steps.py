"""What can be done with a request now, and what is due by when, for the pages that show one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.accounts.rules.rights import Permission
from app.kit.clock import LOCAL, local_date
from app.kit.formats import day_month
from app.kit.i18n import LazyString, lazy, ngettext
from app.kit.i18n import gettext as _
from app.requests.pages.frame import Visitor
from app.requests.pages.steps import ELSEWHERE, able_items
from app.requests.queries import Item, RequestView
from app.requests.rules import WHOLE_REQUEST, Action, Deadline, permission_of, workdays_between
from app.requests.service.planning import possible
from app.requests.words import CLOCKS, VERBS
from app.stations.rules import Calendar

ASIDE = frozenset(
    {
        Action.RETURN,
        Action.DECLINE,
        Action.NO_SHOW,
        Action.REJECT_ITEM,
        Action.SUSPEND,
        Action.RESTORE,
        Action.REROUTE,
    }
)
"""Steps that don't lead on: they stand behind those that do."""
REFUSED = lazy("That could not be done: the request has changed in the meantime. This is how it stands now.")
REFUSALS: Mapping[str, LazyString] = {
    "appointment_ahead": lazy("That can be said once the time of the appointment has come."),
    "appointment_past": lazy("The appointment has already begun, so it can no longer be changed here."),
    "slot_taken": lazy("Somebody else has taken that time. Please choose another one."),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that can be taken: by a button at once, or on a page of its own where something must be given."""

    verb: str
    path: str
    at_once: bool
    aside: bool


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline of the request: for what, until when (None while it stands still), and how that came about."""

    what: str
    at: datetime | None
    provisional: bool
    because: str


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
    return sorted(found, key=lambda offer: offer.aside)


def _offer(view: RequestView, action: Action, visitor: Visitor) -> Offer:
    able = able_items(view, action, visitor.party)
    asks = any(step.needs for _item, step in able) or (len(able) > 1 and action not in WHOLE_REQUEST)
    path = visitor.address(f"step/{action.replace('_', '-')}")
    return Offer(str(VERBS[action]), path, at_once=not asks, aside=action in ASIDE)


def dues(view: RequestView, calendar: Calendar) -> list[Due]:
    """Each deadline once, though many items may share it."""
    return list(dict.fromkeys(_due(item, item.deadline, calendar) for item in view.items if item.deadline))


def _due(item: Item, deadline: Deadline, calendar: Calendar) -> Due:
    due = deadline.due(calendar) if item.due_at else None
    days = ngettext("%(num)d working day", "%(num)d working days", deadline.days) % {"num": deadline.days}
    began = day_month(deadline.started.astimezone(LOCAL).date())
    because = _("{days} from {day}; the day itself does not count.").format(days=days, day=began)
    if due is None:
        left = max(deadline.days - deadline.counted, 0)
        rest = ngettext("%(num)d working day is left", "%(num)d working days are left", left) % {"num": left}
        because += " " + _("The time stands still; {rest}.").format(rest=rest)
    elif deadline.counted:
        because += " " + _("The time in which it stood still is left out.")
    return Due(str(CLOCKS[deadline.clock]), due and due[0], bool(due and due[1]), because)


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
