"""Which requests somebody who has signed in may see, or change, without showing an access code.

Staff by the scope of their roles, people of an enterprise by the organisation, and of what belongs to no organisation
whoever has sent it. Applied in the query: what isn't reached isn't selected, and answers as if it did not exist.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from app.accounts.rules.rights import BY_KEY, NOTHING, Caller, Permission, Scope
from app.accounts.scoping import within
from app.requests.models import Request


@dataclass(frozen=True, slots=True)
class Reach:
    """What is reached as staff, and as one's own. An empty one reaches nothing."""

    staff: Scope = NOTHING
    organisation_ids: frozenset[UUID] = frozenset()
    person_id: UUID | None = None

    def owns(self, request: Request) -> bool:
        """Whether it is one's own: what it says of people is then shown in full."""
        if request.organisation_id is not None:
            return request.organisation_id in self.organisation_ids
        return self.person_id is not None and request.person_id == self.person_id

    @property
    def empty(self) -> bool:
        return self.staff.empty and not self.organisation_ids and self.person_id is None

    @property
    def own(self) -> "Reach":
        """The same without what is reached as staff."""
        return Reach(organisation_ids=self.organisation_ids, person_id=self.person_id)

    def condition(self) -> ColumnElement[bool]:
        """The requests that are reached, for a query."""
        parts = [within(self.staff, Request.station_id)]
        if self.organisation_ids:
            parts.append(Request.organisation_id.in_(self.organisation_ids))
        if self.person_id is not None:
            parts.append(and_(Request.organisation_id.is_(None), Request.person_id == self.person_id))
        return or_(*parts)


def reach_of(caller: Caller, permission: Permission) -> Reach:
    """What the caller reaches for REQUESTS_READ or REQUESTS_CHANGE; an API key only for what it was given."""
    if not caller.signed_in or caller.must_enrol:
        return Reach()
    if caller.kind == "key" and not any(permission in BY_KEY[scope] for scope in caller.key_scopes):
        return Reach()
    return Reach(caller.scope(permission), caller.organisation_ids, caller.person_id)


def as_staff(caller: Caller, permission: Permission) -> Reach:
    """What the caller reaches by the roles of staff alone."""
    return Reach(caller.scope(permission))
