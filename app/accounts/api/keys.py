"""The own API keys by JSON: with a bearer token of one's own, never with a key."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.accounts.callers import SignedIn
from app.accounts.errors import SecondFactorMissing, SignInNeeded, TooManyKeys
from app.accounts.letterhead import Head
from app.accounts.models import ApiKey
from app.accounts.schemas import KeyIn, KeyMade, KeyOut, KeysOut
from app.accounts.service import keys
from app.kit.clock import LOCAL
from app.kit.clock import now as clock_now
from app.kit.db import Reading, Writing
from app.kit.doors import Door
from app.kit.problems import Forbidden, NotFound, problem_responses

router = Door(prefix="/auth/keys", tags=["auth"])
Now = Annotated[datetime, Depends(clock_now)]
REFUSED = (SignInNeeded, SecondFactorMissing, Forbidden)


@router.get("", response_model=KeysOut, responses=problem_responses(*REFUSED))
async def list_keys(caller: SignedIn, session: Reading) -> KeysOut:
    """The own keys, newest first. An API key may not ask this: 403."""
    return KeysOut(items=[KeyOut(**shown(key)) for key in await keys.keys_of(session, caller)])


@router.post("", status_code=201, response_model=KeyMade, responses=problem_responses(*REFUSED, TooManyKeys))
async def make_key(caller: SignedIn, session: Writing, head: Head, now: Now, sent: KeyIn) -> KeyMade:
    """Make a key. It never may more than its owner may, and of that only what `scopes` name."""
    new = keys.NewKey(sent.name, frozenset(sent.scopes), sent.days)
    key, secret = await keys.create(session, caller, new, head, now)
    return KeyMade(**shown(key), key=secret)


@router.delete("/{id}", status_code=204, responses=problem_responses(*REFUSED, NotFound))
async def revoke_key(caller: SignedIn, session: Writing, now: Now, id: UUID) -> None:  # noqa: A002 - the contract's name
    """End a key at once. One that has ended stays so."""
    await keys.revoke(session, caller, id, now)


def shown(key: ApiKey) -> dict[str, object]:
    """With times in the network's zone."""
    values = {name: getattr(key, name) for name in KeyOut.model_fields}
    return {name: each.astimezone(LOCAL) if isinstance(each, datetime) else each for name, each in values.items()}
