"""For doors: who writes the letters about what a call changes."""

from typing import Annotated

from fastapi import Depends

from app.accounts.letterhead import Head
from app.catalogue.snapshot import CurrentCatalogue
from app.policy.snapshot import CurrentPolicy
from app.requests.letters import Letters


async def current_letters(head: Head, catalogue: CurrentCatalogue, policy: CurrentPolicy) -> Letters:
    return Letters(head, catalogue, policy)


CurrentLetters = Annotated[Letters, Depends(current_letters)]
