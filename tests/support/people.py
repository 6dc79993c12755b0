"""People for tests: made in the database as a command or an administrator would, and signed in without the form.

officer = await people.staff("officer", station="WH001")
answer = await client.get("/office", cookies=officer.cookies)
answer = await client.get("/api/v1/…", headers=officer.bearer)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

import httpx

from app.accounts.models import Membership, Organisation, Person, RoleGrant
from app.accounts.rules.rights import AT_STATION, SECOND_FACTOR_REQUIRED, Role
from app.accounts.service.sessions import Device, begin
from app.accounts.sessions import Timeouts
from app.kit.db import Database
from app.kit.ids import new_id

PASSWORD = "correct horse battery staple"
DEVICE = Device("192.0.2.7", "Tests")
USCC = "91110000600037341L"
ORGANISATION = "芜湖长江阀门有限公司"


@dataclass(frozen=True)
class Signed:
    """Somebody who has signed in, in a browser and with a token."""

    id: UUID
    username: str
    cookie: str
    token: str
    organisation_id: UUID | None = None

    @property
    def cookies(self) -> Mapping[str, str]:
        return {"onestop_session": self.cookie}

    @property
    def bearer(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def browse(self, client: httpx.AsyncClient) -> None:
        """From now on the client is this person's browser."""
        client.cookies.set("onestop_session", self.cookie, domain="testserver.local")


class People:
    def __init__(self, database: Database, clock: Callable[[], datetime], timeouts: Timeouts) -> None:
        self._database = database
        self._clock = clock
        self._timeouts = timeouts
        self._numbers = count(1)

    async def staff(
        self, role: str, *, station: str = "", county: str = "", username: str = "", strong: bool = True
    ) -> Signed:
        """Staff with one role, at a station (by code) or in a county; signed in with what the role requires."""
        kind = Role(role)
        strong = strong and kind in SECOND_FACTOR_REQUIRED
        person = self._person(username or f"{role}-{next(self._numbers)}")
        station_id = await self._station(station) if kind in AT_STATION else None
        grant = RoleGrant(
            person_id=person.id,
            role=role,
            station_id=station_id,
            county_adcode=county or None,
            granted_at=self._clock(),
        )
        async with self._database.writer() as session:
            session.add(person)
            await session.flush()
            session.add(grant)
            await session.commit()
        return await self.sign_in(person.id, person.username or "", strong=strong)

    async def enterprise(
        self,
        role: str = "owner",
        *,
        organisation_id: UUID | None = None,
        uscc: str = USCC,
        name: str = "芜湖长江阀门有限公司",
    ) -> Signed:
        """Somebody of an organisation, which is made unless its id is given."""
        person = self._person(f"sme-{next(self._numbers)}")
        person.email = f"{person.username}@example.com"
        async with self._database.writer() as session:
            session.add(person)
            if organisation_id is None:
                organisation_id = new_id()
                session.add(Organisation(id=organisation_id, uscc=uscc, name=name, created_at=self._clock()))
            await session.flush()
            session.add(
                Membership(organisation_id=organisation_id, person_id=person.id, role=role, since=self._clock())
            )
            await session.commit()
        return await self.sign_in(person.id, person.username or "", organisation_id=organisation_id)

    async def sign_in(
        self, person_id: UUID, username: str = "", *, strong: bool = False, organisation_id: UUID | None = None
    ) -> Signed:
        """Two new sessions of somebody, in a browser and with a token."""
        now = self._clock()
        async with self._database.writer() as session:
            browser = await begin(session, person_id, DEVICE, self._timeouts, now, strong=strong)
            token = await begin(session, person_id, DEVICE, self._timeouts, now, kind="token", strong=strong)
            await session.commit()
        return Signed(person_id, username, browser.secret, token.secret, organisation_id)

    async def join(self, person_id: UUID, organisation_id: UUID | None, role: str = "delegate") -> None:
        """From now on the person acts for the organisation."""
        async with self._database.writer() as session:
            joined = Membership(organisation_id=organisation_id, person_id=person_id, role=role, since=self._clock())
            session.add(joined)
            await session.commit()

    async def grant(self, person_id: UUID, role: Role) -> None:
        """One more role, of those that hold everywhere."""
        async with self._database.writer() as session:
            session.add(RoleGrant(person_id=person_id, role=role, granted_at=self._clock()))
            await session.commit()

    def _person(self, username: str) -> Person:
        return Person(id=new_id(), username=username, name=f"测试人员 {username}", created_at=self._clock())

    async def _station(self, code: str) -> int:
        rows = await self._database.fetch(
            "SELECT id FROM station WHERE code = %s OR %s = '' ORDER BY code LIMIT 1", (code, code)
        )
        found: int = rows[0][0]
        return found
