"""A job: asks applicants how it went, and tells who answers for a station of bad ratings and of answers that are due.

Any number of processes may run it: a mail's key names what it tells of and to whom, so of all that write it one does.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.queries.mailable import ANSWERABLE, Mailbox, answerable, staff_with_mail
from app.accounts.rules.rights import Scope
from app.kit.clock import local_date
from app.kit.db import Database
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import tr, use_locale
from app.kit.rounds import Rounds
from app.notify.letters import Letter, Letterhead
from app.notify.service import post_all
from app.notify.statements import Mail
from app.ratings.queries import Rated, tasks
from app.ratings.rules import ASK_AFTER, ASK_UNTIL, asks_now, remind_until, reminds_now
from app.ratings.service import TASK
from app.requests.letters.posting import about_request
from app.requests.service.rating import RATED_WHEN
from app.stations.snapshot import Network, StationFacts, load_calendar, load_network

ASKED, DUE = "request.rating_asked", "station.rating_due"
WORTH_TELLING, WORTH_A_DAY = timedelta(days=3), timedelta(hours=15)
MOST_LINES = 40
PAGE = "/office/ratings"
# What has happened when all of a request is done; found by the index over time.
FINISHED: LiteralString = """
SELECT request.reference, request.email, request.language, request.station_id, max(event.at)
FROM request_event event JOIN request ON request.id = event.request_id AND request.station_id = event.station_id
WHERE event.at >= %(since)s AND event.kind IN ('finished', 'issued', 'delivered')
    AND request.status = ANY (%(done)s) AND request.email IS NOT NULL AND request.anonymised_at IS NULL
    AND NOT EXISTS (SELECT FROM rating WHERE rating.request_id = request.id)
    AND NOT EXISTS (SELECT FROM message WHERE message.key = 'request.rating_asked:' || request.reference)
