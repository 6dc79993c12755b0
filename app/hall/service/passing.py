"""Passing somebody on to another station, and two who came with one ticket going separate ways."""

from dataclasses import replace
from uuid import UUID

from app.hall.models import Ticket
from app.hall.rules.calling import Place
from app.hall.rules.planning import Given
from app.hall.rules.states import Action, Kind, Priority
from app.hall.service.counter import Counter
from app.hall.service.issuing import Origin, Wish
from app.hall.words import number_of
from app.kit.problems import FieldError, Invalid
from app.stations.snapshot import Network, ServiceFacts

NOT_ALL = "Choose some of the open services: at least one goes, and at least one stays."


async def move(here: Counter, there: Counter, ticket_id: UUID, services: tuple[ServiceFacts, ...]) -> Ticket:
    """A ticket at another station, of what is open, with the seniority of the one here; the one here ends.

    `services` are those of the ticket that the other station does today. Raises TicketUnknown, InvalidTransition,
    HallClosed and HallHalted of the other station.
    """
    ticket = await here.locked(ticket_id)
    planned = here.planned(ticket, Action.MOVE, Given())
    new = await there.issue(_same(ticket, services), replace(_continues(ticket), from_elsewhere=True))
    kept = await here.drop(ticket)
    to = {"station_id": new.station_id, "number": number_of(new.letter, new.number)}
    await here.write(ticket, planned, Action.MOVE, {**kept, **to}, undone=False)
    return new


async def split(counter: Counter, network: Network, ticket_id: UUID, service_ids: list[int]) -> Ticket:
    """A second ticket here for some of what is open, at the same place in the queue.

    Raises TicketUnknown, InvalidTransition; Invalid when nothing would go, or nothing stay.
    """
    ticket = await counter.locked(ticket_id)
    going = [each for each in ticket.open_ids if each in service_ids]
    planned = counter.planned(ticket, Action.SPLIT, Given(service_ids=going))
    if not going or len(going) == len(ticket.open_ids):
        raise Invalid(errors=[FieldError("service_codes", "not_all", NOT_ALL)])
    services = tuple(network.service_by_id[each] for each in going)
    new = await counter.issue(_same(ticket, services), _continues(ticket, ticket.request_id))
    await counter.write(ticket, planned, Action.SPLIT, {"number": number_of(new.letter, new.number)}, undone=False)
    return new


def _same(ticket: Ticket, services: tuple[ServiceFacts, ...]) -> Wish:
    return Wish(services, ticket.language, Priority(ticket.priority), ticket.priority_reason or "")


def _continues(ticket: Ticket, request_id: UUID | None = None) -> Origin:
    place = Place(ticket.first_from, ticket.rank_at)
    return Origin(Kind(ticket.kind), place, request_id, ticket.booked_at, ticket.id)
