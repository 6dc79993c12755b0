"""Ids in addresses: of organisations, people, invitations. For doors."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.accounts.callers import SignedIn
from app.web.ids import identified


async def organisation_id(organisation: str, _caller: SignedIn) -> UUID:
    return identified(organisation)


async def person_id(person: str, _caller: SignedIn) -> UUID:
    return identified(person)


async def invitation_id(invitation: str, _caller: SignedIn) -> UUID:
    return identified(invitation)


OrganisationId = Annotated[UUID, Depends(organisation_id)]
PersonId = Annotated[UUID, Depends(person_id)]
InvitationId = Annotated[UUID, Depends(invitation_id)]
