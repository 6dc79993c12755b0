"""Mails that somebody can cause to be sent to a stranger: so many to one address, whoever causes them and how."""

from datetime import datetime

from fastapi import Request

from app.kit.ids import hash_secret
from app.kit.rates import Rates

DIGEST_LETTERS = 32


async def may_be_written_to(request: Request, email: str, now: datetime) -> bool:
    """Whether this address (normalised, lower case) still gets such mails: so nobody's mailbox is flooded from here.

    Counts once. The address is counted under a keyed hash: the table of limits names nobody.
    """
    rates: Rates = request.app.state.rates
    digest = hash_secret(email, request.app.state.settings.secret_key).hex()
    return await rates.free(f"mail:{digest[:DIGEST_LETTERS]}", "mail", now)
