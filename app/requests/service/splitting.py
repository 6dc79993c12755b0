"""Writing down that items leave a request for another station, where they go on as a request of their own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text, update

from app.audit.service import Actor, Object, record
from app.kit import ids
from app.kit.db import WriteSession
from app.kit.live import tell
from app.requests.letters import Letters, Step
from app.requests.models import Request, RequestEvent
from app.requests.queries import RequestView, by_id
from app.requests.rules import REFERENCE_PREFIX, Action, Event, Party, State, roll_up
from app.requests.service.planning import Changed
from app.requests.service.rows import first_due, item_rows
from app.requests.statements import CHANGE_ITEMS, MOVE_ITEMS, SPLIT_OFF
from app.slots.places import Booked
from app.stations.snapshot import Network, StationFacts


@dataclass(frozen=True, slots=True)
class Split:
    """What goes where: the items as they are afterwards, why, and what is booked for them there."""

    action: Action
    changed: list[Changed]
    reason: str
    booked: Booked
    station: StationFacts

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(each.item.n for each in self.changed)

    def numbered_anew(self) -> list[Changed]:
        """The same from 1 on, as in every request."""
        return [replace(each, item=replace(each.item, n=n)) for n, each in enumerate(self.changed, start=1)]


def without(found: RequestView, numbers: Collection[int]) -> RequestView:
    """What stays when the items of these numbers go."""
    return replace(found, items=tuple(item for item in found.items if item.n not in numbers))


def only(found: RequestView, numbers: Collection[int]) -> RequestView:
    """What goes."""
    return replace(found, items=tuple(item for item in found.items if item.n in numbers))


class Splitting:
    """Splits requests that were found and locked, in the session. `secret_key`: access codes are derived from it."""

    def __init__(
        self,
        session: WriteSession,
        network: Network,
        letters: Letters,
        now: datetime,
        actor: Actor,
        *,
        secret_key: bytes,
    ) -> None:
        self._session = session
        self._network = network
        self._letters = letters
        self._now = now
        self._actor = actor
        self._secret_key = secret_key

    async def write(self, found: RequestView, split: Split) -> RequestView:
        """The first request afterwards; its time at the desk is the caller's. The record's chain is taken last."""
        request_id = ids.new_id()
        reference = await self._make(found, split, request_id)
        await self._move(found, split, request_id)
        stays = await self._change_first(found, split)
        self._tell_both(found, split, request_id, reference)
        await self._session.flush()
        self._session.expunge_all()
        first = await by_id(self._session, self._network, found.request.id)
        second = await by_id(self._session, self._network, request_id)
        numbers = tuple(item.n for item in second.items)
        await self._letters.of_step(self._session, self._step(found, first, split, split.numbers))
        await self._letters.of_step(self._session, self._step(found, second, split, numbers))
        stations = {found.request.station_id, split.station.id}
        await tell(self._session, f"request:{found.request.id}", *(f"station:{each}" for each in sorted(stations)))
        await self._record(found, split, second, stays)
        return first

    async def _make(self, found: RequestView, split: Split, request_id: UUID) -> str:
        """The new request's row, under a reference that nobody has."""
        due_at, provisional = first_due([each.item for each in split.changed], None, self._network.calendar)
        values = {
            "id": request_id,
            "of": found.request.id,
            "station_id": split.station.id,
            "access_hash": ids.hash_secret(ids.access_code(self._secret_key, request_id), self._secret_key),
            "status": roll_up(State(each.item.status) for each in split.changed).value,
            "reservation_id": split.booked.id,
            "due_at": due_at,
            "due_provisional": provisional,
            "now": self._now,
        }
        made: str | None = None
        while made is None:
            reference = ids.new_reference(REFERENCE_PREFIX)
            made = await self._session.scalar(text(SPLIT_OFF), {**values, "reference": reference})
        return made

    async def _move(self, found: RequestView, split: Split, request_id: UUID) -> None:
        anew = split.numbered_anew()
        values = {
            "of": found.request.id,
            "n": list(split.numbers),
            "id": request_id,
            "station_id": split.station.id,
            "new_n": [each.item.n for each in anew],
        }
        await self._session.execute(text(MOVE_ITEMS), values)
        await self._session.execute(text(CHANGE_ITEMS), item_rows(request_id, anew))

    async def _change_first(self, found: RequestView, split: Split) -> State:
        """The first request without what goes; its state then."""
        rest = without(found, split.numbers).items
        status = roll_up(State(item.status) for item in rest)
        due_at, provisional = first_due(rest, found.request.complaint_clock, self._network.calendar)
        row = {
            "status": status.value,
            "calendar_sequence": Request.calendar_sequence + 1,
            "changed_at": self._now,
            "due_at": due_at,
            "due_provisional": provisional,
        }
        mine = update(Request).where(Request.id == found.request.id).values(row)
        await self._session.execute(mine, execution_options={"synchronize_session": False})
        return status

    def _tell_both(self, found: RequestView, split: Split, request_id: UUID, reference: str) -> None:
        told = {
            "old_station": found.appointment.station.code,
            "station": split.station.code,
            "start": split.booked.start.isoformat(),
            "reason": split.reason,
        }
        first, numbers = found.request, split.numbers
        went = {**told, "items": list(numbers), "reference": reference}
        came = {**told, "of_items": ", ".join(map(str, numbers)), "reference": first.reference}
        self._tell((first.id, first.station_id, len(found.timeline) + 1), Event.ITEM_REROUTED, went)
        self._tell((request_id, split.station.id, 1), Event.SPLIT_OFF, came)

    def _tell(self, at: tuple[UUID, int, int], kind: Event, data: Mapping[str, Any]) -> None:
        request_id, station_id, n = at
        self._session.add(
            RequestEvent(
                request_id=request_id,
                station_id=station_id,
                n=n,
                at=self._now,
                kind=kind,
                data={**data, "by": Party.STATION.value},
                person_id=self._actor.id,
            )
        )

    def _step(self, before: RequestView, after: RequestView, split: Split, numbers: tuple[int, ...]) -> Step:
        return Step(split.action, before, after, numbers, split.reason, by_station=True, at=self._now)

    async def _record(self, found: RequestView, split: Split, second: RequestView, status: State) -> None:
        """For each station what happened to its own request."""
        first, place = found.request, {"station": split.station.code, "start": split.booked.start.isoformat()}
        moved = status.value != first.status
        went = {"items": list(split.numbers), "to": second.request.reference, **place}
        came = {"from": first.reference, "status": second.request.status, **place}
        own = Object("request", first.reference, first.station_id, first.organisation_id)
        new = Object("request", second.request.reference, split.station.id, first.organisation_id)
        await record(
            self._session,
            self._actor,
            f"request.{Event.ITEM_REROUTED}",
            own,
            at=self._now,
            before={"status": first.status} if moved else {},
            after=went | ({"status": status.value} if moved else {}),
            reason=split.reason,
        )
        name = f"request.{Event.SPLIT_OFF}"
        await record(self._session, self._actor, name, new, at=self._now, after=came, reason=split.reason)
