"""Moving a request on, step by step of the table: what a step makes of it, and of its time at the desk."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.audit.service import Actor
from app.kit.clock import local_date
from app.kit.db import WriteSession
from app.kit.problems import FieldError, Invalid
from app.requests.letters import Letters
from app.requests.queries import RequestView
from app.requests.rules import (
    ENDED,
    Action,
    Need,
    Party,
    roll_up,
)
from app.requests.service.places import (
    NO_PLACE_HERE,
    goes_there,
    may_do_all,
    reaches_site,
    site_corrected,
    site_then,
)
from app.requests.service.planning import (
    NEEDED,
    Changed,
    Given,
    Moment,
    asked_elsewhere,
    check_moment,
    plan,
)
from app.requests.service.rows import as_booked, moved, states_after, told_of
from app.requests.service.writing import Decided, Writing, allowances_of
from app.slots import service as slots
from app.slots.errors import HoldMismatch
from app.slots.places import Booked
from app.slots.restoring import restore as restore_place
from app.stations.snapshot import Network, StationFacts

NOTHING_GIVEN = Given()
TAKES_A_PLACE = frozenset({Action.RESCHEDULE, Action.REROUTE, Action.ESCALATE})


@dataclass(frozen=True, slots=True)
class Hold:
    """A time that is held, to become the appointment."""

    id: UUID
    token: str


class Changes:
    """Changing a request that was found and locked, in the session's transaction.

    `by_station`: staff do it, not the applicant; the timeline says so.
    """

    def __init__(
        self,
        session: WriteSession,
        network: Network,
        now: datetime,
        actor: Actor,
        letters: Letters,
        *,
        by_station: bool = False,
    ) -> None:
        self._session = session
        self._network = network
        self._policy = letters.policy
        self._now = now
        self._by = Party.STATION if by_station else Party.APPLICANT
        self._writing = Writing(session, network, letters, now, actor, by=self._by)

    async def reschedule(self, found: RequestView, hold_id: UUID, token: str, reason: str | None = None) -> RequestView:
        """Move the appointment to another hold; until the commit the old place is kept.

        The hold is for the same services in the same way, at this station or another one that may do them. Repeated
        with the hold that it has been moved to, nothing changes. Raises what `act` raises, with `hold_id` as the field.
        """
        return await self.act(found, Action.RESCHEDULE, Given(reason=reason or ""), hold=Hold(hold_id, token))

    async def cancel(self, found: RequestView, reason: str | None) -> RequestView:
        """Cancel all that is going on; its place is offered again with the commit. A station has to say why."""
        return await self.act(found, Action.CANCEL, Given(reason=reason or ""))

    async def act(
        self,
        found: RequestView,
        action: Action,
        given: Given = NOTHING_GIVEN,
        *,
        items: Collection[int] | None = None,
        hold: Hold | None = None,
    ) -> RequestView:
        """Take one step with the items of these numbers, or with all that can take it.

        Raises InvalidTransition, ItemUnknown, RequestCancelled, Invalid (naming the field), AppointmentPast,
        AppointmentAhead; with a hold also HoldUnknown, HoldExpired, HoldUsed, StationClosed.
        """
        if hold and action not in TAKES_A_PLACE:
            raise Invalid(errors=[FieldError("hold_id", "not_asked_for", NO_PLACE_HERE.msgid)])
        if hold and found.request.reservation_id == hold.id:
            return found
        changed = plan(found, action, items, given, self._moment(found, found.appointment.station))
        check_moment(found, action, self._by, self._now)
        if action in TAKES_A_PLACE and hold is None:
            raise Invalid(errors=[FieldError("hold_id", "required", NEEDED[Need.PLACE].msgid)])
        told: dict[str, Any] = {"reason": given.reason} if given.reason else {}
        values: dict[str, Any] = {}
        if hold:
            new = await self._take(found, hold)
            goes_there(found, action, self._network.station_by_id[new.station_id])
            # Once more: what the new station owes is due by the rules that hold there.
            moment = self._moment(found, self._network.station_by_id[new.station_id])
            changed = plan(found, action, items, given, moment)
            if action is Action.RESCHEDULE and new.station_id != found.request.station_id:
                changed = [asked_elsewhere(each, moment) for each in changed]
            values |= {"station_id": new.station_id, "reservation_id": new.id}
            values |= site_then(found, new.start, self._by, given.reason)
            told |= moved(found, new, self._network.station_by_id[new.station_id])
        else:
            changed, values = await self._where_it_is(found, action, changed, given)
        told |= told_of(changed, given, whole=len(changed) == len(found.items))
        return await self._writing.write(found, Decided(action, changed, values, told))

    async def _where_it_is(
        self, found: RequestView, action: Action, changed: list[Changed], given: Given
    ) -> tuple[list[Changed], dict[str, Any]]:
        """What a step that takes no place does besides: the items, and what changes of the request."""
        if any(each.step.frees for each in changed) and self._nobody_left(found, changed):
            await self._give_back(found)
        elif action is Action.RESTORE:
            booked = await self._restored(found)
            changed = [as_booked(each, booked=booked) for each in changed]
        elif action is Action.CORRECT:
            return changed, site_corrected(found, given.inputs.values())
        return changed, {}

    def _moment(self, found: RequestView, station: StationFacts) -> Moment:
        allowances = allowances_of(self._policy, found.request.mode, station)
        return Moment(self._by, self._now, self._network.calendar, allowances)

    async def _take(self, found: RequestView, hold: Hold) -> Booked:
        """Make the hold the appointment, and give the old one up; both or neither.

        Raises Invalid (naming `hold_id`) when the station may not do what is asked for.
        """
        request = found.request
        try:
            if found.booked:
                _old, new = await slots.reschedule(
                    self._session, request.reservation_id, hold.id, hold.token, self._now
                )
            else:
                services = tuple({item.service.id for item in found.items})
                new = await slots.confirm(
                    self._session, hold.id, hold.token, self._now, service_ids=services, mode=request.mode
                )
        except HoldMismatch:
            raise HoldMismatch(field="hold_id") from None
        station = self._network.station_by_id[new.station_id]
        may_do_all(self._network, station, found, local_date(new.start))
        reaches_site(found, station, new)
        return new

    def _nobody_left(self, found: RequestView, changed: Iterable[Changed]) -> bool:
        """Whether nothing goes on that the time at the desk is for."""
        return roll_up(states_after(found, changed).values()) in ENDED

    async def _give_back(self, found: RequestView) -> None:
        if found.booked and found.appointment.start > self._now:
            await slots.cancel(self._session, found.request.reservation_id, self._now)

    async def _restored(self, found: RequestView) -> bool:
        """Whether a time is booked again: the very one from before, if nobody has taken it since."""
        if found.booked:
            return True
        if found.appointment.start <= self._now:
            return False
        return await restore_place(self._session, found.request.reservation_id, self._now)
