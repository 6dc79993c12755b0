"""Whether what somebody asks for at the counter may and can be done there today."""

from collections.abc import Sequence
from datetime import date

from app.slots.errors import (
    CapabilityExpired,
    ModeNotOffered,
    NoDeskSkilled,
    NotCapable,
    ServiceRepeated,
    ServiceUnknown,
    StationInactive,
)
from app.stations.snapshot import MODES, Network, ServiceFacts, StationFacts


def asked_for(network: Network, station: StationFacts, codes: Sequence[str], day: date) -> tuple[ServiceFacts, ...]:
    """The services of these codes, as walk-ins of this day. Raises what slots raises, with the field of each code."""
    if not station.active:
        raise StationInactive(field="service_codes")
    services = tuple(_one(network, station, code, n, day) for n, code in enumerate(codes))
    for n, service in enumerate(services):
        if service in services[:n]:
            raise ServiceRepeated(field=f"service_codes.{n}", service_code=service.code)
    return services


def _one(network: Network, station: StationFacts, code: str, n: int, day: date) -> ServiceFacts:
    field, index = f"service_codes.{n}", network.service_index.get(code)
    if index is None or not network.services[index].active:
        raise ServiceUnknown(field=field, service_code=code)
    service = network.services[index]
    offers = int(network.offers[index, station.index])
    if not offers:
        raise NotCapable(field=field, service_code=code)
    if not offers & MODES["station"]:
        raise ModeNotOffered(field=field, service_code=code)
    if not network.valid_from[index, station.index] <= day.toordinal() <= network.valid_until[index, station.index]:
        raise CapabilityExpired(field=field, service_code=code)
    if not any(desk.active and desk.skills & service.skill for desk in station.desks):
        raise NoDeskSkilled(field=field, service_code=code)
    return service


def offered(network: Network, station: StationFacts, day: date) -> tuple[ServiceFacts, ...]:
    """All services that a walk-in may ask for on this day, in the order of their codes."""
    skills = 0
    for desk in station.desks:
        skills |= desk.skills if desk.active else 0
    ordinal, here = day.toordinal(), station.index
    return tuple(
        service
        for service in network.services
        if service.active
        and service.skill & skills
        and int(network.offers[service.index, here]) & MODES["station"]
        and network.valid_from[service.index, here] <= ordinal <= network.valid_until[service.index, here]
    )


def letter_of(service: ServiceFacts) -> str:
    """The letter of the service's category on a ticket: A for the first category, B for the next."""
    return chr(ord("A") + service.skill.bit_length() - 1)
