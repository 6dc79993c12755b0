"""Moving and cancelling requests: rare, so it goes through a session; each change is on record with it."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update

from app.audit.service import Actor, Object, record
from app.catalogue.rules import Use
from app.kit.clock import LOCAL, local_date
from app.kit.db import WriteSession
from app.kit.i18n import lazy
from app.kit.live import tell
from app.kit.problems import FieldError, Invalid
from app.requests.errors import AppointmentPast, RequestCancelled
from app.requests.intake import CANNOT, may_do, use_of
from app.requests.models import Request, RequestEvent, RequestItem
from app.requests.queries import RequestView, by_id
from app.requests.rules import BY_STATION, STEPS, Action, State, possible, roll_up
from app.routing.rules import Check
from app.slots import service as slots
from app.slots.errors import HoldMismatch
from app.stations.snapshot import Network, StationFacts

# What is in the session is read anew afterwards: the key itself may have changed.
UNSEEN = {"synchronize_session": False}
REASON_NEEDED = lazy("Please say why: the applicant reads it on the page of the request.")


class Changes:
    """Changing a request that was found and locked, in the session's transaction.

    `by_station`: staff do it, not the applicant; the timeline says so.
    """

    def __init__(
        self, session: WriteSession, network: Network, now: datetime, actor: Actor, *, by_station: bool = False
    ) -> None:
        self._session = session
        self._network = network
        self._now = now
        self._actor = actor
        self._by = {"by": BY_STATION} if by_station else {}

    async def reschedule(self, found: RequestView, hold_id: UUID, token: str) -> RequestView:
        """Move the appointment to another hold; until the commit the old place is kept.

        The hold is for the same services in the same way, at this station or another one that may do them. Repeated
        with the hold that it has been moved to, nothing changes. Raises RequestCancelled, AppointmentPast, Invalid
        (naming `hold_id`), HoldUnknown, HoldExpired, HoldUsed, StationClosed.
        """
        request, before = found.request, found.appointment
        if request.reservation_id == hold_id:
            return found
        self._changeable(found, Action.RESCHEDULE)
        try:
            _old, new = await slots.reschedule(self._session, request.reservation_id, hold_id, token, self._now)
        except HoldMismatch:
            raise HoldMismatch(field="hold_id") from None
        station = self._network.station_by_id[new.station_id]
        self._may_do(station, found, local_date(new.start))
        told = {
            "old_start": before.start.astimezone(LOCAL).isoformat(),
            "old_station": before.station.code,
            "start": new.start.isoformat(),
            "station": station.code,
        }
        moved = {"station_id": new.station_id, "reservation_id": new.id}
        view = await self._write(found, Action.RESCHEDULE, moved, told)
        await self._record(
            "request.rescheduled",
            found,
            station=station,
            before={"start": told["old_start"], "station": told["old_station"]},
            after={"start": told["start"], "station": told["station"]},
        )
        return view

    async def cancel(self, found: RequestView, reason: str | None) -> RequestView:
        """Cancel the request; its place is offered again with the commit. A station has to say why.

        Raises RequestCancelled, AppointmentPast, NotBooked, Invalid (naming `reason`).
        """
        if self._by and not reason:
            raise Invalid(errors=[FieldError("reason", "required", REASON_NEEDED.msgid)])
        self._changeable(found, Action.CANCEL)
        await slots.cancel(self._session, found.request.reservation_id, self._now)
        step = STEPS[Action.CANCEL]
        after = {item.n: step.leads_from(State(item.status)) for item in found.items}
        for n, state in after.items():
            mine = RequestItem.request_id == found.request.id, RequestItem.n == n
            await self._session.execute(update(RequestItem).where(*mine).values(status=state), execution_options=UNSEEN)
        before, status = found.request.status, roll_up(after.values())
        told = {"reason": reason} if reason else {}
        view = await self._write(found, Action.CANCEL, {"status": status}, told)
        start = found.appointment.start.astimezone(LOCAL).isoformat()
        await self._record(
            "request.cancelled",
            found,
            station=found.appointment.station,
            before={"status": before, "start": start, "station": found.appointment.station.code},
            after={"status": status},
            reason=(reason or "") if self._by else "",
        )
        return view

    def _changeable(self, found: RequestView, action: Action) -> None:
        if not possible(action, State(found.request.status)):
            raise RequestCancelled
        if found.appointment.start <= self._now:
            raise AppointmentPast

    def _may_do(self, station: StationFacts, found: RequestView, day: date) -> None:
        request = found.request
        whole = Use(request.use) if request.use else None
        for item in found.items:
            use = use_of(whole, item.inputs)
            check = may_do(self._network, station, item.service, mode=request.mode, day=day, use=use)
            if check is not Check.PASSED:
                raise Invalid(errors=[FieldError("hold_id", check.reason, CANNOT[check].msgid)])

    async def _write(
        self, found: RequestView, action: Action, values: Mapping[str, object], told: Mapping[str, str]
    ) -> RequestView:
        """What has changed, with its step of the timeline; calendars learn of it by the sequence."""
        request, before = found.request, found.request.station_id
        changed = {"calendar_sequence": Request.calendar_sequence + 1, "changed_at": self._now, **values}
        await self._session.execute(
            update(Request).where(Request.id == request.id).values(changed), execution_options=UNSEEN
        )
        event = RequestEvent(
            request_id=request.id,
            station_id=values.get("station_id", request.station_id),
            n=len(found.timeline) + 1,
            at=self._now,
            kind=STEPS[action].event,
            data={**told, **self._by},
        )
        self._session.add(event)
        await self._session.flush()
        await tell(self._session, f"request:{request.id}", f"station:{before}", f"station:{event.station_id}")
        self._session.expunge_all()
        return await by_id(self._session, self._network, request.id)

    async def _record(
        self,
        action: str,
        found: RequestView,
        *,
        station: StationFacts,
        before: Mapping[str, object],
        after: Mapping[str, object],
        reason: str = "",
    ) -> None:
        """On record for the station where the request is now; an applicant's reason stays out, it may name somebody."""
        on = Object("request", found.request.reference, station.id, found.request.organisation_id)
        await record(self._session, self._actor, action, on, at=self._now, before=before, after=after, reason=reason)
