"""For doors: one call of somebody who wants to come in, with what that needs of this process."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from app.accounts.service.locks import Locks
from app.accounts.service.sessions import Device
from app.accounts.service.sign_in import Origin, SignIns
from app.accounts.sessions import Callers, Timeouts
from app.kit.clock import now as clock_now
from app.kit.db import WriteSession, Writing
from app.web.client import address_of, network_of

ADDRESS_LENGTH = 45


@dataclass(frozen=True, slots=True)
class Entrance:
    """The session commits when the door has returned; so a refusal is returned, not raised, to stay on record."""

    request: Request
    session: WriteSession
    now: datetime

    @property
    def origin(self) -> Origin:
        address = address_of(self.request)
        device = Device(address[:ADDRESS_LENGTH], self.request.headers.get("user-agent", ""))
        return Origin(device, network_of(address))

    @property
    def timeouts(self) -> Timeouts:
        callers: Callers = self.request.app.state.callers
        return callers.timeouts

    @property
    def locks(self) -> Locks:
        state = self.request.app.state
        return Locks(state.database, state.settings.secret_key, state.settings.accounts.failures_allowed)

    @property
    def sign_ins(self) -> SignIns:
        state = self.request.app.state
        return SignIns(state.database, state.passwords, state.sealer, self.locks, self.timeouts)


async def entrance(request: Request, session: Writing, now: Annotated[datetime, Depends(clock_now)]) -> Entrance:
    return Entrance(request, session, now)


AtEntrance = Annotated[Entrance, Depends(entrance)]
