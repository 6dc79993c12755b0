"""Ids in addresses: of organisations, people, invitations. For doors.

Nobody learns what an id looks like, or whether there is such a thing: what is no id is as unknown as one that isn't.
"""

import re
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.accounts.callers import SignedIn
from app.kit.problems import NotFound

CANONICAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def identified(text: str) -> UUID:
    """An id of an address. What is none is answered as an unknown one is: NotFound."""
    if not CANONICAL.fullmatch(text):
        raise NotFound
    return UUID(text)


async def organisation_id(organisation: str, _caller: SignedIn) -> UUID:
    return identified(organisation)


async def person_id(person: str, _caller: SignedIn) -> UUID:
    return identified(person)


async def invitation_id(invitation: str, _caller: SignedIn) -> UUID:
    return identified(invitation)


OrganisationId = Annotated[UUID, Depends(organisation_id)]
PersonId = Annotated[UUID, Depends(person_id)]
InvitationId = Annotated[UUID, Depends(invitation_id)]
