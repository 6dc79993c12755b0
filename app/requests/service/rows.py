"""What a step leaves in the database: the items' rows, and what the timeline keeps of it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.kit.clock import LOCAL
from app.requests.queries import Item, RequestView
from app.requests.rules import State, read
from app.requests.service.planning import Changed, Given
from app.slots.places import Booked
from app.stations.rules import Calendar
from app.stations.snapshot import StationFacts


def states_after(found: RequestView, changed: Iterable[Changed]) -> dict[int, State]:
    after = {each.item.n: State(each.item.status) for each in changed}
    return {item.n: after.get(item.n, State(item.status)) for item in found.items}


def told_of(changed: Iterable[Changed], given: Given, *, whole: bool) -> dict[str, Any]:
    """What the timeline keeps of a step besides its kind."""
    told: dict[str, Any] = {} if whole else {"items": [each.item.n for each in changed]}
    if given.faults:
        told |= {"count": len(given.faults), "faults": [{"field": f.field, "wanted": f.wanted} for f in given.faults]}
    if given.late_reason:
        told["late_reason"] = given.late_reason
    return told


def moved(found: RequestView, new: Booked, station: StationFacts) -> dict[str, str]:
    """What the timeline keeps of a visit's old and new place."""
    return {
        **left(found),
        "start": new.start.isoformat(),
        "station": station.code,
    }


def left(found: RequestView) -> dict[str, str]:
    """What the timeline keeps of a place that is given up."""
    return {
        "old_start": found.appointment.start.astimezone(LOCAL).isoformat(),
        "old_station": found.appointment.station.code,
    }


def as_booked(each: Changed, *, booked: bool) -> Changed:
    """Taken up again: scheduled with the time it had; only accepted, to be booked anew, if somebody else has that."""
    status = State.SCHEDULED if booked else State.ACCEPTED
    if each.item.status not in (State.SCHEDULED, State.ACCEPTED):
        return each
    return replace(each, item=replace(each.item, status=status.value))


def first_due(
    items: Iterable[Item], complaint: Mapping[str, Any] | None, calendar: Calendar
) -> tuple[datetime | None, bool]:
    """The first of what is due, of items and of a complaint with this clock, and whether it is provisional."""
    dues = [(item.due_at, item.due_provisional) for item in items if item.due_at]
    clock = read(complaint)
    if clock and (due := clock.due(calendar)):
        dues.append(due)
    return min(dues, default=(None, False))


def item_rows(request_id: UUID, changed: Iterable[Changed]) -> dict[str, Any]:
    items = [each.item for each in changed]
    return {
        "request_id": request_id,
        "n": [item.n for item in items],
        "status": [item.status for item in items],
        "before": [item.before for item in items],
        "clock": [orjson.dumps(item.deadline.stored()).decode() if item.deadline else None for item in items],
        "due_at": [item.due_at for item in items],
        "due_provisional": [item.due_provisional for item in items],
        "returns": [item.returns for item in items],
        "faults": [orjson.dumps(item.faults).decode() if item.faults else None for item in items],
        "inputs": [orjson.dumps(dict(item.inputs)).decode() for item in items],
    }
