"""What a browser at the counter shows when it hands in, by then perhaps signed out: who worked there, signed by us."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

from app.accounts.rules.rights import TABLE, Permission
from app.kit.db import Database
from app.kit.ids import hash_secret

GOOD_FOR = timedelta(days=2)
PURPOSE = b"onestop counter pass\0"
# Whoever has lost the right since hands in nothing.
MAY_WORK: LiteralString = """
SELECT 1 FROM person
WHERE person.id = %(person_id)s AND disabled_at IS NULL AND closed_at IS NULL AND EXISTS (
    SELECT FROM role_grant JOIN station ON station.id = %(station_id)s::int4
    WHERE role_grant.person_id = person.id AND role = ANY(%(roles)s)
        AND (role_grant.station_id = station.id OR role_grant.county_adcode = station.county_adcode
            OR (role_grant.station_id IS NULL AND role_grant.county_adcode IS NULL))
)
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """Who works at which station's counter, since when."""

    person_id: UUID
    station_id: int
    at: datetime

    def signed(self, key: bytes) -> str:
        text = f"{self.person_id}.{self.station_id}.{int(self.at.timestamp())}"
        return f"{text}.{_mark(text, key)}"


def read(shown: str, key: bytes, now: datetime) -> Pass | None:
    """The pass, if it is ours and still good."""
    text, _, mark = shown.rpartition(".")
    if not hmac.compare_digest(mark.encode(), _mark(text, key).encode()):
        return None
    person_id, station_id, seconds = text.split(".")
    found = Pass(UUID(person_id), int(station_id), datetime.fromtimestamp(int(seconds), UTC))
    return found if now - found.at <= GOOD_FOR else None


async def still_works(database: Database, shown: Pass) -> bool:
    """Whether its person may still work there."""
    roles = [role.value for role, allows in TABLE.items() if Permission.HALL_WORK in allows]
    values = {"person_id": shown.person_id, "station_id": shown.station_id, "roles": roles}
    return bool(await database.fetch(MAY_WORK, values))


def _mark(text: str, key: bytes) -> str:
    return hash_secret(text, PURPOSE + key).hex()
