"""What is handed out: the handle of a hold, the hold, the appointment."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.kit.clock import LOCAL
from app.kit.ids import new_id, new_secret
from app.kit.ticks import tick_time


@dataclass(frozen=True, slots=True)
class Handle:
    """The name and the secret of a hold. `repeatable`: the caller may have used it before."""

    id: UUID
    token: str
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A place kept until `expires_at`; whoever has the token may confirm it or give it back.

    `start` and `end` are the visit's; `travel_min` are kept free before and after it, for the way.
    """

    hold_id: UUID
    hold_token: str
    station_code: str
    service_codes: tuple[str, ...]
    mode: str
    start: datetime
    end: datetime
    expires_at: datetime
    travel_min: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment at a desk: the visit from `starts` on (ticks of five minutes, counted from the Unix epoch).

    `travel` ticks before and after it are taken too.
    """

    id: UUID
    station_id: int
    desk_id: int
    starts: int
    ticks: int
    travel: int
    mode: str
    service_ids: tuple[int, ...]

    @property
    def start(self) -> datetime:
        return tick_time(self.starts, LOCAL)

    @property
    def end(self) -> datetime:
        return tick_time(self.starts + self.ticks, LOCAL)


def handle(client: str, key: str | None, secret: bytes) -> Handle:
    """A handle for a new hold; for a client that repeats itself under the same key, always the same one.

    Then it is derived by HMAC-SHA-256 under the installation's secret, so that nothing secret need be stored.
    """
    if key is None:
        return Handle(new_id(), new_secret(24))
    name, token = (hmac.digest(secret, f"{purpose}\0{client}\0{key}".encode(), "sha256") for purpose in ("id", "token"))
    version_8 = int.from_bytes(name[:16]) & ~(0xF << 76 | 0b11 << 62) | 8 << 76 | 0b10 << 62
    return Handle(UUID(int=version_8), token.hex(), repeatable=True)


def hold_end(made_at: datetime, hold_min: int) -> datetime:
    """Whole seconds, so that what is shown is exact, and free time can be read by the second."""
    end = made_at + timedelta(minutes=hold_min)
    return end if end.microsecond == 0 else end.replace(microsecond=0) + timedelta(seconds=1)
