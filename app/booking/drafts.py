"""A booking as far as its pages have been filled in, kept for the browser that began it.

Each draft has its own address, so two tabs don't mix. It holds personal data, so it doesn't stay long: a day after the
last change it is gone, and whoever begins a new one sweeps away some that are over.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import delete, insert, select, update

from app.booking.errors import DraftGone
from app.kit.db import WriteSession
from app.kit.ids import new_id
from app.requests.along import OfLedger
from app.requests.models import BookingDraft
from app.requests.sites import Part

KEPT = timedelta(days=1)
SWEPT_AT_ONCE = 50


class Origin(BaseModel):
    """Where the visitor is, or where staff shall come, as given: a point in the system `crs`, or the town `town`."""

    lon: float
    lat: float
    crs: str = "wgs84"
    label: str = ""
    town: str | None = None


class SiteDraft(BaseModel):
    """The site of a visit that staff come to; where it is on the map is the draft's `origin`."""

    address: str
    first_day: date
    last_day: date
    part_of_day: Part = Part.ANY
    contact_name: str = ""
    contact_phone: str = ""


class Held(BaseModel):
    """The time that is kept; aware times. `travel_min` are kept before and after it, for the way to a site."""

    hold_id: UUID
    hold_token: str
    start: datetime
    end: datetime
    expires_at: datetime
    travel_min: int = 0


class DraftData(BaseModel):
    """Everything typed so far, raw where it may still be wrong.

    `later` are services that were put aside, because the station chosen does only the others; they need a booking of
    their own. `answers` has the form of each service by its code, as typed; `tables` the
    table of its instruments where there are several, as pasted. `consented` is the version of the privacy
    notice; it is set when the details have been found right, and only then. After sending only `reference` and what
    is not personal stays. `ledger` says for whose instruments it was begun, `bundle` is the reference of the package
    for steps of which it was.
    """

    services: list[str] = Field(default_factory=list)
    later: list[str] = Field(default_factory=list)
    mode: str | None = None
    use: str | None = None
    origin: Origin | None = None
    site: SiteDraft | None = None
    policy: str = "nearest"
    station: str | None = None
    held: Held | None = None
    answers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    tables: dict[str, str] = Field(default_factory=dict)
    applicant: dict[str, str] = Field(default_factory=dict)
    note: str = ""
    consented: str | None = None
    ledger: OfLedger | None = None
    bundle: str | None = None
    reference: str | None = None


@dataclass(slots=True)
class Draft:
    id: UUID
    client: str
    data: DraftData


async def begin(session: WriteSession, client_key: str, data: DraftData, now: datetime) -> Draft:
    draft = Draft(new_id(), client_key, data)
    await _sweep(session, now)
    row = {"id": draft.id, "client": client_key, "created_at": now, **_changing(draft, now)}
    await session.execute(insert(BookingDraft).values(row))
    return draft


async def load(session: WriteSession, draft_id: UUID, client_key: str, now: datetime, *, lock: bool = False) -> Draft:
    """The draft of this browser; with `lock` nobody else can change it until the end of the transaction.

    Raises DraftGone: there is none, it is over, or it is somebody else's.
    """
    statement = select(BookingDraft.data).where(
        BookingDraft.id == draft_id, BookingDraft.client == client_key, BookingDraft.expires_at > now
    )
    data = await session.scalar(statement.with_for_update() if lock else statement)
    if data is None:
        raise DraftGone
    return Draft(draft_id, client_key, DraftData.model_validate(data))


async def save(session: WriteSession, draft: Draft, now: datetime) -> None:
    """Keep the draft as it is now, for another day."""
    await session.execute(update(BookingDraft).where(BookingDraft.id == draft.id).values(_changing(draft, now)))


def _changing(draft: Draft, now: datetime) -> dict[str, Any]:
    return {"data": storable(draft.data.model_dump(mode="json")), "expires_at": now + KEPT}


def storable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same JSON without what PostgreSQL can't keep in a text: NUL, and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [storable(each) for each in value]
    return value


async def _sweep(session: WriteSession, now: datetime) -> None:
    over = (
        select(BookingDraft.id)
        .where(BookingDraft.expires_at <= now)
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(BookingDraft).where(BookingDraft.id.in_(over)))
