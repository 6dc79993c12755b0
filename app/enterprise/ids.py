"""Ids in addresses: of people and invitations. For doors."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.accounts.callers import SignedIn
from app.web.ids import identified


async def person_id(person: str, _caller: SignedIn) -> UUID:
    return identified(person)


async def invitation_id(invitation: str, _caller: SignedIn) -> UUID:
    return identified(invitation)


PersonId = Annotated[UUID, Depends(person_id)]
InvitationId = Annotated[UUID, Depends(invitation_id)]
