"""Who may do what, and where: roles, their permissions, and the part of the network that each reaches. Pure.

The one table is `TABLE`. Whoever acts is a `Caller`; a door asks it for a permission, a query for its scope. A scope
that reaches nothing selects nothing, so that a forgotten check shows an empty page instead of everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal
from uuid import UUID

from app.audit.service import Actor


class Role(StrEnum):
    """Of staff. The first three work at stations, a county's administrator in its county, the others everywhere."""

    WINDOW = "window"
    OFFICER = "officer"
    MANAGER = "manager"
    COUNTY_ADMIN = "county_admin"
    CITY_ADMIN = "city_admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What can be allowed. To handle a request is to see it through the counter and the work, to change it also to
    answer it; to manage is to answer for the station. Who verifies results also issues and withdraws documents. In the
    hall one works at a desk, or manages the day. Coverage is what the network reaches and how it works, plans are for
    where it could grow."""

    REQUESTS_READ = "requests.read"
    REQUESTS_CHANGE = "requests.change"
    REQUESTS_HANDLE = "requests.handle"
    REQUESTS_MANAGE = "requests.manage"
    RESULTS_VERIFY = "results.verify"
    HALL_READ = "hall.read"
    HALL_WORK = "hall.work"
    HALL_MANAGE = "hall.manage"
    HOURS_READ = "hours.read"
    HOURS_CHANGE = "hours.change"
    COVERAGE_READ = "coverage.read"
    PLANS_CHANGE = "plans.change"
    REGISTERS_MANAGE = "registers.manage"
    CONTACT_REVEAL = "contact.reveal"
    CODES_READ = "codes.read"
    CODES_ACCEPT = "codes.accept"
    ORGANISATIONS_READ = "organisations.read"
    ORGANISATIONS_MANAGE = "organisations.manage"
    MESSAGES_READ = "messages.read"
    MESSAGES_RESEND = "messages.resend"
    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"
    SETTINGS_READ = "settings.read"
    SETTINGS_CHANGE = "settings.change"
    AUDIT_READ = "audit.read"
    RETENTION_READ = "retention.read"
    WEBHOOKS_MANAGE = "webhooks.manage"


_P = Permission
_WINDOW = frozenset(
    {_P.REQUESTS_READ, _P.REQUESTS_HANDLE, _P.HALL_READ, _P.HALL_WORK, _P.HOURS_READ, _P.CONTACT_REVEAL}
)
_OFFICER = _WINDOW | {
    _P.REQUESTS_CHANGE,
    _P.RESULTS_VERIFY,
    _P.CODES_READ,
    _P.CODES_ACCEPT,
    _P.MESSAGES_READ,
    _P.SETTINGS_READ,
}
_MANAGER = _OFFICER | {
    _P.REQUESTS_MANAGE,
    _P.HALL_MANAGE,
    _P.HOURS_CHANGE,
    _P.COVERAGE_READ,
    _P.MESSAGES_RESEND,
    _P.PEOPLE_READ,
    _P.PEOPLE_MANAGE,
    _P.SETTINGS_CHANGE,
}
_COUNTY = _MANAGER | {_P.PLANS_CHANGE, _P.WEBHOOKS_MANAGE}
_CITY = _COUNTY | {_P.ORGANISATIONS_READ, _P.ORGANISATIONS_MANAGE, _P.REGISTERS_MANAGE, _P.RETENTION_READ}
_READS = frozenset(
    {
        _P.REQUESTS_READ,
        _P.HALL_READ,
        _P.HOURS_READ,
        _P.COVERAGE_READ,
        _P.CODES_READ,
        _P.MESSAGES_READ,
        _P.ORGANISATIONS_READ,
        _P.PEOPLE_READ,
        _P.SETTINGS_READ,
        _P.AUDIT_READ,
        _P.RETENTION_READ,
    }
)
TABLE: Mapping[Role, frozenset[Permission]] = {
    Role.WINDOW: _WINDOW,
    Role.OFFICER: _OFFICER,
    Role.MANAGER: _MANAGER,
    Role.COUNTY_ADMIN: _COUNTY,
    Role.CITY_ADMIN: _CITY,
    Role.AUDITOR: _READS,
}
AT_STATION = frozenset({Role.WINDOW, Role.OFFICER, Role.MANAGER})
SECOND_FACTOR_REQUIRED = frozenset({Role.CITY_ADMIN, Role.AUDITOR})
# Whom each may appoint and dismiss, within the own scope.
APPOINTS: Mapping[Role, frozenset[Role]] = {
    Role.MANAGER: frozenset({Role.WINDOW, Role.OFFICER}),
    Role.COUNTY_ADMIN: AT_STATION,
    Role.CITY_ADMIN: frozenset(Role),
}


class KeyScope(StrEnum):
    """What an API key may be given; never more than its owner may."""

    READ_REQUESTS = "requests:read"
    CHANGE_REQUESTS = "requests:write"
    WORK_HALL = "hall:work"
    READ_NETWORK = "network:read"
    READ_COVERAGE = "coverage:read"
    READ_LEDGER = "ledger:read"
    CHANGE_LEDGER = "ledger:write"


BY_KEY: Mapping[KeyScope, frozenset[Permission]] = {
    KeyScope.READ_REQUESTS: frozenset({_P.REQUESTS_READ}),
    KeyScope.CHANGE_REQUESTS: frozenset({_P.REQUESTS_READ, _P.REQUESTS_CHANGE, _P.REQUESTS_HANDLE}),
    KeyScope.WORK_HALL: frozenset({_P.HALL_READ, _P.HALL_WORK}),
    KeyScope.READ_NETWORK: frozenset({_P.PEOPLE_READ, _P.ORGANISATIONS_READ}),
    KeyScope.READ_COVERAGE: frozenset({_P.COVERAGE_READ}),
    KeyScope.READ_LEDGER: frozenset(),
    KeyScope.CHANGE_LEDGER: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role where it holds: at a station, in a county (its adcode), or, with neither, everywhere."""

    role: Role
    station_id: int | None = None
    county: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the data that is reached: everything, or what lies in these counties, stations, organisations."""

    everything: bool = False
    counties: frozenset[str] = frozenset()
    station_ids: frozenset[int] = frozenset()
    organisation_ids: frozenset[UUID] = frozenset()

    @property
    def empty(self) -> bool:
        return not (self.everything or self.counties or self.station_ids or self.organisation_ids)

    def reaches(self, station_id: int, county: str) -> bool:
        """Whether a station, given with its county, lies within."""
        return self.everything or county in self.counties or station_id in self.station_ids


NOTHING = Scope()


@dataclass(frozen=True, slots=True)
class Membership:
    """That a person acts for an organisation; owners also manage its people."""

    organisation_id: UUID
    organisation_name: str
    role: Literal["owner", "delegate"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever is asking. `grants` are those in force: none until a second factor that they require was given.

    `kind` says how: by a browser's session, a bearer token, an API key, or not signed in. `via` is the id of the
    session or key. `must_enrol`: signed in, but rights are withheld until a second factor is set up or given.
    """

    kind: Literal["browser", "token", "key", "nobody"] = "nobody"
    person_id: UUID | None = None
    username: str = ""
    name: str = ""
    via: str = ""
    address: str = ""
    grants: tuple[Grant, ...] = ()
    memberships: tuple[Membership, ...] = ()
    key_scopes: frozenset[KeyScope] = frozenset()
    must_enrol: bool = False

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    @property
    def staff(self) -> bool:
        return bool(self.grants)

    @property
    def roles(self) -> tuple[Role, ...]:
        """In the order of `Role`, each once."""
        held = {grant.role for grant in self.grants}
        return tuple(role for role in Role if role in held)

    @property
    def actor(self) -> Actor:
        """The same for the record."""
        if not self.signed_in:
            return Actor("visitor", address=self.address)
        kind: Literal["key", "person"] = "key" if self.kind == "key" else "person"
        return Actor(kind, self.person_id, self.username, self.address, self.via)

    def may(self, permission: Permission) -> bool:
        """Whether some role (and, with an API key, the key too) allows it somewhere."""
        return not self.scope(permission).empty

    def scope(self, permission: Permission) -> Scope:
        """Where the permission holds, by the roles of staff."""
        if self.kind == "key" and not any(permission in BY_KEY[scope] for scope in self.key_scopes):
            return NOTHING
        return _scope_in(self.grants, permission)

    @property
    def owned(self) -> frozenset[UUID]:
        """The organisations whose people the caller manages."""
        return frozenset(each.organisation_id for each in self.memberships if each.role == "owner")

    @property
    def organisation_ids(self) -> frozenset[UUID]:
        return frozenset(each.organisation_id for each in self.memberships)


