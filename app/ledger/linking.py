"""Which item of a request is which instrument, and the link that is written along with the request."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from app.accounts.rules.rights import Caller
from app.kit.db import Database
from app.kit.i18n import pgettext
from app.kit.ids import new_id
from app.ledger.errors import InstrumentsBooked
from app.ledger.queries import MEMBER
from app.ledger.rules.identity import folded, identity_key, serial_key
from app.requests.along import Along, Items, OfLedger
from app.requests.rules import ENDED

OPEN = "instrument_booking_open_key"
MOST_NAMED = 5
# Only for the organisation whose request it is, and for instruments that are in use at this moment.
PARTS: LiteralString = """, ledger_linked AS (
    INSERT INTO instrument_booking (request_id, station_id, n, instrument_id)
    SELECT made.id, made.station_id, link.n, instrument.id
    FROM made CROSS JOIN unnest(%(along_ids)s::uuid[], %(along_ns)s::int2[]) link (id, n)
    JOIN instrument ON instrument.id = link.id AND instrument.organisation_id = %(organisation_id)s::uuid
        AND instrument.retired_at IS NULL
    ORDER BY instrument.id
    RETURNING instrument_id
), ledger_told AS (
    INSERT INTO instrument_event (id, instrument_id, at, kind, data, person_id)
    SELECT event.id, linked.instrument_id, %(now)s, 'booked', jsonb_build_object('reference', %(reference)s::text),
        %(along_person)s::uuid
    FROM ledger_linked linked
    JOIN unnest(%(along_ids)s::uuid[], %(along_events)s::uuid[]) event (instrument_id, id) USING (instrument_id)
)"""
KNOWN: LiteralString = """
SELECT instrument.id, service.code, instrument_name, model_spec, serial_no, manufacturer
FROM instrument JOIN service ON service.id = instrument.service_id
WHERE instrument.id = ANY (%(ids)s) AND instrument.organisation_id = %(organisation)s AND retired_at IS NULL
    AND -- member
ORDER BY instrument.id
""".replace("-- member", MEMBER)
# What is over doesn't keep anybody from booking anew.
CLOSE: LiteralString = """
UPDATE instrument_booking link SET open = false FROM request_item item
WHERE link.instrument_id = ANY (%(ids)s) AND link.open AND item.request_id = link.request_id
    AND item.station_id = link.station_id AND item.n = link.n AND item.status = ANY (%(ended)s)
"""
TAKEN: LiteralString = """
SELECT instrument_name, serial_no FROM instrument
JOIN instrument_booking link ON link.instrument_id = instrument.id AND link.open
WHERE instrument.id = ANY (%(ids)s) ORDER BY instrument_name, instrument.id
"""


@dataclass(frozen=True, slots=True)
class Instrument:
    """What an item is compared with."""

    id: UUID
    service_code: str
    instrument_name: str
    model_spec: str | None
    serial_no: str | None
    manufacturer: str | None

    @property
    def said(self) -> Mapping[str, Any]:
        return {name: getattr(self, name) for name in ("instrument_name", "model_spec", "serial_no", "manufacturer")}


class InstrumentLinker:
    """`app.state.linker`. One for each process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, of: OfLedger, items: Items, caller: Caller, now: datetime) -> Along | None:
        """The links of the items, numbered from 1; None where none of them is an instrument of the ledger."""
        values = {"ids": of.instrument_ids, "organisation": of.organisation_id, "person": caller.person_id}
        known = [Instrument(*row) for row in await self._database.fetch(KNOWN, values)]
        links = matched(items, known)
        if not links:
            return None
        ids = list(links.values())
        await self._database.fetch(CLOSE, {"ids": ids, "ended": [state.value for state in ENDED]})

        async def refused() -> InstrumentsBooked:
            return InstrumentsBooked(names=_named(await self._database.fetch(TAKEN, {"ids": ids})))

        own = {
            "along_ids": ids,
            "along_ns": list(links),
            "along_events": [new_id() for _id in ids],
            "along_person": caller.person_id,
        }
        return Along(PARTS, own, {OPEN: refused})


def matched(items: Items, known: Sequence[Instrument]) -> dict[int, UUID]:
    """The instrument of each item, by its number from 1: each once, by number, maker and model, then by number alone,
    then, without a number, by name."""
    links: dict[int, UUID] = {}
    free = {each.id: each for each in known}
    for key in (identity_key, serial_key, _name_key):
        by_key: dict[tuple[str, str], list[Instrument]] = defaultdict(list)
        for each in free.values():
            if (own := key(each.said)) is not None:
                by_key[each.service_code, own].append(each)
        for n, (code, inputs) in enumerate(items, start=1):
            own = key(inputs)
            if n not in links and own is not None and (alike := by_key.get((code, own))):
                links[n] = free.pop(alike.pop(0).id).id
    return links


def _name_key(values: Mapping[str, Any]) -> str | None:
    """Of what has no number; a number that differs is another instrument's."""
    if serial_key(values) is not None:
        return None
    return f"{folded(values.get('instrument_name'))}\n{folded(values.get('model_spec'))}"


def _named(rows: Sequence[tuple[Any, ...]]) -> str:
    names = [" ".join(part for part in row if part) for row in rows]
    more = ["…"] if len(names) > MOST_NAMED else []
    return pgettext("between names", ", ").join(names[:MOST_NAMED] + more)
