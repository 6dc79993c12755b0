"""A visit as the beginning of a booking: the wizard goes on with it, its forms filled in from the ledger. Pure."""

from collections.abc import Sequence
from uuid import UUID

from app.booking.drafts import DraftData, Origin
from app.booking.tables import columns
from app.catalogue.rules import USE_FIELD
from app.catalogue.sheets import write_sheet
from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.ledger.queries import Listed
from app.ledger.rules.visits import Wish
from app.ledger.visits import Visit, answers
from app.requests.along import OfLedger
from app.routing.rules import Origin as Place
from app.slots.travel import ONSITE


def draft_of(visit: Visit, organisation_id: UUID, origin: Place, catalogue: Catalogue) -> DraftData:
    """The booking as far as the ledger knows it. Where staff shall come, the site is asked for first."""
    data = DraftData(
        services=[code for code, _count in visit.counts],
        mode=visit.mode,
        use=visit.use,
        station=None if visit.mode == ONSITE else visit.station.code,
        ledger=OfLedger(organisation_id, [wish.instrument.id for wish in visit.wishes]),
    )
    if visit.mode != ONSITE:
        data.origin = Origin(lon=origin.lon, lat=origin.lat, crs=origin.crs.value, town=origin.town)
    for code in data.services:
        service = catalogue.by_code[code]
        mine = [wish for wish in visit.wishes if wish.service == code]
        if len(mine) == 1:
            data.answers[code] = {key: str(value) for key, value in _answers(mine[0], service, visit).items()}
        else:
            data.tables[code] = _table(mine, service, visit)
    return data


def _answers(wish: Wish[Listed], service: ServiceInfo, visit: Visit) -> dict[str, object]:
    return answers(wish.instrument, service, visit.mode)


def _table(wishes: Sequence[Wish[Listed]], service: ServiceInfo, visit: Visit) -> str:
    """The instruments as the page's table; the use isn't asked there when all have the same."""
    asked = [
        field
        for field in columns(service.fields)
        if field.asked(visit.mode) and not (field.key == USE_FIELD and visit.use)
    ]
    rows = [_answers(wish, service, visit) for wish in wishes]
    return write_sheet(asked, [{key: str(value) for key, value in row.items()} for row in rows])
