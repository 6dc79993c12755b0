"""The id of an organisation in an address. For doors."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.accounts.callers import SignedIn
from app.web.ids import identified


async def organisation_id(organisation: str, _caller: SignedIn) -> UUID:
    return identified(organisation)


OrganisationId = Annotated[UUID, Depends(organisation_id)]
