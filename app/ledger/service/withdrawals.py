"""What a withdrawn document does to the ledger, in the transaction that withdraws it.

The instrument's dates go back to what they were before the first document of that number came; what was withdrawn
before that is passed over as well. A document that isn't the one that counts, because a newer one came or because
somebody has typed other dates since, changes nothing but the history. The people of the organisation are written to.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.catalogue.models import Service
from app.kit.db import WriteSession
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, use_locale
from app.kit.ids import new_id
from app.ledger.intervals import keep_intervals
from app.ledger.models import Instrument, InstrumentEvent
from app.ledger.readers import Reader, readers_of
from app.ledger.rules.dues import due
from app.ledger.service.certificates import DATED, before_of, instrument_of, plain
from app.ledger.words import reason_of
from app.notify.letters import Letter, Letterhead
from app.notify.service import post_all
from app.notify.statements import Mail
from app.results.issued import Withdrawn

KIND = "ledger.withdrawn"
NOTHING_KNOWN = dict.fromkeys(DATED)
# The work is done anew: until then the instrument is booked again, unless it is booked otherwise by now.
REOPEN = text("""
    UPDATE instrument_booking link SET open = true
    WHERE request_id = :request_id AND n = :n AND NOT open
        AND NOT EXISTS (SELECT FROM instrument_booking other
            WHERE other.instrument_id = link.instrument_id AND other.open)
""")


class TurnBack:
    """The listener; `head` is that of its letters. What has no instrument of the ledger is none of its business."""

    def __init__(self, head: Letterhead) -> None:
        self._head = head

    async def __call__(self, session: WriteSession, withdrawn: Withdrawn) -> None:
        await keep_intervals(session)
        found = await _counting(session, withdrawn) or await instrument_of(session, withdrawn)
        if found is None:
            return
        before = {name: getattr(found, name) for name in DATED}
        after = await _after(session, found, withdrawn)
        if after != before:
            await _turn_back(session, found, after, withdrawn)
        await _write(session, found, before, withdrawn, turned=after != before)
        await _reopen(session, withdrawn)
        if after != before and found.retired_at is None:
            await self._tell(session, found, withdrawn)

    async def _tell(self, session: WriteSession, found: Instrument, withdrawn: Withdrawn) -> None:
        months = await _months(session, found)
        people = await readers_of(session, found.organisation_id)
        await post_all(session, [self._mail(person, found, months, withdrawn) for person in people])

    def _mail(self, person: Reader, found: Instrument, months: int | None, withdrawn: Withdrawn) -> Mail:
        here = f"/organisation/{found.organisation_id}/instruments"
        with use_locale(person.language):
            letter = _letter(found, months, withdrawn.number, self._head.link(f"{here}/reminders"))
            words = letter.subject, letter.text(self._head)
        key = f"{KIND}:{withdrawn.number}:{person.person_id}"
        return Mail(KIND, key, person.email, *words, withdrawn.at, f"organisation:{found.organisation_id}")


async def _counting(session: WriteSession, withdrawn: Withdrawn) -> Instrument | None:
    """The organisation's instrument whose dates are of this document, whatever its serial number is by now. Locked."""
    if withdrawn.organisation_id is None:
        return None
    theirs = (
        Instrument.organisation_id == withdrawn.organisation_id,
        Instrument.last_cert_no == withdrawn.number,
        Instrument.last_cert_version.is_not(None),
    )
    wanted = select(Instrument).where(*theirs).order_by(Instrument.id).limit(1)
    return await session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


async def _after(session: WriteSession, found: Instrument, withdrawn: Withdrawn) -> dict[str, Any]:
    """What of `DATED` is to stand there afterwards; the same as now where the document isn't the one that counts."""
    now = {name: getattr(found, name) for name in DATED}
    gone = {**await _withdrawn_before(session, found), withdrawn.number: _failed_on(withdrawn)}
    if found.last_cert_no == withdrawn.number and found.last_cert_version is not None:
        kept = await _kept_before(session, found, withdrawn.number, gone)
        return kept | {"failed_on": now["failed_on"] or await _failed(session, found, kept["failed_on"], gone)}
    if withdrawn.passed is False and found.failed_on == withdrawn.done_on:
        return now | {"failed_on": await _failed(session, found, found.failed_on, gone)}
    return now


