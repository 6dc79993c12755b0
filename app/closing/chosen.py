"""What was decided for one person who loses their time: as a form's field carries it, and in words. Pure."""

from dataclasses import dataclass
from datetime import datetime

from app.closing.planning import Proposal
from app.closing.rules.choosing import Offer
from app.closing.words import CHOSEN
from app.kit.formats import date_time
from app.kit.i18n import tr
from app.stations.snapshot import StationFacts

BETWEEN = "~"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was decided: what is offered, and with it where, when (aware) and at which desk; with ASK nothing."""

    offer: Offer
    station: str = ""
    start: datetime | None = None
    desk_id: int | None = None


LET_THEM = Chosen(Offer.ASK)


def written(proposal: Proposal) -> str:
    """A proposal as the value of a field."""
    station, start = proposal.station, proposal.start
    if station is None or start is None:
        return Offer.ASK.value
    return BETWEEN.join([proposal.offer.value, station.code, start.isoformat(), str(proposal.desk_id)])


def read(text: str) -> Chosen | None:
    """What a field says; None when it is nothing of ours."""
    if text == Offer.ASK.value:
        return LET_THEM
    parts = text.split(BETWEEN)
    try:
        offer, station, start, desk = parts
        chosen = Chosen(Offer(offer), station, datetime.fromisoformat(start), int(desk))
    except ValueError:
        return None
    aware = chosen.start is not None and chosen.start.tzinfo is not None
    return chosen if aware and chosen.offer is not Offer.ASK else None


def in_words(proposal: Proposal, here: StationFacts) -> str:
    """What is offered, in the language of the moment."""
    station, start = proposal.station, proposal.start
    if station is None or start is None:
        return str(CHOSEN[Offer.ASK])
    desk = next((desk for desk in here.desks if desk.id == proposal.desk_id), None)
    return str(CHOSEN[proposal.offer]).format(
        start=date_time(start),
        desk=tr(desk, "name") if desk else "",
        station=tr(station, "name"),
        km=max(proposal.km or 0, 0),
    )
