"""What others learn when a certificate is issued or withdrawn: rooms above give listeners for the same transaction."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from app.kit.db import WriteSession


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate, or notice of result, that has just been issued for an item of a request, or its newer version.

    `inputs` is what the item's form says of the instrument. `passed` has no value where nothing is judged, as in a
    calibration; `valid_until` has none for what doesn't end, and after a notice of result.
    """

    request_id: uuid.UUID
    station_id: int
    n: int
    organisation_id: uuid.UUID | None
    service_id: int
    inputs: Mapping[str, Any]
    number: str
    version: int
    passed: bool | None
    done_on: date
    valid_until: date | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn(Issued):
    """The same of a document that has just been withdrawn: its last version, and `at` is when that was."""


class Listener(Protocol):
    """Somebody who keeps dates by certificates. What it raises undoes the issuing."""

    async def __call__(self, session: WriteSession, issued: Issued) -> None: ...


class WithdrawalListener(Protocol):
    """Somebody who turns back what was withdrawn. What it raises undoes the withdrawal."""

    async def __call__(self, session: WriteSession, withdrawn: Withdrawn) -> None: ...


Listeners = Sequence[Listener]
WithdrawalListeners = Sequence[WithdrawalListener]
