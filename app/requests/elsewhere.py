"""Where else a request could be dealt with: the same question that the wizard asks, asked anew as things are now."""

from datetime import date, timedelta

from app.catalogue.rules import USE_FIELD, Use
from app.kit.clock import local_date
from app.kit.geo import Point
from app.requests.queries import RequestView
from app.requests.sites import point_of
from app.requests.visiting import Visitor
from app.routing.cards import Card, cards
from app.routing.queries import Answer, route
from app.routing.rules import Mode, Origin, Question
from app.slots.queries import Availability
from app.stations.snapshot import StationFacts

OTHERS = 4


async def others(visitor: Visitor, view: RequestView, station: StationFacts) -> list[Card]:
    """The nearest other stations that may do all of it and have time."""
    found = cards(visitor.network, await answer_of(visitor, view, station, limit=OTHERS + 1)).cards
    return [card for card in found if not card.missing and card.station.code != station.code][:OTHERS]


async def answer_of(visitor: Visitor, view: RequestView, station: StationFacts, *, limit: int) -> Answer:
    """What routing says of the request now, from where it was asked, else from the station."""
    state = visitor.request.app.state
    availability: Availability = state.availability
    within = days_from(view, local_date(visitor.now), availability.farthest(visitor.network) + 1)
    question = question_of(view, station, within, limit=limit, reach_km=state.settings.booking.reach_km)
    return await route(visitor.network, availability, question, visitor.now)


def question_of(
    view: RequestView, station: StationFacts, within: tuple[date, int], *, limit: int, reach_km: float
) -> Question:
    """What routing is asked about a request that is at a station, for so many days from one on."""
    origin, (first, days) = asked_from(view, station), within
    return Question(
        services=tuple(service.index for service, _count in view.what),
        origin=Origin(origin, origin.lon, origin.lat),
        mode=Mode(view.request.mode),
        first=first,
        days=days,
        use=use_of_all(view),
        limit=limit,
        reach_km=reach_km,
    )


def asked_from(view: RequestView, station: StationFacts) -> Point:
    """The site, or where the request was sent from; of a request that says neither, where the station is."""
    return origin_of(view) or Point(station.lon, station.lat)


def origin_of(view: RequestView) -> Point | None:
    """The site, or where the request was sent from, if it says either."""
    lon, lat = view.request.lon, view.request.lat
    sent_from = None if lon is None or lat is None else Point(lon, lat)
    return point_of(view.request) or sent_from


def days_from(view: RequestView, today: date, days: int) -> tuple[date, int]:
    """Of the days from today on, those from the first one on which somebody is at the site: the first, and how many."""
    before = (view.site.first_day - today).days if view.site else 0
    skipped = min(max(before, 0), days - 1)
    return today + timedelta(days=skipped), days - skipped


def use_of_all(view: RequestView) -> Use | None:
    """`other` only if every instrument is for that: then no designated station is needed."""
    own = [view.request.use or item.inputs.get(USE_FIELD) for item in view.items]
    return Use.OTHER if all(use == Use.OTHER for use in own) else None
