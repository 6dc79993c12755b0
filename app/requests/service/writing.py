"""Writing down a step that was decided: items, request, timeline, letters and the record, in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text, update

from app.audit.service import Actor, Object, record
from app.kit.clock import LOCAL
from app.kit.db import WriteSession
from app.kit.live import tell
from app.policy.rules import Allowance, Clock
from app.policy.snapshot import Policy
from app.requests.letters import Letters, Step
from app.requests.models import Request, RequestEvent
from app.requests.queries import Item, RequestView, by_id
from app.requests.rules import TELLS, Action, Party, State, begin, roll_up
from app.requests.service.planning import OPEN, Allowances, Changed
from app.requests.service.rows import first_due, item_rows, states_after
from app.requests.statements import CHANGE_ITEMS
from app.requests.telling import reason_in
from app.stations.snapshot import Network, StationFacts

# What is in the session is read anew afterwards: the key itself may have changed.
UNSEEN = {"synchronize_session": False}
CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Decided:
    """A step, the items as they are after it, other values of the request, and what the timeline keeps of it."""

    action: Action
    changed: list[Changed]
    values: Mapping[str, Any]
    told: Mapping[str, Any]


def allowances_of(policy: Policy, mode: str, station: StationFacts) -> Allowances:
    """How much time the rules give for each clock of an item at a station."""

    def allowance(clock: Clock, item: Item) -> Allowance | None:
        return policy.allowance(clock, item.service, mode, station)

    return allowance


class Writing:
    """Writes what one party does at one moment with requests that were found and locked, in the session."""

    def __init__(
        self, session: WriteSession, network: Network, letters: Letters, now: datetime, actor: Actor, *, by: Party
    ) -> None:
        self._session = session
        self._network = network
        self._letters = letters
        self._now = now
        self._actor = actor
        self._by = by

    async def write(self, found: RequestView, decided: Decided) -> RequestView:
        """The request after the step. Calendars learn of it by its sequence; the chain of the record, which others
        wait for, is taken when all else is done."""
        request, station_id = found.request, decided.values.get("station_id", found.request.station_id)
        await self._session.execute(text(CHANGE_ITEMS), item_rows(request.id, decided.changed))
        complaint = self._complaint(found, decided.action)
        status = roll_up(states_after(found, decided.changed).values())
        row = {
            "status": status.value,
            "calendar_sequence": Request.calendar_sequence + 1,
            "changed_at": self._now,
            **self._due(found, decided.changed, complaint),
            **complaint,
            **decided.values,
        }
        await self._session.execute(
            update(Request).where(Request.id == request.id).values(row), execution_options=UNSEEN
        )
        by = {"by": Party.STATION.value} if self._by is Party.STATION else {}
        self._session.add(
            RequestEvent(
                request_id=request.id,
                station_id=station_id,
                n=len(found.timeline) + 1,
                at=self._now,
                kind=TELLS[decided.action],
                data={**decided.told, **by},
                person_id=self._actor.id if self._by is Party.STATION else None,
            )
        )
        await self._session.flush()
        self._session.expunge_all()
        after = await by_id(self._session, self._network, request.id)
        await self._letters.of_step(self._session, self._step(found, after, decided))
        await tell(self._session, f"request:{request.id}", f"station:{request.station_id}", f"station:{station_id}")
        await self._record(found, decided, status)
        return after

    def _step(self, before: RequestView, after: RequestView, decided: Decided) -> Step:
        return Step(
            decided.action,
            before,
            after,
            tuple(each.item.n for each in decided.changed),
            reason_in(decided.told, before.request.language),
            self._by is Party.STATION,
            self._now,
        )

    def _complaint(self, found: RequestView, action: Action) -> dict[str, Any]:
        """A complaint has a clock of its own."""
        if action is Action.COMPLAIN:
            item, station = found.items[0], found.appointment.station
            allowances = allowances_of(self._letters.policy, found.request.mode, station)
            clock = begin(Clock.COMPLAINT, allowances(Clock.COMPLAINT, item), self._now)
            return {"complaint": OPEN, "complaint_clock": clock and clock.stored()}
        if action is Action.CLOSE_COMPLAINT:
            return {"complaint": CLOSED, "complaint_clock": None}
        return {}

    def _due(self, found: RequestView, changed: Iterable[Changed], complaint: Mapping[str, Any]) -> dict[str, Any]:
        """The first of what is due: of the items and of a complaint."""
        after = {each.item.n: each.item for each in changed}
        items = [after.get(item.n, item) for item in found.items]
        clock = complaint.get("complaint_clock", found.request.complaint_clock)
        due_at, provisional = first_due(items, clock, self._network.calendar)
        return {"due_at": due_at, "due_provisional": provisional}

    async def _record(self, found: RequestView, decided: Decided, status: State) -> None:
        """On record for the station where the request is now; an applicant's reason stays out, it may name somebody."""
        request, own, told = found.request, found.appointment.station, decided.told
        station = self._network.station_by_id[decided.values.get("station_id", request.station_id)]
        on = Object("request", request.reference, station.id, request.organisation_id)
        moved = status.value != request.status
        before: dict[str, Any] = {"status": request.status} if moved else {}
        after: dict[str, Any] = {"status": status.value} if moved else {}
        if "start" in told:
            before |= {"start": told["old_start"], "station": told["old_station"]}
            after |= {"start": told["start"], "station": told["station"]}
        elif decided.action in (Action.CANCEL, Action.UNBOOK):
            before |= {"start": found.appointment.start.astimezone(LOCAL).isoformat(), "station": own.code}
        if "items" in told:
            after["items"] = told["items"]
        if "number" in told:
            after["number"] = told["number"]
        reason = told.get("reason", "") if self._by is Party.STATION else ""
        name = f"request.{TELLS[decided.action]}"
        await record(self._session, self._actor, name, on, at=self._now, before=before, after=after, reason=reason)
