"""A limit for a door: ``dependencies=[Depends(limited("hold"))]``.

Counts the caller's address: a cookie could be thrown away to begin anew. What is done for an account is counted under
that account too, by the door that knows it: ``await count_account(request, "mail", person.id, now)``.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.kit.clock import now as clock_now
from app.kit.rates import Rates
from app.web.check import admit


def limited(thing: str) -> Callable[[Request, datetime], Awaitable[None]]:
    """A dependency that raises TooMany, or before that WorkNeeded for a thing that a calculation can pay for."""

    async def count(request: Request, now: Annotated[datetime, Depends(clock_now)]) -> None:
        await admit(request, thing, now)

    return count


async def count_account(request: Request, thing: str, person_id: UUID, now: datetime) -> None:
    """Count for the account, wherever its owner comes from. Raises TooMany."""
    rates: Rates = request.app.state.rates
    await rates.count(f"person:{person_id}", thing, now)
