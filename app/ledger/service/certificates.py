"""What an issued certificate does to the ledger, in the transaction that issues it (what was withdrawn: `withdrawals`).

The instrument is the one that was booked for the item; else the only one in use of the organisation with the serial
number and the service. A certificate moves the dates; a notice of result doesn't, and marks that it did not pass. A
newer version replaces the one that the ledger has of that number; an older document changes nothing but the history.
"""

from datetime import date
from typing import Any

from sqlalchemy import select, update

from app.catalogue.models import Service
from app.kit.db import WriteSession
from app.kit.ids import new_id
from app.ledger.intervals import keep_intervals
from app.ledger.models import Instrument, InstrumentBooking, InstrumentEvent
from app.ledger.rules.dues import due
from app.ledger.rules.identity import folded, serial_key
from app.requests.many import IDENTITY
from app.results.issued import Issued

DATED = ("last_cert_no", "last_cert_version", "last_cert_date", "valid_until", "failed_on")
FIRST = 1
UNSEEN = {"synchronize_session": False}


async def move_dates(session: WriteSession, issued: Issued) -> None:
    """The listener. An item without an instrument of the ledger is none of its business."""
    await keep_intervals(session)
    found = await instrument_of(session, issued)
    if found is not None:
        before = {name: getattr(found, name) for name in DATED}
        after = await _after(session, found, issued)
        if after is not None:
            await _write(session, found, before, after, issued)
    await _close(session, issued)


async def instrument_of(session: WriteSession, issued: Issued) -> Instrument | None:
    """The one that was booked for the item, or the only one it can be. Locked, as it is now."""
    wanted = select(Instrument).with_for_update().execution_options(populate_existing=True)
    linked = await session.scalar(
        select(InstrumentBooking.instrument_id).where(
            InstrumentBooking.request_id == issued.request_id, InstrumentBooking.n == issued.n
        )
    )
    if linked is not None:
        return await session.scalar(wanted.where(Instrument.id == linked))
    number = serial_key(issued.inputs)
    if issued.organisation_id is None or number is None:
        return None
    theirs = (
        Instrument.organisation_id == issued.organisation_id,
        Instrument.serial_key == number,
        Instrument.service_id == issued.service_id,
        Instrument.retired_at.is_(None),
    )
    alike = list(await session.scalars(wanted.where(*theirs).order_by(Instrument.id)))
    exact = [each for each in alike if _same(each, issued)]
    return alike[0] if len(alike) == 1 else exact[0] if len(exact) == 1 else None


def _same(found: Instrument, issued: Issued) -> bool:
    return all(folded(getattr(found, key)) == folded(issued.inputs.get(key)) for key in IDENTITY)


async def _after(session: WriteSession, found: Instrument, issued: Issued) -> dict[str, Any] | None:
    """What of `DATED` is to stand there afterwards; None where the document is older than what does."""
    own = found.last_cert_no == issued.number
    if own and (found.last_cert_version or FIRST) > issued.version:
        return None
    if issued.passed is not False:
        if not own and found.last_cert_date is not None and found.last_cert_date > issued.done_on:
            return None
        return {
            "last_cert_no": issued.number,
            "last_cert_version": issued.version,
            "last_cert_date": issued.done_on,
            "valid_until": issued.valid_until,
            "failed_on": None if _passes(found, issued) else found.failed_on,
        }
    if own:  # a certificate that was corrected to a notice has never moved anything
        kept = await before_of(session, found, issued.number) or {name: getattr(found, name) for name in DATED}
        return kept | {"failed_on": issued.done_on}
    newer = found.last_cert_date is not None and found.last_cert_date > issued.done_on
    return None if newer else {name: getattr(found, name) for name in DATED} | {"failed_on": issued.done_on}


def _passes(found: Instrument, issued: Issued) -> bool:
    """Whether it makes up for the time that it did not pass. A calibration judges nothing."""
    return issued.passed is True and (found.failed_on is None or found.failed_on <= issued.done_on)


async def before_of(session: WriteSession, found: Instrument, number: str) -> dict[str, Any] | None:
    """The dates as they were before the first document of this number came; None when none has come."""
    data = await session.scalar(
        select(InstrumentEvent.data)
        .where(InstrumentEvent.instrument_id == found.id, InstrumentEvent.data["number"].astext == number)
        .order_by(InstrumentEvent.id)
        .limit(1)
    )
    if data is None:
        return None
    kept = dict(data.get("before", {}))
    days = {"last_cert_date", "valid_until", "failed_on"}
    read = {name: date.fromisoformat(value) if value and name in days else value for name, value in kept.items()}
    return {name: read.get(name) for name in DATED}


async def _write(
    session: WriteSession, found: Instrument, before: dict[str, Any], after: dict[str, Any], issued: Issued
) -> None:
    months = await session.scalar(select(Service.validity_months).where(Service.id == found.service_id))
    moved = due(after["last_cert_date"], after["valid_until"], found.interval_months, months)
    for name, value in after.items():
        setattr(found, name, value)
    found.due_on, found.due_from = moved.on, moved.reason
    found.version += 1
    found.changed_at = issued.at
    data = {
        "number": issued.number,
        "version": issued.version,
        "until": plain(found.due_on),
        "before": {name: plain(value) for name, value in before.items()},
    }
    session.add(InstrumentEvent(id=new_id(), instrument_id=found.id, at=issued.at, kind=_kind(issued), data=data))
    await session.flush()


def _kind(issued: Issued) -> str:
    if issued.passed is False:
        return "failed"
    if issued.version > FIRST:
        return "corrected"
    return "certified" if issued.passed else "calibrated"


def plain(value: object) -> object:
    """As JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


async def _close(session: WriteSession, issued: Issued) -> None:
    """What was booked is done: the instrument can be booked anew."""
    link = InstrumentBooking.request_id == issued.request_id, InstrumentBooking.n == issued.n
    await session.execute(update(InstrumentBooking).where(*link).values(open=False), execution_options=UNSEEN)
