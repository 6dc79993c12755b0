"""The job that reminds organisations of what will be due: at 60, 30 and 7 days, each once, in one mail a day.

Whoever moves an organisation's day on writes its mails in the same transaction, so of several workers one does. What
is booked isn't reminded of; when the booking is cancelled it is, late. Who was reminded of the 30 days for an
instrument that was added only then isn't told of the 60.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext, pgettext, use_locale
from app.kit.rounds import Rounds
from app.ledger.readers import READER, Reader, readers_of
from app.ledger.rules.dues import SOON
from app.ledger.words import due_tag
from app.notify.letters import Letter, Letterhead
from app.notify.rules import MAIL
from app.notify.service import post_all
from app.notify.statements import Mail
from app.requests.rules import ENDED

KIND = "ledger.due"
FIRST_HOUR = 8
AT_ONCE = 50
MOST_LISTED = 40
# The smallest of SOON that the date is within; what is overdue was told of before.
STAGE: LiteralString = "CASE WHEN due_on - %(today)s <= 7 THEN 7 WHEN due_on - %(today)s <= 30 THEN 30 ELSE 60 END"
OWED: LiteralString = """
    instrument.retired_at IS NULL AND due_on BETWEEN %(today)s AND %(until)s
    AND NOT EXISTS (SELECT FROM instrument_reminder told WHERE told.instrument_id = instrument.id
        AND told.due_on = instrument.due_on AND told.days <= -- stage
    )
    AND NOT EXISTS (SELECT FROM instrument_booking link
        JOIN request_item item ON item.request_id = link.request_id AND item.station_id = link.station_id
            AND item.n = link.n
        WHERE link.instrument_id = instrument.id AND link.open AND item.status <> ALL (%(ended)s))
""".replace("-- stage", STAGE)
DUE: LiteralString = """
SELECT DISTINCT instrument.organisation_id FROM instrument
JOIN organisation ON organisation.id = instrument.organisation_id AND organisation.closed_at IS NULL
LEFT JOIN instrument_reminder_day done ON done.organisation_id = instrument.organisation_id
WHERE (done.day IS NULL OR done.day < %(today)s) AND -- owed
    AND EXISTS (SELECT -- reader
    )
ORDER BY instrument.organisation_id LIMIT %(most)s
""".replace("-- owed", OWED).replace("-- reader", READER.replace("-- organisation", "instrument.organisation_id"))
TAKE_DAY = text("""
    INSERT INTO instrument_reminder_day (organisation_id, day) VALUES (:organisation, :today)
    ON CONFLICT (organisation_id) DO UPDATE SET day = excluded.day WHERE instrument_reminder_day.day < excluded.day
    RETURNING day
""")


def _for_sessions(statement: str) -> TextClause:
    """The same with the places that sessions have."""
    for name in ("today", "until", "ended", "organisation", "now"):
        kind = {"today": "date", "until": "date", "ended": "text[]", "organisation": "uuid"}.get(name, "timestamptz")
        statement = statement.replace(f"%({name})s", f"CAST(:{name} AS {kind})")
    return text(statement)


TELL = _for_sessions(f"""
    WITH told AS (
        INSERT INTO instrument_reminder (instrument_id, due_on, days, at)
        SELECT instrument.id, due_on, {STAGE}, %(now)s FROM instrument
        WHERE organisation_id = %(organisation)s AND {OWED}
        ON CONFLICT DO NOTHING RETURNING instrument_id
    )
    SELECT instrument_name, model_spec, serial_no, due_on
    FROM instrument JOIN told ON told.instrument_id = instrument.id
    ORDER BY due_on, instrument.id
""")  # noqa: S608 - put together from our own words


@dataclass(frozen=True, slots=True)
class Owed:
    """An instrument to be reminded of."""

    name: str
    model: str | None
    number: str | None
    due_on: date


class DueReminders(Rounds):
    """The job; looks every half hour whether somebody is to be told of something today, from eight o'clock on."""

    name = "instruments_reminded"
    every = timedelta(minutes=30)

    def __init__(self, database: Database, head: Letterhead, now: Callable[[], Awaitable[datetime]]) -> None:
        super().__init__()
        self._database = database
        self._head = head
        self._now = now

    async def look(self) -> int:
        """How many mails were written."""
        now = await self._now()
        if now.astimezone(LOCAL).hour < FIRST_HOUR:
            return 0
        values = {**_values(local_date(now)), "most": AT_ONCE}
        due = await self._database.fetch(DUE, values)
        return sum([await self._tell(organisation_id, now) for (organisation_id,) in due])

    async def _tell(self, organisation_id: UUID, now: datetime) -> int:
        """The organisation's mails of today, unless somebody has written them or nobody wants any."""
        today = local_date(now)
        async with self._database.writer() as session:
            taken = await session.scalar(TAKE_DAY, {"organisation": organisation_id, "today": today})
            people = await readers_of(session, organisation_id)
            if taken is None or not people:
                return 0
            owed = await self._owed(session, organisation_id, now)
            mails = [self._mail(organisation_id, person, owed, now) for person in people] if owed else []
            written = await post_all(session, mails)
            await session.commit()
        return len(written)

    async def _owed(self, session: AsyncSession, organisation_id: UUID, now: datetime) -> Sequence[Owed]:
        values = {**_values(local_date(now)), "organisation": organisation_id, "now": now}
        return [Owed(*row) for row in await session.execute(TELL, values)]

    def _mail(self, organisation_id: UUID, person: Reader, owed: Sequence[Owed], now: datetime) -> Mail:
        person_id, email, language = person
        here = f"/organisation/{organisation_id}/instruments"
        with use_locale(language):
            letter = _letter(owed, here, self._head.link(f"{here}/reminders"), local_date(now))
            words = letter.subject, letter.text(self._head)
        key = f"{KIND}:{organisation_id}:{local_date(now)}:{person_id}"
        return Mail(KIND, key, email, *words, now, f"organisation:{organisation_id}", None, None, None, MAIL)


def _letter(owed: Sequence[Owed], here: str, stop: str, today: date) -> Letter:
    """In the language of the moment: each instrument on a line, the way to book them, and how to stop these mails."""
    count = len(owed)
    subject = ngettext("{num} instrument is due soon", "{num} instruments are due soon", count).format(num=count)
    lines = [_line(each, today) for each in owed[:MOST_LISTED]]
    if count > MOST_LISTED:
        lines.append(_("… and {count} more, in your ledger.").format(count=count - MOST_LISTED))
    return Letter(
        subject,
        (_("These instruments of yours will be due. What is booked already isn't listed."), "\n".join(lines),
         _("Book the next verification here, all of them in one go:")),
        link=f"{here}?due={SOON[-1]}&state=free",
        closing=_("You don't want these mails any more? Stop them here:") + "\n" + stop,
        why=_("You get this mail because you act for an organisation that keeps its instruments here."),
    )  # fmt: skip


def _line(each: Owed, today: date) -> str:
    about = pgettext("between facts", " · ").join(part for part in (each.name, each.model, each.number) if part)
    left, _tone = due_tag(each.due_on, today)
    return _("- {about}: {day} ({left})").format(about=about, day=day_month_year(each.due_on), left=left)


def _values(today: date) -> dict[str, object]:
    until = today + timedelta(days=SOON[-1])
    return {"today": today, "until": until, "ended": [state.value for state in ENDED]}
