"""The job that writes reports when they are due. Any number of processes may run it: a mail's key names report and day,
so of all that write it one does."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import text

from app.accounts.rules.rights import TABLE, Permission
from app.coverage.asking import ReachAsked, Working
from app.coverage.figures import Report
from app.coverage.reports.service import Every, following
from app.coverage.reports.wording import letter_of
from app.coverage.words import COVERAGE
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.i18n import use_locale
from app.kit.problems import Invalid
from app.kit.rounds import Rounds
from app.notify.letters import Letterhead
from app.notify.rules import MAIL
from app.notify.service import post_all
from app.notify.statements import Mail
from app.web.forms import address

logger = structlog.get_logger(__name__)
KIND = "coverage.report"
FIRST_HOUR = 7
MAY_READ = sorted(role.value for role, permissions in TABLE.items() if Permission.COVERAGE_READ in permissions)
DUE: LiteralString = """
SELECT report.id, report.asked, report.every, report.language, person.email
FROM coverage_report report JOIN person ON person.id = report.person_id
WHERE report.next_on <= %(today)s AND person.email IS NOT NULL AND person.disabled_at IS NULL
    AND person.closed_at IS NULL
    AND EXISTS (SELECT FROM role_grant WHERE role_grant.person_id = person.id AND role = ANY (%(roles)s::text[]))
ORDER BY report.next_on, report.id LIMIT 50
"""
MOVE_ON = text("UPDATE coverage_report SET next_on = :following WHERE id = :id AND next_on <= :today")


class Due(NamedTuple):
    """A report that is due, and to whom it goes."""

    id: UUID
    asked: dict[str, str]
    every: str
    language: str
    email: str


class Reports(Rounds):
    """The job. `sources` gives what figures are counted from, read anew."""

    name = "reports_written"
    every = timedelta(minutes=10)

    def __init__(
        self,
        database: Database,
        head: Letterhead,
        now: Callable[[], Awaitable[datetime]],
        sources: Callable[[], Awaitable[Working]],
    ) -> None:
        super().__init__()
        self._database = database
        self._head = head
        self._now = now
        self._sources = sources

    async def look(self) -> int:
        """Write what is due today, from seven o'clock on; how many mails. Who may no longer read gets none."""
        now = await self._now()
        if now.astimezone(LOCAL).hour < FIRST_HOUR:
            return 0
        due = await self._database.fetch(DUE, {"today": local_date(now), "roles": MAY_READ})
        if not due:
            return 0
        work = await self._sources()
        return sum([await self._write(work, Due(*row), now) for row in due])

    async def _write(self, work: Working, due: Due, now: datetime) -> bool:
        """The mail and the next day, both or neither."""
        mail = await self._mail(work, due, now)
        step = {"id": due.id, "following": following(Every(due.every), local_date(now)), "today": local_date(now)}
        async with self._database.writer() as session:
            written = await post_all(session, [mail] if mail else [])
            await session.execute(MOVE_ON, step)
            await session.commit()
        return bool(written)

    async def _mail(self, work: Working, due: Due, now: datetime) -> Mail | None:
        """None where the question has lost its sense: its service or county is no longer there."""
        try:
            choice = work.choice(ReachAsked.model_validate(due.asked))
            report = Report(await work.reached(choice))
        except (Invalid, ValidationError):
            logger.warning("report_without_sense", report=str(due.id))
            return None
        with use_locale(due.language):
            letter = letter_of(work, choice, report, address(COVERAGE, due.asked))
            words = letter.subject, letter.text(self._head)
        key = f"{KIND}:{due.id}:{local_date(now)}"
        return Mail(KIND, key, due.email, *words, now, f"report:{due.id}", None, None, None, MAIL)
