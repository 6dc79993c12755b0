"""Deciding on a credit code whose check digits don't fit: once, on evidence, on record."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import CodeCase
from app.accounts.rules.rights import Caller, Permission
from app.accounts.scoping import within
from app.audit.service import Object, record
from app.kit.db import violated
from app.kit.i18n import gettext as _
from app.kit.i18n import use_locale
from app.kit.problems import NotFound
from app.notify.letters import Letter, Letterhead
from app.notify.service import post
from app.office.errors import AlreadyDecided, CodeAccepted, OwnCase
from app.office.queries import codes
from app.office.queries.codes import Case

ACCEPTED_ONCE = "code_case_accepted_key"


async def decide(
    session: AsyncSession,
    caller: Caller,
    case_id: UUID,
    head: Letterhead,
    now: datetime,
    *,
    accept: bool,
    reason: str,
) -> None:
    """Accept or refuse. Of two officers who decide at once, one is told that it was decided.

    Raises NotFound, also for a station that isn't the caller's, OwnCase, AlreadyDecided, CodeAccepted.
    """
    case = await codes.find(session, caller.scope(Permission.CODES_ACCEPT), case_id)
    if case is None:
        raise NotFound
    if case.person_id == caller.person_id:
        raise OwnCase
    await _write(session, caller, case, now, accept=accept, reason=reason)
    if case.asker_email:
        await _tell(session, case, case.asker_email, head, now, accept=accept, reason=reason)
    on = Object("code", str(case.id), station_id=case.station_id)
    action = "code.accepted" if accept else "code.refused"
    await record(session, caller.actor, action, on, at=now, after={"uscc": case.uscc}, reason=reason)


async def opened(session: AsyncSession, caller: Caller, case: Case, now: datetime) -> None:
    """Put on record that the picture of a licence was looked at."""
    on = Object("code", str(case.id), station_id=case.station_id)
    await record(session, caller.actor, "code.evidence_opened", on, at=now, after={"file": case.file_name})


async def _write(
    session: AsyncSession, caller: Caller, case: Case, now: datetime, *, accept: bool, reason: str
) -> None:
    """The scope stands in the statement too, and whoever comes second finds nothing left to decide."""
    values = {"decided_at": now, "decided_by": caller.person_id, "accepted": accept, "reason": reason}
    waiting = CodeCase.id == case.id, CodeCase.decided_at.is_(None)
    mine = within(caller.scope(Permission.CODES_ACCEPT), CodeCase.station_id)
    decided = update(CodeCase).where(*waiting, mine).values(values).returning(CodeCase.id)
    try:
        async with session.begin_nested():
            row = (await session.execute(decided.execution_options(synchronize_session=False))).first()
    except IntegrityError as error:
        if violated(error) == ACCEPTED_ONCE:
            raise CodeAccepted from error
        raise
    if row is None:
        raise AlreadyDecided


async def _tell(
    session: AsyncSession, case: Case, to: str, head: Letterhead, now: datetime, *, accept: bool, reason: str
) -> None:
    with use_locale(case.language):
        if accept:
            subject = _("Your credit code is accepted")
            said = _("Staff have compared the code {uscc} with the licence and accepted it. You can go on with it now.")
        else:
            subject = _("Your credit code is not accepted")
            said = _("Staff have looked at the code {uscc} and can't accept it. The reason: {reason}")
        words = said.format(uscc=case.uscc, reason=reason)
        letter = Letter(subject, [_("Hello {name},").format(name=case.asker), words], "/organisation")
        text = letter.text(head)
    kind = "code.accepted" if accept else "code.refused"
    await post(
        session,
        kind=kind,
        key=f"{kind}:{case.id}",
        to=to,
        subject=subject,
        text=text,
        at=now,
        about=f"code:{case.id}",
        station_id=case.station_id,
    )
