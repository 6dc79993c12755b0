"""Kiosks for programs: numbers ahead, and handing in what was given out while there was no network."""

from app.hall.kiosk.errors import KioskUnknown
from app.hall.kiosk.queries import exhausted
from app.hall.kiosk.schemas import GivenOutIn, HandedInOut, HandIn, HandInOut, LeaseIn, LeaseOut, RangeOut
from app.hall.kiosk.service import GivenOut, Leases
from app.hall.kiosk.standing import WorkingWithKey
from app.hall.rules.handing_in import Claim
from app.kit.clock import LOCAL, local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany, problem_responses

router = Door(tags=["hall"], route_class=RetryingRoute)
MAY = (KioskUnknown, Invalid, TooMany)


@router.post("/kiosks/leases", responses=problem_responses(*MAY))
async def lease_to_kiosk(sent: LeaseIn, kiosk: WorkingWithKey) -> LeaseOut:
    """The numbers of today that a kiosk's browser has ahead, and more when few are left. Asking again is harmless."""
    await kiosk.count()
    open_now = kiosk.takes_walk_ins
    ranges = await Leases(kiosk.session, kiosk.device, kiosk.now).take(sent.holder) if open_now else []
    services = kiosk.network.service_by_id
    return LeaseOut(
        station_code=kiosk.station.code,
        at=kiosk.now.astimezone(LOCAL),
        day=local_date(kiosk.now),
        open=open_now,
        ranges=[RangeOut(first=each.first, last=each.last) for each in ranges],
        exhausted=sorted(services[each].code for each in await exhausted(kiosk.database, kiosk.station.id, kiosk.now)),
    )


@router.post("/kiosks/hand-ins", responses=problem_responses(*MAY))
async def hand_in_kiosk(sent: HandIn, kiosk: WorkingWithKey) -> HandInOut:
    """Tickets that were given out offline. The same ones again are `known`; one whose number is no longer free gets
    another (`renumbered`); those of a day before are kept on record as left (`late`)."""
    await kiosk.count()
    given = [given_out(each) for each in sent.tickets]
    return HandInOut(items=[HandedInOut.model_validate(each) for each in await kiosk.handing_in.all(given)])


def given_out(sent: GivenOutIn) -> GivenOut:
    claim = Claim(sent.number, sent.given_at)
    return GivenOut(sent.ticket_id, claim, sent.service_codes, sent.priority, sent.language)
