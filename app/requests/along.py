"""What a room above writes along with a request, in the statement that makes it: both are there, or neither."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, Protocol
from uuid import UUID

from app.accounts.rules.rights import Caller
from app.kit.problems import Conflict

Items = Sequence[tuple[str, Mapping[str, Any]]]


class Refused(Conflict):
    """What was to be written along can't be, so there is no request either; subclasses say why."""


@dataclass(frozen=True, slots=True)
class Along:
    """Parts of a WITH clause, with a comma before each; they may read `made` (id, station_id) and the request's values.

    `values` are their own. `refusals` says by the name of a violated constraint what is wrong.
    """

    parts: LiteralString
    values: Mapping[str, object]
    refusals: Mapping[str, Callable[[], Awaitable[Refused]]]


@dataclass(frozen=True)
class OfLedger:
    """Instruments of an organisation's ledger that a request is for."""

    organisation_id: UUID
    instrument_ids: list[UUID]


class Linker(Protocol):
    """`app.state.linker`, from above: which of the items (service codes and answers) are which of the instruments."""

    async def __call__(self, of: OfLedger, items: Items, caller: Caller, now: datetime) -> Along | None: ...
