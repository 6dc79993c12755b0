"""Sessions and keys read: who is behind a cookie or a bearer token. One statement for session, person and rights.

A secret begins with what it is: `ost_` a token, `osk_` an API key; a cookie has none of these. Only SHA-256 of a
secret is in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID

from app.accounts.rules.rights import SECOND_FACTOR_REQUIRED, Caller, Grant, KeyScope, Membership, Role
from app.kit.db import Database
from app.kit.ids import hash_secret

TOKEN_PREFIX, KEY_PREFIX = "ost_", "osk_"
SEEN_EVERY = timedelta(minutes=1)

_PERSON: LiteralString = """
    person.id, coalesce(person.username, person.email), person.name,
    (SELECT jsonb_agg(jsonb_build_array(role, station_id, county_adcode)) FROM role_grant
     WHERE role_grant.person_id = person.id),
    (SELECT jsonb_agg(jsonb_build_array(organisation.id, organisation.name, membership.role) ORDER BY membership.since)
     FROM membership JOIN organisation ON organisation.id = membership.organisation_id
     WHERE membership.person_id = person.id AND organisation.closed_at IS NULL)
"""
BY_SESSION: LiteralString = f"""
SELECT {_PERSON}, session.id, session.kind, session.strong_at IS NOT NULL, session.last_seen_at, '{{}}'::text[]
FROM signin_session session JOIN person ON person.id = session.person_id
WHERE session.token_hash = %(hash)s AND session.kind = %(kind)s AND session.ended_at IS NULL
  AND session.expires_at > %(now)s AND session.last_seen_at > %(idle_since)s
  AND person.disabled_at IS NULL AND person.closed_at IS NULL
"""  # noqa: S608 - put together from constants
BY_KEY_SECRET: LiteralString = f"""
SELECT {_PERSON}, api_key.id, 'key', person.totp_confirmed_at IS NOT NULL, api_key.last_used_at, api_key.scopes
FROM api_key JOIN person ON person.id = api_key.person_id
WHERE api_key.secret_hash = %(hash)s AND api_key.revoked_at IS NULL AND api_key.expires_at > %(now)s
  AND person.disabled_at IS NULL AND person.closed_at IS NULL
"""  # noqa: S608 - put together from constants
SESSION_SEEN: LiteralString = "UPDATE signin_session SET last_seen_at = %s WHERE id = %s AND last_seen_at < %s"
KEY_SEEN: LiteralString = "UPDATE api_key SET last_used_at = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """After how long a session ends: without a call, and whatever is done; a token; one that owes a second factor."""

    idle: timedelta
    absolute: timedelta
    token: timedelta
    pending: timedelta = timedelta(minutes=10)


class Callers:
    """Finds out who is asking. One for each process."""

    def __init__(self, database: Database, timeouts: Timeouts) -> None:
        self._database = database
        self.timeouts = timeouts

    async def by_cookie(self, secret: str, address: str, now: datetime, *, by_itself: bool = False) -> Caller:
        """The person whose browser has this session, or nobody. `by_itself`: the browser asks, nobody did anything."""
        return await self._by_session(secret, "browser", address, now, touch=not by_itself)

    async def by_bearer(self, secret: str, address: str, now: datetime) -> Caller:
        """The person whose token or API key this is, or nobody."""
        if secret.startswith(KEY_PREFIX):
            rows = await self._database.fetch(BY_KEY_SECRET, {"hash": hash_secret(secret), "now": now})
            return await self._found(rows, address, now)
        return await self._by_session(secret, "token", address, now)

    async def _by_session(
        self, secret: str, kind: Literal["browser", "token"], address: str, now: datetime, *, touch: bool = True
    ) -> Caller:
        idle = self.timeouts.idle if kind == "browser" else self.timeouts.token
        values: Mapping[str, object] = {
            "hash": hash_secret(secret),
            "kind": kind,
            "now": now,
            "idle_since": now - idle,
        }
        return await self._found(await self._database.fetch(BY_SESSION, values), address, now, touch=touch)

    async def _found(self, rows: list[tuple[Any, ...]], address: str, now: datetime, *, touch: bool = True) -> Caller:
        if not rows:
            return Caller(address=address)
        *_person, via, kind, _strong, seen, _scopes = rows[0]
        if touch and (seen is None or now - seen >= SEEN_EVERY):
            if kind == "key":
                await self._database.fetch(KEY_SEEN, (now, via))
            else:
                await self._database.fetch(SESSION_SEEN, (now, via, now))
        return _caller(rows[0], address)


def _caller(row: tuple[Any, ...], address: str) -> Caller:
    person_id, username, name, granted, acts_for, via, kind, strong, _seen, scopes = row
    grants = tuple(Grant(Role(role), station_id, county) for role, station_id, county in granted or ())
    must_enrol = not strong and any(grant.role in SECOND_FACTOR_REQUIRED for grant in grants)
    return Caller(
        kind=kind,
        person_id=person_id,
        username=username,
        name=name,
        via=str(via),
        address=address,
        grants=() if must_enrol else grants,
        memberships=tuple(Membership(UUID(each), title, role) for each, title, role in acts_for or ()),
        key_scopes=frozenset(KeyScope(scope) for scope in scopes if scope in set(KeyScope)),
        must_enrol=must_enrol,
    )
