"""The section of messages on the pages of a request: what it shows, for whoever looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.accounts.rules.rights import Permission
from app.conversation.queries import Written, thread
from app.conversation.rules import MOST_FILES, TEXT_LENGTH, Side
from app.conversation.service import mark_read
from app.files.store import KIB, FileStore
from app.requests.queries import RequestView
from app.requests.revealed import Revealed
from app.requests.talk import about, as_shown, side_of
from app.requests.visiting import Visitor
from app.stations.snapshot import StationFacts


@dataclass(frozen=True, slots=True)
class Talk:
    """The section as its template shows it. `new_from`: what is numbered higher and is the other side's is new."""

    messages: tuple[Written, ...]
    side: Side
    new_from: int
    unread: int
    path: str
    may_write: bool
    may_note: bool
    closed: bool
    most: str
    most_files: int = MOST_FILES
    length: int = TEXT_LENGTH
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def for_staff(self) -> bool:
        return self.side is Side.STATION


async def talk_of(
    visitor: Visitor,
    view: RequestView,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Talk:
    """The section for whoever looks; what is new counts as read from now on, unless they may only look (auditors)."""
    request, side = view.request, side_of(as_staff=visitor.as_staff)
    found = await thread(visitor.session, about(request), side)
    closed = request.anonymised_at is not None
    handles = not visitor.as_staff or may(visitor, view, Permission.REQUESTS_HANDLE)
    if found.unread and handles:
        database = visitor.request.app.state.database
        await mark_read(database, about(request), side, found.messages[-1].n, visitor.now)
    store: FileStore = visitor.request.app.state.files
    return Talk(
        messages=as_shown(found, masked=visitor.as_staff and not _revealed(visitor, view)),
        side=side,
        new_from=found.read_up_to,
        unread=found.unread,
        path=visitor.address("messages"),
        may_write=not closed and (not visitor.as_staff or may(visitor, view, Permission.REQUESTS_CHANGE)),
        may_note=not closed and visitor.as_staff and handles,
        closed=closed,
        most=f"{store.most // KIB // KIB} MiB" if store.most >= KIB * KIB else f"{store.most // KIB} KiB",
        errors=errors or {},
        typed=typed or {},
    )


def may(visitor: Visitor, view: RequestView, permission: Permission) -> bool:
    """Whether whoever looks has a permission of staff at the station of the request."""
    return may_at(visitor, view.appointment.station, permission)


def may_at(visitor: Visitor, station: StationFacts, permission: Permission) -> bool:
    return visitor.caller.scope(permission).reaches(station.id, station.county_adcode)


def _revealed(visitor: Visitor, view: RequestView) -> bool:
    if not may(visitor, view, Permission.CONTACT_REVEAL):
        return False
    return Revealed(visitor.request, visitor.caller, visitor.now).until(visitor.reference) is not None
