"""Who hands a request in, and whose it will be: the organisation whose credit code it names, of those acted for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from app.accounts.rules.rights import Caller, KeyScope, Membership
from app.audit.service import Actor
from app.kit.db import Database
from app.kit.problems import Forbidden
from app.requests.models import Request


@dataclass(frozen=True, slots=True)
class Sender:
    """Whoever sends. `person_id` and `organisation_ids` say what may become the owner; a visitor has neither."""

    actor: Actor
    person_id: UUID | None = None
    organisation_ids: frozenset[UUID] = frozenset()


def sender_of(caller: Caller) -> Sender:
    """Staff send for whoever stands before them, so what they send isn't theirs, unless it is their organisation's.

    Whose second factor is still to be given is as good as not signed in. Raises Forbidden for a key that may not
    write: a key does nothing that it wasn't given for, not even what a visitor may.
    """
    if not caller.signed_in or caller.must_enrol:
        return Sender(caller.actor)
    if caller.kind == "key" and KeyScope.CHANGE_REQUESTS not in caller.key_scopes:
        raise Forbidden
    return Sender(caller.actor, None if caller.staff else caller.person_id, caller.organisation_ids)


@dataclass(frozen=True, slots=True)
class Owner:
    """What a request is given. Without an organisation, only the person who sent it may see it without the code."""

    organisation_id: UUID | None = None
    person_id: UUID | None = None


OF_CODE: LiteralString = "SELECT id FROM organisation WHERE uscc = %s AND id = ANY (%s) AND closed_at IS NULL"


async def owner_of(database: Database, sender: Sender, uscc: str) -> Owner:
    """The organisation of this code among those that the sender acts for: never one that is only named."""
    if not sender.organisation_ids:
        return Owner(person_id=sender.person_id)
    rows = await database.fetch(OF_CODE, (uscc, list(sender.organisation_ids)))
    return Owner(rows[0][0], sender.actor.id) if rows else Owner(person_id=sender.person_id)


def own_organisation(request: Request, caller: Caller) -> Membership | None:
    """The organisation in whose list the caller finds the request."""
    own = [each for each in caller.memberships if each.organisation_id == request.organisation_id]
    return own[0] if own and not caller.must_enrol else None


@dataclass(frozen=True, slots=True)
class OwnOrganisation:
    id: UUID
    name: str
    uscc: str


@dataclass(frozen=True, slots=True)
class Account:
    """What a form can be filled in with: the organisations that are acted for, and how the person is reached."""

    organisations: tuple[OwnOrganisation, ...] = ()
    name: str = ""
    mobile: str = ""
    email: str = ""


ACCOUNT: LiteralString = """
SELECT person.name, person.mobile, person.email, organisation.id, organisation.name, organisation.uscc
FROM person
JOIN membership ON membership.person_id = person.id
JOIN organisation ON organisation.id = membership.organisation_id AND organisation.closed_at IS NULL
WHERE person.id = %s ORDER BY membership.since, organisation.id
"""


async def account_of(database: Database, caller: Caller) -> Account:
    """Nothing for who acts for nobody: no query then."""
    if not caller.memberships or caller.must_enrol:
        return Account()
    rows: Sequence[tuple[str, str | None, str | None, UUID, str, str]]
    rows = await database.fetch(ACCOUNT, (caller.person_id,))
    if not rows:
        return Account()
    name, mobile, email, *_organisation = rows[0]
    return Account(tuple(OwnOrganisation(*row[3:]) for row in rows), name, mobile or "", email or "")
