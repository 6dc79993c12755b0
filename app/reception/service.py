"""Giving things their codes, and writing the links of their chains, each in the session's transaction.

The request is locked before its things, so that nothing moves to another station meanwhile; of two who act with one
thing, the second finds it as the first has left it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from app.accounts.rules.rights import Caller
from app.audit.service import Object, record
from app.files.rules import Owner
from app.files.service import UploadLike, keep
from app.files.store import FileStore
from app.kit import ids
from app.kit.db import WriteSession
from app.kit.i18n import LazyString, lazy
from app.kit.live import tell
from app.kit.problems import FieldError, Invalid
from app.reception.codes import PREFIX
from app.reception.errors import CustodyMoved, NotExpected
from app.reception.models import CustodyLink, CustodyPhoto, Thing
from app.reception.queries import concerns, thing_of, things_of
from app.reception.rules import (
    BY_ACTION,
    COMES,
    MOST_PARTS,
    READY,
    Action,
    Handover,
    Standing,
    missing,
    taken_in,
)
from app.reception.unfetched import fetched
from app.requests.errors import ItemUnknown
from app.requests.models import Request
from app.requests.queries import Item, RequestView, view
from app.requests.rules import Action as Step
from app.requests.rules import State, Way
from app.requests.service import Changes
from app.requests.service.planning import Given
from app.stations.snapshot import Network, StationFacts

PURPOSE = "custody"
MOST_PHOTOS = 6
NEEDED: Mapping[str, LazyString] = {
    "condition": lazy("Say in which condition it is."),
    "taker": lazy("Say who takes it."),
    "place": lazy("Say where it lies now."),
    "words": lazy("Describe it in a few words."),
}
PARTS = lazy("Give a number from 0 to {most}.")
TOO_MANY_PHOTOS = lazy("Send at most {most} pictures at once.")
TELLS: Mapping[Action, str] = {
    Action.RECEIVE: "thing.received",
    Action.MOVE: "thing.moved",
    Action.NOTE: "thing.noted",
    Action.SEND_ON: "thing.passed_on",
    Action.TAKE_IN: "thing.taken_in",
    Action.RETURN: "thing.returned",
}


@dataclass(frozen=True, slots=True)
class Custody:
    """What staff do at one station; whether they may is asked before. `changes` takes the steps of requests."""

    session: WriteSession
    network: Network
    station: StationFacts
    caller: Caller
    changes: Changes
    store: FileStore
    now: datetime

    async def label(self, found: RequestView, parts: Mapping[int, int]) -> Sequence[Thing]:
        """A code for each of so many pieces of these items (by number), of a locked request of this station.

        Those that have one keep it. Returns the things of these pieces. Raises ItemUnknown for an item of which nothing
        is handed in, Invalid (naming `parts.<n>`).
        """
        handed_in = {item.n for item in found.items if item.way is Way.HANDED_IN}
        if not parts.keys() <= handed_in:
            raise ItemUnknown
        wrong = [f"parts.{n}" for n, count in parts.items() if not 0 <= count <= MOST_PARTS]
        if wrong:
            raise Invalid(errors=[FieldError(name, "parts_range", PARTS.msgid, {"most": MOST_PARTS}) for name in wrong])
        wanted = {(n, part) for n, count in parts.items() for part in range(1, count + 1)}
        there = {(thing.n, thing.part) for thing in await things_of(self.session, found.request.id)}
        if new := sorted(wanted - there):
            await self._make(found.request, new)
            await self._record(found.request, "thing.labelled", found.request.reference, {"things": len(new)})
        made = await things_of(self.session, found.request.id)
        return [thing for thing in made if (thing.n, thing.part) in wanted]

    async def _make(self, request: Request, pieces: Sequence[tuple[int, int]]) -> None:
        left = list(pieces)
        while left:
            rows = [
                {
                    "id": ids.new_id(),
                    "code": ids.new_reference(PREFIX),
                    "request_id": request.id,
                    "station_id": request.station_id,
                    "n": n,
                    "part": part,
                    "standing": Standing.LABELLED.value,
                    "since": self.now,
                }
                for n, part in left
            ]
            made = insert_or_not(Thing).values(rows).on_conflict_do_nothing(constraint="thing_code_key")
            found = {tuple(row) for row in await self.session.execute(made.returning(Thing.n, Thing.part))}
            left = [piece for piece in left if piece not in found]

    async def act(
        self, code: str, action: Action, given: Handover, photos: Sequence[UploadLike] = ()
    ) -> tuple[Request, int]:
        """One link more; returns the request and the number of the link.

        Raises ThingUnknown, CustodyMoved, NotExpected, Invalid (naming the field), and for the first step of a request
        what `Changes.act` raises.
        """
        mine = self._mine(action)
        request_id = (await thing_of(self.session, code, mine)).request_id
        request = (await self.session.scalars(select(Request).where(Request.id == request_id).with_for_update())).one()
        thing = await thing_of(self.session, code, mine, lock=True)
        found = await view(self.session, self.network, request)
        item = next(item for item in found.items if item.n == thing.n)
        self._check(thing, item, action, given, len(photos))
        n = await self._write(thing, action, given, photos)
        if BY_ACTION[action].target is not Standing.HERE:
            await fetched(self.session, request.reference, self.now)
        if action is Action.RECEIVE:
            found = await self._take_in(found, item, given)
        else:
            await tell(self.session, f"request:{request_id}", f"station:{found.request.station_id}")
        after = {"action": action.value, "station": self.station.code, "photos": len(photos)}
        await self._record(found.request, TELLS[action], code, after)
        return found.request, n

    def _mine(self, action: Action) -> ColumnElement[bool]:
        """The things with which this can be done at this station."""
        if action is Action.RECEIVE:
            return Thing.station_id == self.station.id
        return concerns(self.station.id)

    def _check(self, thing: Thing, item: Item, action: Action, given: Handover, photos: int) -> None:
        step, standing = BY_ACTION[action], Standing(thing.standing)
        elsewhere = standing is Standing.HERE and thing.at_station_id != self.station.id
        if standing not in step.sources or elsewhere or given.seen not in (None, thing.links):
            raise CustodyMoved(action=action.value, standing=standing.value)
        state = State(item.status)
        if action is Action.RECEIVE and state not in COMES and not taken_in(state):
            raise NotExpected(item=item.n, state=state.value)
        errors = [
            FieldError(name, "required", NEEDED[name].msgid)
            for name in missing(step, given, photos=photos, over=state in READY)
        ]
        if photos > MOST_PHOTOS:
            errors.append(FieldError("photos", "too_many", TOO_MANY_PHOTOS.msgid, {"most": MOST_PHOTOS}))
        if errors:
            raise Invalid(errors=errors)

    async def _write(self, thing: Thing, action: Action, given: Handover, photos: Sequence[UploadLike]) -> int:
        n, thing_id, target = thing.links + 1, thing.id, BY_ACTION[action].target
        row = {
            "thing_id": thing_id,
            "n": n,
            "station_id": self.station.id,
            "at": self.now,
            "action": action.value,
            "condition": given.condition and given.condition.value,
            "giver": given.giver or None,
            "taker": given.taker or None,
            "place": given.place or None,
            "words": given.words or None,
            "due_back": given.due_back,
            "person_id": self.caller.person_id,
        }
        await self.session.execute(insert(CustodyLink).values(row))
        stands = self._stands(thing, action, given, target)
        moved = update(Thing).where(Thing.id == thing_id).values({"links": n, **stands})
        await self.session.execute(moved, execution_options={"synchronize_session": False})
        for place, photo in enumerate(photos, start=1):
            file = await keep(
                self.session,
                self.store,
                photo,
                purpose=PURPOSE,
                owner=Owner("thing", str(thing_id)),
                by=self.caller.person_id,
                at=self.now,
                field="photos",
            )
            values = {"thing_id": thing_id, "link_n": n, "n": place, "file_id": file.id}
            await self.session.execute(insert(CustodyPhoto).values(values))
        return n

    def _stands(self, thing: Thing, action: Action, given: Handover, target: Standing) -> dict[str, Any]:
        """What of the thing's row changes."""
        if action is Action.NOTE:
            return {}
        here, away = target is Standing.HERE, target is Standing.AWAY
        return {
            "standing": target.value,
            "since": thing.since if action is Action.MOVE else self.now,
            "at_station_id": self.station.id if here else None,
            "to_station_id": self._station_named(given.taker) if away else None,
            "place": (given.place or None) if here else None,
            "holder": None if here else given.taker,
            "due_back": given.due_back if away else None,
        }

    def _station_named(self, taker: str) -> int | None:
        """The station of the network that was named, by code or by name; None for another institution."""
        for station in self.network.stations:
            if taker.upper() == station.code or taker in (station.name_zh, station.name_en):
                return station.id if station.id != self.station.id else None
        return None

    async def _take_in(self, found: RequestView, item: Item, given: Handover) -> RequestView:
        """The steps of the request that follow from it: who hands something in has come, and it was received."""
        late = Given(late_reason=given.late_reason)
        if State(item.status) in COMES - {State.CHECKED_IN}:
            found = await self.changes.act(found, Step.CHECK_IN, late)
            late = Given()
        if State(item.status) in COMES:
            return await self.changes.act(found, Step.RECEIVE, late, items={item.n})
        await tell(self.session, f"request:{found.request.id}", f"station:{found.request.station_id}")
        return found

    async def _record(self, request: Request, action: str, code: str, after: dict[str, Any]) -> None:
        """On record for the station where it was done. Names of people and what was written stay out."""
        on = Object("thing", code, self.station.id, request.organisation_id)
        await record(self.session, self.caller.actor, action, on, at=self.now, after=after)