NOBODY = Caller()


@lru_cache(4096)
def _scope_in(grants: tuple[Grant, ...], permission: Permission) -> Scope:
    """Remembered: a page of staff asks for some thirty permissions."""
    return scope_of(grant for grant in grants if permission in TABLE[grant.role])


def scope_of(grants: Iterable[Grant]) -> Scope:
    """What the grants reach together."""
    held = list(grants)
    return Scope(
        everything=any(grant.station_id is None and grant.county is None for grant in held),
        counties=frozenset(grant.county for grant in held if grant.county),
        station_ids=frozenset(grant.station_id for grant in held if grant.station_id is not None),
    )


def may_appoint(caller: Caller, grant: Grant, *, county_of_station: str | None = None) -> bool:
    """Whether the caller may give or take this role there. `county_of_station` is that of the grant's station.

    Roles of one's own are nobody's to change; the service looks at that, who knows whose they are.
    """
    return any(
        grant.role in APPOINTS.get(own.role, frozenset()) and _covers(own, grant, county_of_station)
        for own in caller.grants
        if caller.kind != "key"
    )


def _covers(own: Grant, other: Grant, county_of_station: str | None) -> bool:
    if own.station_id is not None:
        return own.station_id == other.station_id
    if own.county is not None:
        return own.county in {other.county, county_of_station}
    return True