async def _kept_before(
    session: WriteSession, found: Instrument, number: str, gone: Mapping[str, date | None]
) -> dict[str, Any]:
    """The dates before this document, and before each one in a row that was withdrawn earlier."""
    kept: Mapping[str, Any] | None = await before_of(session, found, number)
    passed = {number}
    while kept and kept["last_cert_no"] in gone and kept["last_cert_no"] not in passed and kept["last_cert_version"]:
        passed.add(kept["last_cert_no"])
        kept = await before_of(session, found, kept["last_cert_no"])
    return dict(kept or NOTHING_KNOWN)


async def _failed(
    session: WriteSession, found: Instrument, on: date | None, gone: Mapping[str, date | None]
) -> date | None:
    """The last day on which it did not pass by a notice that stands."""
    notices = {day: number for number, day in gone.items() if day}
    while on in notices:
        kept = await before_of(session, found, notices.pop(on))
        on = kept["failed_on"] if kept else None
    return on


async def _withdrawn_before(session: WriteSession, found: Instrument) -> dict[str, date | None]:
    """The numbers of the instrument's documents that were withdrawn; of notices with the day of the examination."""
    of = InstrumentEvent.instrument_id == found.id, InstrumentEvent.kind == "withdrawn"
    rows: Sequence[Mapping[str, Any]] = list(await session.scalars(select(InstrumentEvent.data).where(*of)))
    days = {str(data["number"]): data.get("failed_on") for data in rows}
    return {number: date.fromisoformat(day) if day else None for number, day in days.items()}


def _failed_on(withdrawn: Withdrawn) -> date | None:
    return withdrawn.done_on if withdrawn.passed is False else None


async def _turn_back(session: WriteSession, found: Instrument, after: Mapping[str, Any], withdrawn: Withdrawn) -> None:
    moved = due(
        after["last_cert_date"], after["valid_until"], found.interval_months, await _catalogue_months(session, found)
    )
    for name, value in after.items():
        setattr(found, name, value)
    found.due_on, found.due_from = moved.on, moved.reason
    found.version += 1
    found.changed_at = withdrawn.at


async def _write(
    session: WriteSession, found: Instrument, before: Mapping[str, Any], withdrawn: Withdrawn, *, turned: bool
) -> None:
    data = {
        "number": withdrawn.number,
        "version": withdrawn.version,
        "failed_on": plain(_failed_on(withdrawn)),
        "turned": turned,
        "until": plain(found.due_on),
        "due_from": found.due_from,
        "months": await _months(session, found),
        "before": {name: plain(value) for name, value in before.items()},
    }
    step = InstrumentEvent(id=new_id(), instrument_id=found.id, at=withdrawn.at, kind="withdrawn", data=data)
    session.add(step)
    await session.flush()


async def _months(session: WriteSession, found: Instrument) -> int | None:
    return found.interval_months or await _catalogue_months(session, found)


async def _catalogue_months(session: WriteSession, found: Instrument) -> int | None:
    months: int | None = await session.scalar(select(Service.validity_months).where(Service.id == found.service_id))
    return months


async def _reopen(session: WriteSession, withdrawn: Withdrawn) -> None:
    """Who books it at this very moment wins."""
    values = {"request_id": withdrawn.request_id, "n": withdrawn.n}
    try:
        async with session.begin_nested():
            await session.execute(REOPEN, values)
    except IntegrityError:
        return


def _letter(found: Instrument, months: int | None, number: str, stop: str) -> Letter:
    """In the language of the moment."""
    parts = (found.instrument_name, found.model_spec, found.serial_no)
    about = pgettext("between facts", " · ").join(part for part in parts if part)
    said = _("Certificate {number} for {about} was withdrawn. Please don't use it any more; the work is done anew.")
    return Letter(
        _("Certificate {number} was withdrawn").format(number=number),
        (said.format(number=number, about=about), _counts_as(found, months)),
        link=f"/organisation/{found.organisation_id}/instruments/{found.id}",
        closing=_("You don't want these mails any more? Stop them here:") + "\n" + stop,
        why=_("You get this mail because you act for an organisation that keeps its instruments here."),
    )


def _counts_as(found: Instrument, months: int | None) -> str:
    if found.due_on is None:
        return _("Without it no due date of the instrument is known.")
    reason = reason_of(found.due_from, months, months)
    day = day_month_year(found.due_on)
    return _("The instrument counts as due on {day} now, {reason}.").format(day=day, reason=reason)
