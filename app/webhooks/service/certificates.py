"""Telling of certificates: of the listeners whom the room of results calls when it issues or withdraws one."""

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import text

from app.kit.clock import LOCAL
from app.kit.db import WriteSession
from app.kit.ids import new_id
from app.webhooks.rules.kinds import CERTIFICATE, WITHDRAWN


class IssuedCertificate(Protocol):
    """What is needed of `app.results.issued.Issued`, whose room lies above this one."""

    @property
    def request_id(self) -> UUID: ...
    @property
    def station_id(self) -> int: ...
    @property
    def n(self) -> int: ...
    @property
    def organisation_id(self) -> UUID | None: ...
    @property
    def number(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def done_on(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...
    @property
    def at(self) -> datetime: ...


# The same rows as the trigger of request_event writes, to the same subscribers.
TELL = text("""
    WITH taker AS (
        SELECT id FROM webhook_subscription taker
        WHERE ended_at IS NULL AND (types = '{}' OR :type = ANY (types))
            AND (organisation_id IS NULL OR organisation_id = CAST(:organisation_id AS uuid))
            AND (station_id IS NULL AND county_adcode IS NULL OR EXISTS (
                SELECT FROM station WHERE station.id = :station_id
                    AND (station.id = taker.station_id OR station.county_adcode = taker.county_adcode)))
    ), event AS (
        INSERT INTO webhook_event (id, type, at, data)
        SELECT :id, :type, :at, jsonb_build_object('reference', request.reference, 'station_code', station.code,
            'item', CAST(:n AS int), 'number', CAST(:number AS text), 'version', CAST(:version AS int),
            'done_on', CAST(:done_on AS date), 'valid_until', CAST(:valid_until AS date))
        FROM request JOIN station ON station.id = request.station_id
        WHERE request.id = :request_id AND EXISTS (SELECT FROM taker)
        RETURNING n
    )
    INSERT INTO webhook_delivery (subscription_id, event_n, state, begun_at, due_at)
    SELECT taker.id, event.n, 'waiting', :at, :at FROM event, taker
""")


async def tell_issued(session: WriteSession, issued: IssuedCertificate) -> None:
    """Write down, in the transaction that issues it, that there is a certificate; the verdict isn't told."""
    await _tell(session, CERTIFICATE, issued)


async def tell_withdrawn(session: WriteSession, withdrawn: IssuedCertificate) -> None:
    """The same of one that counts no longer, in the transaction that withdraws it."""
    await _tell(session, WITHDRAWN, withdrawn)


async def _tell(session: WriteSession, kind: str, issued: IssuedCertificate) -> None:
    values = {
        "id": new_id(),
        "type": kind,
        "at": issued.at.astimezone(LOCAL),
        **{name: getattr(issued, name) for name in ("request_id", "station_id", "n", "organisation_id")},
        **{name: getattr(issued, name) for name in ("number", "version", "done_on", "valid_until")},
    }
    await session.execute(TELL, values)
