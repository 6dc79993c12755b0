"""Rates at the doors: `dependencies=[Depends(limited("hold"))]`, with `TooMany` among the declared problems."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from app.kit.clock import now as clock_now
from app.kit.rates import Rates


def limited(thing: str) -> Callable[[Request, datetime], Awaitable[None]]:
    """A dependency that counts the caller's address: a cookie could be thrown away to begin anew."""

    async def count(request: Request, now: Annotated[datetime, Depends(clock_now)]) -> None:
        rates: Rates = request.app.state.rates
        await rates.count(f"ip:{request.client.host if request.client else 'unknown'}"[:64], thing, now)

    return count