GROUP BY request.id, request.station_id HAVING max(event.at) < %(before)s
ORDER BY max(event.at) LIMIT 500
"""
NEWEST: LiteralString = "SELECT max(at) FROM rating WHERE level <= 2 AND at > %(since)s"
OVERLAP = timedelta(minutes=10)
"""A rating that is committed late is found by the next looks."""
Now = Callable[[], Awaitable[datetime]]


@dataclass(frozen=True, slots=True)
class Finished:
    """A request all of which is done, since `at`."""

    reference: str
    email: str
    language: str
    station_id: int
    at: datetime


class RatingRounds(Rounds):
    """Looks every few minutes; what was told once isn't told again."""

    name = "ratings_told"

    def __init__(self, database: Database, head: Letterhead, now: Now) -> None:
        super().__init__()
        self._database = database
        self._head = head
        self._now = now
        self._newest: datetime | None = None
        self._reminded: date | None = None

    async def look(self) -> int:
        """How many mails were written."""
        now = await self._now()
        count = await self._ask(now) if asks_now(now) else 0
        return count + await self._tell(now)

    async def _ask(self, now: datetime) -> int:
        """Whoever was served a day ago, and hasn't said anything by themselves; three days after it nobody any more."""
        values = {"since": now - ASK_UNTIL, "before": now - ASK_AFTER, "done": sorted(RATED_WHEN)}
        rows = await self._database.fetch(FINISHED, values)
        mails = [self._question(Finished(*row), now) for row in rows]
        if not mails:
            return 0
        async with self._database.writer() as session:
            posted = await post_all(session, mails)
            await session.commit()
        return len(posted)

    def _question(self, one: Finished, now: datetime) -> Mail:
        with use_locale(one.language):
            letter = Letter(
                _("How did it go? Your request {reference}").format(reference=one.reference),
                [
                    _("Your request is done. Please say how satisfied you are; it takes half a minute."),
                    _("Who was not satisfied is called back, and gets an answer within 15 working days."),
                ],
                link=f"/r/{one.reference}/rate",
                closing=_("This is asked once. The page may ask for the access code that you were given."),
            )
            return self._mail(
                letter,
                kind=ASKED,
                key=f"{ASKED}:{one.reference}",
                to=one.email,
                at=now,
                expires=one.at + ASK_UNTIL,
                station_id=one.station_id,
                about=about_request(one.reference),
            )

    async def _tell(self, now: datetime) -> int:
        """The network is read only when there is something new, and once in the morning."""
        since = max(self._newest - OVERLAP, now - WORTH_TELLING) if self._newest else now - WORTH_TELLING
        [(newest,)] = await self._database.fetch(NEWEST, {"since": since})
        today = local_date(now)
        reminds = self._reminded != today and reminds_now(now, await load_calendar(self._database))
        if newest is None and not reminds:
            return 0
        count = await self._write(now)
        self._newest = newest or self._newest
        self._reminded = today if reminds else self._reminded
        return count

    async def _write(self, now: datetime) -> int:
        network = await load_network(self._database)
        async with self._database.writer() as session:
            waiting = await tasks(session, network, Scope(everything=True), now)
            by_station: dict[int, list[Rated]] = {}
            for each in waiting:
                by_station.setdefault(each.station.id, []).append(each)
            if not by_station:
                return 0
            staff = await self._staff(session, [each[0].station for each in by_station.values()])
            mails: list[Mail] = []
            for found in by_station.values():
                station = found[0].station
                to = answerable(staff, station.id, station.county_adcode)
                mails += self._new(found, to, now)
                mails += self._due(found, network, to, now)
            posted = await post_all(session, mails)
            await session.commit()
        return len(posted)

    async def _staff(self, session: AsyncSession, stations: Sequence[StationFacts]) -> Sequence[Mailbox]:
        ids, counties = [each.id for each in stations], {each.county_adcode for each in stations}
        return await staff_with_mail(session, ANSWERABLE, stations=ids, counties=counties)

    def _new(self, found: Iterable[Rated], to: Iterable[Mailbox], now: datetime) -> Iterable[Mail]:
        """Of each bad rating once, as long as it is new."""
        fresh = [each for each in found if now - each.rating.at < WORTH_TELLING]
        for box in to:
            with use_locale(box.language):
                for each in fresh:
                    yield self._mail(
                        _bad_letter(each),
                        kind=TASK,
                        key=f"{TASK}:{each.reference}:{box.person_id}",
                        to=box.email,
                        at=now,
                        expires=now + WORTH_TELLING,
                        station_id=each.station.id,
                        about=about_request(each.reference),
                    )

    def _due(self, found: Iterable[Rated], network: Network, to: Iterable[Mailbox], now: datetime) -> Iterable[Mail]:
        """On the mornings of working days, what is due soon or overdue: one mail a person and station."""
        if not reminds_now(now, network.calendar):
            return
        today = local_date(now)
        until = remind_until(today, network.calendar)
        due = [each for each in found if each.due is not None and each.due <= until]
        if not due:
            return
        station = due[0].station
        for box in to:
            with use_locale(box.language):
                yield self._mail(
                    _due_letter(station, due),
                    kind=DUE,
                    key=f"{DUE}:{station.code}:{today}:{box.person_id}",
                    to=box.email,
                    at=now,
                    expires=now + WORTH_A_DAY,
                    station_id=station.id,
                )

    def _mail(
        self,
        letter: Letter,
        *,
        kind: str,
        key: str,
        to: str,
        at: datetime,
        expires: datetime,
        station_id: int,
        about: str = "",
    ) -> Mail:
        text = letter.text(self._head)
        return Mail(kind, key, to, letter.subject, text, at, about, expires=expires, station_id=station_id)


def _bad_letter(one: Rated) -> Letter:
    words = _("Somebody was not satisfied at {station}. Please call them back, and answer by {day}.")
    day = day_month_year(one.due) if one.due else ""
    return Letter(
        _("A bad rating of request {reference}").format(reference=one.reference),
        [words.format(station=tr(one.station, "name"), day=day)],
        link=f"{PAGE}/{one.reference}",
        why=_("You get this mail because you answer for the station."),
    )


def _due_letter(station: StationFacts, due: Sequence[Rated]) -> Letter:
    lines = [f"- {_line(each)}" for each in due[:MOST_LINES]]
    return Letter(
        _("Answers to bad ratings that are due: {n}").format(n=len(due)),
        [_("At {station}:").format(station=tr(station, "name")), "\n".join(lines)],
        link=f"{PAGE}?station={station.code}",
        why=_("You get this mail because you answer for the station."),
    )


def _line(one: Rated) -> str:
    words = _("{reference}: overdue since {day}") if one.overdue else _("{reference}: by {day}")
    return words.format(reference=one.reference, day=day_month_year(one.due) if one.due else "")
