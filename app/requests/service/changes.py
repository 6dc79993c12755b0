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
    TO_ANOTHER_STATION,
    Action,
    Need,
    Party,
    State,
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
from app.requests.service.rows import as_booked, left, moved, states_after, told_of
from app.requests.service.splitting import Split, Splitting, only, without
from app.requests.service.writing import Decided, Writing, allowances_of
from app.slots import service as slots
from app.slots.errors import HoldMismatch
from app.slots.places import Booked
from app.slots.restoring import restore as restore_place
from app.slots.shortening import shorten
from app.stations.snapshot import Network, StationFacts

NOTHING_GIVEN = Given()
TAKES_A_PLACE = TO_ANOTHER_STATION | {Action.RESCHEDULE}


@dataclass(frozen=True, slots=True)
class Hold:
    """A time that is held, to become the appointment."""

    id: UUID
    token: str


class Changes:
    """Changing a request that was found and locked, in the session's transaction.

    `by_station`: staff do it, not the applicant; the timeline says so. `secret_key` is what access codes are derived
    from; only who passes single items on needs it, for the request that they become.
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
        secret_key: bytes | None = None,
    ) -> None:
        self._session = session
        self._network = network
        self._policy = letters.policy
        self._now = now
        self._by = Party.STATION if by_station else Party.APPLICANT
        self._writing = Writing(session, network, letters, now, actor, by=self._by)
        self._splitting = (
            Splitting(session, network, letters, now, actor, secret_key=secret_key) if secret_key else None
        )

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

        Items that go to another station without the rest become a request of their own; the answer is the first one.
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
        if hold and action in TO_ANOTHER_STATION and items is not None and len(changed) < len(found.items):
            return await self._split(found, action, given, items, hold)
        told: dict[str, Any] = {**given.told, **({"reason": given.reason} if given.reason else {})}
        told |= {"reason_en": given.reason_en} if given.reason_en else {}
        if hold:
            new = await self._take(found, hold, instead=found.booked)
            changed, values = self._elsewhere(found, action, items, given, new)
            told |= moved(found, new, self._network.station_by_id[new.station_id])
        else:
            changed, values = await self._where_it_is(found, action, changed, given)
            if action is Action.UNBOOK:
                await slots.cancel(self._session, found.request.reservation_id, self._now)
                told |= left(found)
        told |= told_of(changed, given, whole=len(changed) == len(found.items))
        return await self._writing.write(found, Decided(action, changed, values, told))

    def _elsewhere(
        self, found: RequestView, action: Action, items: Collection[int] | None, given: Given, new: Booked
    ) -> tuple[list[Changed], dict[str, Any]]:
        """What a step to another place makes of the items, and what changes of the request."""
        station = self._network.station_by_id[new.station_id]
        goes_there(found, action, station)
        # Once more: what the new station owes is due by the rules that hold there.
        moment = self._moment(found, station)
        changed = plan(found, action, items, given, moment)
        if action is Action.RESCHEDULE and station.id != found.request.station_id:
            changed = [asked_elsewhere(each, moment) for each in changed]
        site = site_then(found, new.start, self._by, given.reason)
        return changed, {"station_id": new.station_id, "reservation_id": new.id, **site}

    async def _split(
        self, found: RequestView, action: Action, given: Given, numbers: Collection[int], hold: Hold
    ) -> RequestView:
        """Items of these numbers go alone. What stays keeps its time, as long as it still needs."""
        if self._splitting is None:
            raise ValueError("items that go alone need the secret key, for the access code that they get")
        goes, stays = only(found, numbers), without(found, numbers)
        new = await self._take(goes, hold, instead=False)
        changed, _values = self._elsewhere(goes, action, None, given, new)
        services = {item.service.id: item.service.ticks for item in stays.items}
        await shorten(self._session, found.request.reservation_id, services, sum(services.values()), self._now)
        if roll_up(State(item.status) for item in stays.items) in ENDED:
            await self._give_back(found)
        station = self._network.station_by_id[new.station_id]
        return await self._splitting.write(found, Split(action, changed, given.reason, new, station))

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

    async def _take(self, found: RequestView, hold: Hold, *, instead: bool) -> Booked:
        """Make the hold an appointment, `instead` of the old one, which is given up: both or neither.

        Raises Invalid (naming `hold_id`) when the station may not do what is asked for.
        """
        request = found.request
        try:
            if instead:
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
