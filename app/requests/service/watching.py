"""The watch over deadlines: on working days staff hear what is due, and who answers for a station what was missed.

Any number of processes may watch at once: a mail's key names station, day and person, so of all that write it one does.
Clocks that stand still have no due date and are not found. What is done between the look and the sending is in the
mail nevertheless: it says how things stood in the morning, and is not sent any more after its day.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import LiteralString

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.queries.mailable import ANSWERABLE, Mailbox, answerable, at_work, staff_with_mail
from app.accounts.rules.rights import Role
from app.audit.service import Actor, Object, record
from app.kit.clock import LOCAL
from app.kit.db import Database
from app.kit.i18n import use_locale
from app.kit.rounds import Rounds
from app.notify.letters import Letter, Letterhead
from app.notify.service import post_all
from app.notify.statements import Mail
from app.policy.rules import Clock
from app.requests.letters.deadlines import due_letter, overdue_letter
from app.requests.letters.staff import StaffKind
from app.requests.rules.watching import AtStation, Running, Watch, due_at_stations, watch_of
from app.stations.facts import ServiceFacts, StationFacts
from app.stations.snapshot import Network, load_calendar, load_network

STATIONS_AT_ONCE = 100
WORTH_TELLING = timedelta(days=3)
OPEN: LiteralString = (
    "(status NOT IN ('done', 'issued', 'delivered', 'archived', 'item_rejected', 'declined', 'cancelled') "
    "OR complaint = 'open')"
)
# Both walk the index of the inbox, which holds nothing but what is open.
STATIONS: LiteralString = f"""
SELECT DISTINCT station_id FROM request
WHERE {OPEN} AND due_at < %(end)s::timestamptz AND station_id > %(after)s ORDER BY station_id LIMIT %(most)s
"""  # noqa: S608 - put together from our own words
RUNNING: LiteralString = f"""
WITH due AS MATERIALIZED (
    SELECT id, station_id, reference, complaint, complaint_clock FROM request
    WHERE {OPEN} AND due_at < %(end)s::timestamptz AND station_id = ANY (%(stations)s::int4[])
)
SELECT due.station_id, due.reference, item.n, item.service_id, item.clock, item.due_at
FROM due JOIN request_item item ON item.request_id = due.id AND item.station_id = due.station_id
WHERE item.due_at >= %(first)s::timestamptz AND item.due_at < %(end)s::timestamptz
UNION ALL
SELECT due.station_id, due.reference, 0, NULL, due.complaint_clock, NULL FROM due
WHERE due.complaint = 'open' AND due.complaint_clock IS NOT NULL
ORDER BY 1, 2, 3
"""  # noqa: S608 - see above
Now = Callable[[], Awaitable[datetime]]


class DeadlineWatch(Rounds):
    """A job: looks every few minutes whether today's mails are to be written, and writes them once a day."""

    name = "deadlines_told"

    def __init__(self, database: Database, head: Letterhead, now: Now) -> None:
        super().__init__()
        self._database = database
        self._head = head
        self._now = now
        self._done: date | None = None

    async def look(self) -> int:
        """Write what is to be told today, if nobody has yet; returns how many mails that were."""
        now = await self._now()
        watch = watch_of(now, await load_calendar(self._database))
        if watch is None or watch.today == self._done:
            return 0
        network = await load_network(self._database)
        count, after = 0, 0
        while stations := await self._stations(watch, after):
            count += await self._tell(network, watch, stations, now)
            after = stations[-1]
        self._done = watch.today
        return count

    async def _stations(self, watch: Watch, after: int) -> list[int]:
        """The next stations at which something is, or was, due."""
        values = {"end": watch.end, "after": after, "most": STATIONS_AT_ONCE}
        return [station_id for (station_id,) in await self._database.fetch(STATIONS, values)]

    async def _tell(self, network: Network, watch: Watch, stations: Sequence[int], now: datetime) -> int:
        """Each station in a transaction of its own: the record is held for a moment only."""
        rows = await self._database.fetch(RUNNING, {"first": watch.first, "end": watch.end, "stations": list(stations)})
        found = due_at_stations((Running(*row) for row in rows), watch, network.calendar)
        places = [place for station_id in found if (place := network.station_by_id.get(station_id))]
        async with self._database.reader() as session:
            roles, counties = (Role.OFFICER, *ANSWERABLE), {place.county_adcode for place in places}
            staff = await staff_with_mail(session, roles, stations=list(found), counties=counties)
        count = 0
        for place in places:
            writer = _Writer(self._head, network.service_by_id, watch, place, found[place.id], now)
            async with self._database.writer() as session:
                count += await writer.write(session, staff)
                await session.commit()
        return count


@dataclass(frozen=True, slots=True)
class _Writer:
    """What one station hears on one day."""

    head: Letterhead
    services: Mapping[int, ServiceFacts]
    watch: Watch
    station: StationFacts
    due: AtStation
    now: datetime

    async def write(self, session: AsyncSession, staff: Sequence[Mailbox]) -> int:
        told = answerable(staff, self.station.id, self.station.county_adcode)
        soon = [*self.due.today, *self.due.following]
        readers = [*at_work(staff, self.station.id)] if soon else []
        if any(due.clock is Clock.COMPLAINT for due in soon):  # only who answers for the station can answer it
            readers += [each for each in told if each.person_id not in {reader.person_id for reader in readers}]
        by_day = {day: list(self._escalations(told, day)) for day in sorted(self.due.missed)}
        posted = await post_all(session, [*self._digests(readers), *(mail for day in by_day.values() for mail in day)])
        days = [day for day, written in by_day.items() if any(mail.key in posted for mail in written)]
        if days:
            await self._record(session, days)
        return len(posted)

    def _digests(self, to: Iterable[Mailbox]) -> Iterable[Mail]:
        midnight = datetime.combine(self.watch.today + timedelta(days=1), time(), LOCAL)
        for each in to:
            with use_locale(each.language):
                letter = due_letter(self.station, self.due, self.watch, self.services)
                yield self._mail(StaffKind.DUE, each, self.watch.today, letter, midnight)

    def _escalations(self, to: Iterable[Mailbox], day: date) -> Iterable[Mail]:
        for each in to:
            with use_locale(each.language):
                letter = overdue_letter(self.station, day, self.due.missed[day], self.services)
                yield self._mail(StaffKind.OVERDUE, each, day, letter, self.now + WORTH_TELLING)

    def _mail(self, kind: StaffKind, to: Mailbox, day: date, letter: Letter, expires: datetime) -> Mail:
        return Mail(
            kind=kind,
            key=f"{kind}:{self.station.code}:{day}:{to.person_id}",
            to=to.email,
            subject=letter.subject,
            text=letter.text(self.head),
            at=self.now,
            expires=expires,
            station_id=self.station.id,
        )

    async def _record(self, session: AsyncSession, days: Sequence[date]) -> None:
        """That those who answer for the station were told, and of which requests."""
        missed = {day.isoformat(): [due.reference for due in self.due.missed[day]] for day in days}
        on = Object("station", self.station.code, self.station.id)
        await record(session, Actor("system"), "deadline.escalated", on, at=self.now, after={"missed": missed})
