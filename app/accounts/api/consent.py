"""The privacy notice by JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends

from app.accounts.queries.notice import notice_in_force, operator
from app.accounts.rules.notice import Notice, Operator
from app.accounts.schemas import ConsentOut
from app.kit.clock import local_date, now
from app.kit.doors import Door

router = Door(tags=["consent"])


@router.get("/consent", response_model=ConsentOut)
async def get_consent(
    now: Annotated[datetime, Depends(now)], operator: Annotated[Operator, Depends(operator)]
) -> Notice:
    """The privacy notice in force, in both languages."""
    return operator.filled(notice_in_force(local_date(now)))
