"""What the JSON door of reception takes and sends."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.kit.clock import LOCAL
from app.kit.schemas import Out, Strict, WrittenDate
from app.kit.text import Line, Paragraph
from app.reception.lists import Row
from app.reception.models import NAME_LENGTH, PLACE_LENGTH, WORDS_LENGTH, Thing
from app.reception.queries import Link
from app.reception.rules import MOST_PARTS, Condition, Handover
from app.requests.models import REASON_LENGTH

Name = Annotated[str, Line(NAME_LENGTH, blank=True)]
LARGEST = 32_767


class LinkIn(Strict):
    """What is said with a link of the chain. `taker` is a station of the network where its code or name is given."""

    condition: Condition | None = None
    words: Annotated[str, Paragraph(WORDS_LENGTH, blank=True)] = ""
    place: Annotated[str, Line(PLACE_LENGTH, blank=True)] = ""
    giver: Name = ""
    taker: Name = ""
    due_back: WrittenDate | None = None
    seen: Annotated[
        int | None,
        Field(ge=0, le=LARGEST, description="The last link that you know: nothing is done if there is more."),
    ] = None
    late_reason: Annotated[str, Paragraph(REASON_LENGTH, blank=True)] = ""

    def handover(self) -> Handover:
        return Handover(**{name: getattr(self, name) for name in LinkIn.model_fields})


class LabelsIn(Strict):
    """For which items codes are wanted, and how many pieces each is."""

    reference: Annotated[str, Field(max_length=40)]
    parts: Annotated[
        dict[Annotated[int, Field(ge=1, le=1000)], Annotated[int, Field(ge=0, le=MOST_PARTS)]],
        Field(min_length=1, max_length=1000, description="Pieces by the number of the item.", examples=[{"1": 3}]),
    ]


class PhotoOut(Out):
    id: str
    name: str
    media_type: str
    size: int


class LinkOut(Out):
    """`by` is who of the staff wrote it; null for an applicant."""

    n: int
    at: datetime
    action: str
    station_code: str
    condition: str | None
    giver: str | None
    taker: str | None
    place: str | None
    words: str | None
    due_back: date | None
    by: str | None
    photos: list[PhotoOut]


class ThingOut(Out):
    """A thing and where it is; `links` is how many links its chain has."""

    code: str
    item: int
    part: int
    standing: str
    station_code: str | None
    place: str | None
    holder: str | None
    due_back: date | None
    since: datetime
    links: int


class WholeThingOut(ThingOut):
    reference: str
    chain: list[LinkOut]


class ThingsOut(Out):
    things: list[WholeThingOut]


class LabelledOut(Out):
    reference: str
    things: list[ThingOut]


class RowOut(Out):
    """A thing in a list; `ready_at` is since when it can be fetched."""

    code: str
    reference: str
    item: int
    part: int
    organisation_name: str
    service_code: str
    status: str
    standing: str
    place: str | None
    holder: str | None
    due_back: date | None
    since: datetime
    ready_at: datetime | None
    overdue: bool


class RowsOut(Out):
    items: list[RowOut]
    next: str | None


def thing_out(thing: Thing, codes: dict[int, str]) -> dict[str, object]:
    """`codes` are those of stations by id."""
    return {
        "code": thing.code,
        "item": thing.n,
        "part": thing.part,
        "standing": thing.standing,
        "station_code": codes.get(thing.at_station_id) if thing.at_station_id else None,
        "place": thing.place,
        "holder": thing.holder,
        "due_back": thing.due_back,
        "since": thing.since.astimezone(LOCAL),
        "links": thing.links,
    }


def link_out(found: Link, codes: dict[int, str], *, as_staff: bool) -> LinkOut:
    link = found.link
    return LinkOut(
        n=link.n,
        at=link.at.astimezone(LOCAL),
        action=link.action,
        station_code=codes[link.station_id],
        condition=link.condition,
        giver=link.giver,
        taker=link.taker,
        place=link.place if as_staff else None,
        words=link.words,
        due_back=link.due_back,
        by=(found.by or None) if as_staff else None,
        photos=[
            PhotoOut(id=str(file.id), name=file.name, media_type=file.media_type, size=file.size)
            for file in found.photos
        ],
    )


def row_out(row: Row) -> RowOut:
    return RowOut(
        code=row.code,
        reference=row.reference,
        item=row.n,
        part=row.part,
        organisation_name=row.organisation,
        service_code=row.service.code,
        status=row.state.value,
        standing=row.standing.value,
        place=row.place or None,
        holder=row.holder or None,
        due_back=row.due_back,
        since=row.since.astimezone(LOCAL),
        ready_at=row.ready_at and row.ready_at.astimezone(LOCAL),
        overdue=row.overdue,
    )
