"""What the office's JSON doors take and send."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.accounts.queries.people import Member
from app.accounts.rules.rights import Role
from app.audit.queries import Entry
from app.kit.clock import LOCAL
from app.kit.schemas import Out, Strict, WrittenDate
from app.kit.text import Line
from app.notify.rules import masked

MOST = 200
Short = Annotated[str, Line(128, blank=True)]
Limit = Annotated[int, Field(ge=1, le=MOST)]
Cursor = Annotated[str, Line(400, blank=True), Field(description="`next` of the page before.")]


class AuditAsked(Strict):
    """Which entries; what is left out is not asked for."""

    actor: Annotated[Short, Field(description="A person's id or user name.")] = ""
    action: Annotated[Short, Field(description="How it begins: `person.` finds all about people.")] = ""
    object_kind: Short = ""
    object_id: Short = ""
    station: Annotated[Short, Field(description="A station's code.")] = ""
    organisation: Annotated[UUID | None, Field(description="An organisation's id.")] = None
    since: Annotated[WrittenDate | None, Field(description="The first day, by the network's date.")] = None
    until: Annotated[WrittenDate | None, Field(description="The last day.")] = None
    address: Short = ""
    q: Annotated[Short, Field(description="Words anywhere in an entry; needs `since`.")] = ""
    limit: Limit = 50
    cursor: Cursor = ""
    format: Annotated[
        Literal["json", "csv", "jsonl"] | None, Field(description="A file has all that fit. Or by `Accept: text/csv`.")
    ] = None


class EntryOut(Out):
    """An entry of the record; chain and number name it."""

    chain: int
    n: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    actor_via: str
    address: str
    action: str
    object_kind: str
    object_id: str
    station_id: int | None
    organisation_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str
    trace: str

    @classmethod
    def of(cls, entry: Entry) -> "EntryOut":
        """With its time at the network's offset."""
        return cls.model_validate(entry.as_row() | {"at": entry.at.astimezone(LOCAL)})


class EntriesPage(Out):
    items: list[EntryOut]
    next: str | None


class PeopleAsked(Strict):
    """Which of the staff within one's scope."""

    role: Role | None = None
    station: Annotated[Short, Field(description="A station's code.")] = ""
    county: Annotated[Short, Field(description="A county's code.")] = ""
    q: Annotated[str, Line(100, blank=True), Field(description="Of the name or user name; or a whole address.")] = ""
    state: Literal["active", "disabled"] | None = None
    limit: Limit = 50
    cursor: Cursor = ""


class HeldOut(Out):
    """A role and where it holds; neither station nor county: everywhere."""

    role: Role
    station_code: str | None
    county_adcode: str | None
    since: datetime


class PersonOut(Out):
    """One of the staff. The mail address is masked."""

    id: UUID
    username: str | None
    name: str
    email: str | None
    second_factor: bool
    disabled: bool
    created_at: datetime
    roles: list[HeldOut]

    @classmethod
    def of(cls, member: Member) -> "PersonOut":
        """With the roles within the scope that the person was asked for with."""
        roles = [
            HeldOut(
                role=held.role,
                station_code=held.station,
                county_adcode=held.grant.county,
                since=held.granted_at.astimezone(LOCAL),
            )
            for held in member.seen
        ]
        return cls(
            id=member.id,
            username=member.username,
            name=member.name,
            email=masked(member.email) if member.email else None,
            second_factor=member.second_factor_at is not None,
            disabled=member.disabled_at is not None,
            created_at=member.created_at.astimezone(LOCAL),
            roles=roles,
        )


class PeoplePage(Out):
    items: list[PersonOut]
    next: str | None
