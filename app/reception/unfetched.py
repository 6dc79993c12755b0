"""A job: writes once to whoever has not fetched what has been ready for ten working days (rules.FETCH_WITHIN).

One mail for what became ready on one day and lies at one station; its key names them, so of all workers one writes it.
The things are locked while it is written: whoever gives one back at that moment finds the mail and withdraws it.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, tr, use_locale
from app.kit.rounds import Rounds
from app.notify.letters import Letter, Letterhead
from app.notify.service import post_all, withdraw
from app.notify.statements import Mail
from app.reception.lists import AT_ITS_END
from app.reception.rules import READY, overdue_before
from app.requests.letters.posting import about_request
from app.stations.snapshot import Network, load_calendar, load_network

KIND = "request.unfetched"
MORNING = time(8)
WORTH_TELLING = timedelta(days=3)
MOST, MOST_LISTED = 500, 20
UNFETCHED = text("""
    SELECT request.reference, request.email, request.language, thing.at_station_id,
        CAST(ready.at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, thing.code,
        coalesce(item.inputs ->> 'instrument_name', item.inputs ->> 'sample_name', '')
    FROM thing JOIN request ON request.id = thing.request_id AND request.station_id = thing.station_id
        JOIN request_item item ON item.request_id = thing.request_id AND item.station_id = thing.station_id
            AND item.n = thing.n
        CROSS JOIN LATERAL (
            SELECT max(event.at) AS at FROM request_event event
            WHERE event.request_id = thing.request_id AND event.station_id = thing.station_id
                AND event.kind = ANY (:ends) AND (NOT event.data ? 'items' OR event.data -> 'items' @> to_jsonb(item.n))
        ) ready
    WHERE thing.standing = 'here' AND item.status = ANY (:ready) AND ready.at < :before
        AND request.email IS NOT NULL AND request.anonymised_at IS NULL
        AND NOT EXISTS (SELECT FROM message WHERE message.key = :kind || ':' || request.reference || ':'
            || CAST(ready.at AT TIME ZONE 'Asia/Shanghai' AS date) || ':' || thing.at_station_id)
    ORDER BY request.reference, day, thing.at_station_id, thing.n, thing.part
    LIMIT :most FOR UPDATE OF thing SKIP LOCKED
""")
LEFT = text("""
    SELECT count(*) FROM thing JOIN request ON request.id = thing.request_id
    WHERE request.reference = :reference AND thing.standing = 'here'
""")
Now = Callable[[], Awaitable[datetime]]


@dataclass(frozen=True, slots=True)
class Lying:
    """A thing that has been ready since `day` and lies at the station; of the request, who is written to."""

    reference: str
    email: str
    language: str
    station_id: int
    day: date
    code: str
    name: str

    @property
    def key(self) -> str:
        """Of what is told together."""
        return f"{KIND}:{self.reference}:{self.day}:{self.station_id}"


class Unfetched(Rounds):
    """Looks every half hour of working days, from eight o'clock on."""

    name = "unfetched_told"
    every = timedelta(minutes=30)

    def __init__(self, database: Database, head: Letterhead, now: Now) -> None:
        super().__init__()
        self._database = database
        self._head = head
        self._now = now

    async def look(self) -> int:
        """How many mails were written."""
        now = await self._now()
        calendar = await load_calendar(self._database)
        today = local_date(now)
        if now.astimezone(LOCAL).time() < MORNING or not calendar.kind(today).worked:
            return 0
        before = datetime.combine(overdue_before(today, calendar), time(), LOCAL)
        async with self._database.writer() as session:
            lying = await _lying(session, before)
            if not lying:
                return 0
            network = await load_network(self._database)
            mails = [self._mail(list(found), network, now) for _key, found in groupby(lying, lambda each: each.key)]
            posted = await post_all(session, mails)
            await session.commit()
        return len(posted)

    def _mail(self, lying: Sequence[Lying], network: Network, now: datetime) -> Mail:
        one, station_id = lying[0], lying[0].station_id
        with use_locale(one.language):
            letter = _letter(lying, network)
            words = letter.subject, letter.text(self._head)
        about, until = about_request(one.reference), now + WORTH_TELLING
        return Mail(KIND, one.key, one.email, *words, now, about, expires=until, station_id=station_id)


async def _lying(session: AsyncSession, before: datetime) -> Sequence[Lying]:
    """Locked; what somebody else has in hand is left to a later look."""
    values = {"ends": sorted(AT_ITS_END), "ready": sorted(READY), "before": before, "kind": KIND, "most": MOST}
    return [Lying(*row) for row in await session.execute(UNFETCHED, values)]


async def fetched(session: AsyncSession, reference: str, at: datetime) -> None:
    """Take back the mail that hasn't left, once nothing of the request lies at a station any more."""
    if not await session.scalar(LEFT, {"reference": reference}):
        await withdraw(session, about_request(reference), kinds=(KIND,), at=at)


def _letter(lying: Sequence[Lying], network: Network) -> Letter:
    """In the language of the moment."""
    one, station = lying[0], network.station_by_id[lying[0].station_id]
    where = pgettext("between facts", " · ").join(part for part in (tr(station, "name"), station.address_zh) if part)
    said = _("What you handed in with your request {reference} has been ready to be fetched since {day}:")
    return Letter(
        _("Please fetch what you handed in: request {reference}").format(reference=one.reference),
        [
            said.format(reference=one.reference, day=day_month_year(one.day)),
            "\n".join(_lines(lying)),
            _("It is kept for you at {station}. Please bring the number of the request.").format(station=where),
        ],
        link=f"/r/{one.reference}",
        closing=_("This is told once. If you have fetched it already, nothing more is to be done."),
    )


def _lines(lying: Sequence[Lying]) -> Iterable[str]:
    for each in lying[:MOST_LISTED]:
        yield f"- {pgettext('between facts', ' · ').join(part for part in (each.name, each.code) if part)}"
    if len(lying) > MOST_LISTED:
        yield _("… and {count} more").format(count=len(lying) - MOST_LISTED)
