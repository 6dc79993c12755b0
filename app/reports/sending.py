"""The job that writes reports when they are due. A mail's key names report and day, so of all processes that write it
one does. What somebody may read is judged now, not when the report was asked for."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import text

from app.accounts.queries.people import grants_of
from app.accounts.rules.rights import TABLE, Permission, Scope, scope_of
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database
from app.kit.i18n import use_locale
from app.kit.problems import Invalid
from app.kit.rounds import Rounds
from app.notify.letters import Letterhead
from app.notify.rules import MAIL
from app.notify.service import post_all
from app.notify.statements import Mail
from app.reports.rules import Every, days_before, following
from app.reports.views import View

logger = structlog.get_logger(__name__)
KIND = "report"
FIRST_HOUR = 7
AT_ONCE = 50
DUE: LiteralString = """
SELECT report.id, report.person_id, report.view, report.asked, report.every, report.language, person.email
FROM mail_report report JOIN person ON person.id = report.person_id
WHERE report.next_on <= %(today)s AND person.email IS NOT NULL AND person.disabled_at IS NULL
    AND person.closed_at IS NULL
ORDER BY report.next_on, report.id LIMIT %(most)s
"""
MOVE_ON = text("UPDATE mail_report SET next_on = :following WHERE id = :id AND next_on <= :today")


class Due(NamedTuple):
    """A report that is due, and to whom it goes."""

    id: UUID
    person_id: UUID
    view: str
    asked: dict[str, str]
    every: str
    language: str
    email: str


class Reports(Rounds):
    """The job. `views` gives what can be sent, with what figures are counted from read anew."""

    name = "reports_written"
    every = timedelta(minutes=10)

    def __init__(
        self,
        database: Database,
        head: Letterhead,
        now: Callable[[], Awaitable[datetime]],
        views: Callable[[], Sequence[View]],
    ) -> None:
        super().__init__()
        self._database = database
        self._head = head
        self._now = now
        self._views = views

    async def look(self) -> int:
        """Write what is due today, from seven o'clock on; how many mails. Who may no longer read gets none."""
        now = await self._now()
        if now.astimezone(LOCAL).hour < FIRST_HOUR:
            return 0
        due = await self._database.fetch(DUE, {"today": local_date(now), "most": AT_ONCE})
        views = {view.kind: view for view in self._views()} if due else {}
        return sum([await self._write(views, Due(*row), now) for row in due])

    async def _write(self, views: dict[str, View], due: Due, now: datetime) -> bool:
        """The mail and the next day, both or neither."""
        view, scope = views.get(due.view), await self._scope(due.person_id)
        mail = await self._mail(view, due, scope, now) if view and not scope.empty else None
        step = {"id": due.id, "following": following(Every(due.every), local_date(now)), "today": local_date(now)}
        async with self._database.writer() as session:
            written = await post_all(session, [mail] if mail else [])
            await session.execute(MOVE_ON, step)
            await session.commit()
        return bool(written)

    async def _scope(self, person_id: UUID) -> Scope:
        async with self._database.reader() as session:
            grants = await grants_of(session, person_id)
        return scope_of(grant for grant in grants if Permission.COVERAGE_READ in TABLE[grant.role])

    async def _mail(self, view: View, due: Due, scope: Scope, now: datetime) -> Mail | None:
        """None where the question has lost its sense: its service, county or station is no longer there, or theirs."""
        today = local_date(now)
        with use_locale(due.language):
            try:
                letter = await view.letter(due.asked, scope, days_before(Every(due.every), today))
            except Invalid:
                logger.warning("report_without_sense", report=str(due.id))
                return None
            words = letter.subject, letter.text(self._head)
        return Mail(
            KIND, f"{KIND}:{due.id}:{today}", due.email, *words, now, f"report:{due.id}", None, None, None, MAIL
        )
