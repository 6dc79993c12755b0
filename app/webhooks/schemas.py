"""What the JSON door of this room takes and sends."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.kit.schemas import Out, Strict, WrittenTime
from app.kit.text import Line
from app.webhooks.models import NAME_LENGTH
from app.webhooks.queries import PER_PAGE
from app.webhooks.rules.kinds import KINDS

State = Literal["waiting", "delivered", "dead", "dropped"]
Language = Literal["zh-CN", "en"]
LONG = 10_000
MOST = 200


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise PydanticCustomError("enum", "no type of event", {"expected": ", ".join(KINDS)})
    return kind


Kind = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(KINDS)})]
Types = Annotated[list[Kind], Field(max_length=len(KINDS), description="The events that are told; empty means all.")]
Name = Annotated[str, Line(NAME_LENGTH), Field(examples=["ERP"])]
Url = Annotated[str, Field(max_length=LONG, examples=["https://hooks.example.com/onestop"])]


class RobotIn(Strict):
    """A group's robot in WeCom, DingTalk, Feishu or Lark: a secret, of which only the end is told again."""

    address: Url
    sign: str = Field(default="", max_length=LONG, description="DingTalk's secret for signing, where it has one.")


class WebhookIn(Strict):
    """A new webhook: another system by its `url`, or a group of people by its `robot`."""

    name: Name
    url: Url | None = None
    robot: RobotIn | None = None
    language: Language = Field(default="zh-CN", description="In which a group is told.")
    types: Types = Field(default_factory=list)


class NetworkWebhookIn(WebhookIn):
    """A new one of administrators: of a county, of a station, or with neither of the whole network."""

    county_adcode: Annotated[str, Field(max_length=6)] = ""
    station_code: Annotated[str, Field(max_length=40)] = ""


class WebhookChange(Strict):
    """What is not named stays as it is."""

    name: Name | None = None
    url: Url | None = None
    types: Types | None = None
    language: Language | None = Field(default=None, description="Only for a group.")


class WebhookOut(Out):
    """A webhook without its secret. `types` empty: all; `latest` is what became of the newest event.

    `via` is who is told: another system (`webhook`), or a group, of whose robot's address `url` has host and end.
    """

    id: UUID
    name: str
    via: Literal["webhook", "wecom", "dingtalk", "feishu", "lark"]
    language: Language | None
    url: str
    types: Sequence[str]
    organisation_id: UUID | None
    county_adcode: str | None
    station_code: str | None
    created_by: str
    created_at: datetime
    old_secret_until: datetime | None
    ended_at: datetime | None
    ended_why: Literal["person", "gone", "rights", "closed"] | None
    latest: State | None
    waiting: int


class WebhookMade(WebhookOut):
    """With its secret, which is told only here; a group's robot has none of ours."""

    secret: str | None


class WebhooksPage(Out):
    items: list[WebhookOut]
    next: None = None


class ReplayIn(Strict):
    """One event, or all since a moment: one of the two."""

    event_id: str | None = Field(default=None, max_length=80, description="`webhook-id` as it was sent.")
    since: WrittenTime | None = None


class ReplayOut(Out):
    """How many are sent again. What is on its way at this moment is not among them."""

    events: int


class DeliveriesAsked(Strict):
    state: State | None = None
    cursor: str = Field(default="", max_length=200, description="`next` of the page before.")
    limit: int = Field(default=PER_PAGE, ge=1, le=MOST)


class AttemptOut(Out):
    """One try: the status that was answered, or what kept anything from being answered."""

    at: datetime
    took_ms: int
    status: int | None
    fault: str | None


class DeliveryOut(Out):
    """An event on its way. `due_at` is its next attempt, while it waits; of attempts the last thirty are told."""

    event_id: str
    type: str
    at: datetime
    state: State
    due_at: datetime | None
    attempts: list[AttemptOut]


class DeliveriesPage(Out):
    items: list[DeliveryOut]
    next: str | None
