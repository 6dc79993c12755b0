"""A credit code whose check digits don't fit, put before the staff of a station. They decide, on record."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.errors import CaseOpen
from app.accounts.models import CodeCase
from app.accounts.queries.organisations import accepted_codes
from app.accounts.rules.rights import Caller
from app.accounts.service.organisations import person_of
from app.audit.service import Object, record
from app.kit.ids import new_id
from app.kit.problems import FieldError, Invalid, TooMany
from app.kit.text import MESSAGES
from app.kit.uscc import UsccProblem, check

KIND = "code"
"""What such a case is called on record, and as the owner of its file: `Owner(KIND, str(case.id))`."""
MOST_OPEN = 3
A_DAY_SECONDS = 24 * 3600


async def ask_staff(
    session: AsyncSession,
    caller: Caller,
    *,
    name: str,
    uscc: str,
    station_id: int,
    note: str,
    now: datetime,
) -> CodeCase:
    """Put the code before the staff of a station; the caller adds the picture of the licence, as `file_id`.

    Raises Invalid for a code that isn't one that staff could accept, CaseOpen while they look at it already, and
    TooMany with three of them open.
    """
    person_id, found = person_of(caller), check(uscc)
    if found.problem is not UsccProblem.CHECK_DIGIT or await accepted_codes(session, found.code):
        code = found.problem or UsccProblem.CHECK_DIGIT
        raise Invalid(errors=[FieldError("uscc", code, MESSAGES[code], {"length": len(found.code)})])
    waiting = CodeCase.person_id == person_id, CodeCase.decided_at.is_(None)
    if await session.scalar(select(CodeCase.id).where(CodeCase.uscc == found.code, *waiting)):
        raise CaseOpen
    if (await session.scalar(select(func.count()).where(*waiting)) or 0) >= MOST_OPEN:
        raise TooMany(retry_after=A_DAY_SECONDS)
    case = CodeCase(
        id=new_id(),
        uscc=found.code,
        organisation_name=name,
        person_id=person_id,
        station_id=station_id,
        note=note,
        created_at=now,
    )
    session.add(case)
    await session.flush()
    on = Object(KIND, str(case.id), station_id=station_id)
    await record(session, caller.actor, "code.submitted", on, at=now, after={"uscc": case.uscc, "name": name})
    return case
