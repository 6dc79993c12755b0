"""Why a request is at its station, what was passed over, where it could go next; asked only when it is looked at."""

from collections.abc import Iterable
from typing import Any

from fastapi import Depends
from fastapi.responses import HTMLResponse

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.inbox.pages.desk import Looking
from app.kit.doors import Door
from app.requests.elsewhere import answer_of, origin_of
from app.requests.queries import RequestView
from app.requests.rules import Action
from app.requests.section import may
from app.requests.service.planning import possible
from app.requests.visiting import OFFICE, FollowRoute, TypedReference, Visitor
from app.routing.cards import Card, Cards, PassedRow, cards
from app.stations.snapshot import StationFacts

router = Door(route_class=FollowRoute)
READ = Depends(allowed(Permission.REQUESTS_READ))
CANDIDATES, PASSED = 8, 5


@router.get(f"{OFFICE}/{{reference}}/routing", dependencies=[READ])
async def routing(desk: Looking, reference: TypedReference) -> HTMLResponse:
    """A page of its own; the request's page takes the part of it that says so. Raises RequestUnknown."""
    visitor = desk.visitor(reference)
    view = await visitor.open()
    station = view.appointment.station
    found = cards(visitor.network, await answer_of(visitor, view, station, limit=CANDIDATES))
    own, passed = standing(found, station)
    following = next((card for card in found.cards if not card.missing and card.station.code != station.code), None)
    origin = origin_of(view)
    shown = found.passed_over[:PASSED]
    context = {
        "view": view,
        "here_path": visitor.address(),
        "own": own,
        "passed": passed,
        "passed_over": [row for row in shown if row.station.code != station.code],
        "following": following,
        "may_pass_on": following is not None and may_pass_on(visitor, view),
        "may_split": following is None and len(view.items) > 1 and may_pass_on(visitor, view),
        "origin": origin,
        "points": points(stations_of(station, following, shown)),
    }
    return desk.show("routing.html", context)


def may_pass_on(visitor: Visitor, view: RequestView) -> bool:
    allowed_there = may(visitor, view, Permission.REQUESTS_CHANGE)
    return allowed_there and possible(view, Action.REROUTE, visitor.party, visitor.now)


def standing(found: Cards, station: StationFacts) -> tuple[Card | None, PassedRow | None]:
    """How the request's own station stands now: among those that would be offered, or passed over."""
    own = next((card for card in found.cards if card.station.code == station.code), None)
    return own, next((row for row in found.passed_over if row.station.code == station.code), None)


def stations_of(
    station: StationFacts, following: Card | None, passed: Iterable[PassedRow]
) -> Iterable[tuple[StationFacts, int]]:
    """The request's station as 1, the next best one as 2, those that were passed over without a number (0)."""
    yield station, 1
    if following:
        yield following.station, 2
    yield from ((row.station, 0) for row in passed if row.station.code != station.code)


def points(stations: Iterable[tuple[StationFacts, int]]) -> dict[str, Any]:
    """What the map shows, as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [station.lon, station.lat]},
            "properties": {
                "code": station.code,
                "name_zh": station.name_zh,
                "name_en": station.name_en,
                "coord_class": station.coord_class,
                **({"rank": rank} if rank else {}),
            },
        }
        for station, rank in stations
    ]
    return {"type": "FeatureCollection", "features": features}
