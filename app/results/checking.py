"""Whether a document is real: asked by anybody who has the paper, with its number and short code.

One small statement, whatever is asked. An unknown number is compared with a code as well, so that it answers as a wrong
code does, in the same time. Nobody is named: not who asked for it, not who worked on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from app.kit.clock import local_date
from app.kit.db import Database
from app.kit.ids import hash_secret, normalise_access_code
from app.kit.text import to_halfwidth
from app.results.errors import DocumentUnknown
from app.results.models import NUMBER_LENGTH
from app.results.queries import standing_of
from app.results.rules import MODELS, NAMES, SERIALS, Standing

NO_DIGEST = bytes(32)
CHECK: LiteralString = """
SELECT version, code_hash, document, valid_until, digest, superseded_at, withdrawn_at, facts->>'kind',
    facts->'station', facts->'service', facts->'object', (facts->>'passed')::bool, (facts->>'done_on')::date,
    (facts->>'issued_on')::date
FROM issued_document WHERE number = %s ORDER BY version
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is told of a version; `ended_on` is when it was corrected or withdrawn, `latest` the version in force."""

    number: str
    version: int
    document: str
    kind: str
    status: Standing
    station: Mapping[str, str]
    service: Mapping[str, str]
    object_name: str
    object_model: str
    object_serial: str
    passed: bool | None
    done_on: date
    valid_until: date | None
    issued_on: date
    ended_on: date | None
    latest: int | None
    digest: str


def spelled(number: str) -> str:
    """A number as it is kept, from what somebody has typed."""
    seen = "".join(character for character in to_halfwidth(number) if character.isprintable())
    return seen.replace(" ", "").upper()[:NUMBER_LENGTH]


async def check(database: Database, number: str, code: str, secret_key: bytes, now: datetime) -> Checked:
    """The version whose code this is. Raises DocumentUnknown for an unknown number and for a wrong code alike."""
    exact = spelled(number)
    rows = await database.fetch(CHECK, (exact,))
    given = hash_secret(normalise_access_code(code), secret_key)
    found = _with_code(rows, given)
    if found is None:
        raise DocumentUnknown
    latest = next((row[0] for row in rows if row[5] is None and row[6] is None), None)
    return _told(exact, found, latest, local_date(now))


def _with_code(rows: list[tuple[Any, ...]], given: bytes) -> tuple[Any, ...] | None:
    """Hashes are compared: what their comparison takes tells nothing of a code."""
    codes: dict[bytes, tuple[Any, ...] | None] = {bytes(row[1]): row for row in rows} or {NO_DIGEST: None}
    return codes.get(given)


def _told(number: str, row: tuple[Any, ...], latest: int | None, today: date) -> Checked:
    version, _hash, document, until, digest, superseded, withdrawn, kind, station, service, things, *rest = row
    passed, done_on, issued_on = rest
    answers = {key: value for key, _zh, _en, value in things}
    ended = withdrawn or superseded
    return Checked(
        number=number,
        version=version,
        document=document,
        kind=kind,
        status=standing_of(corrected=superseded is not None, withdrawn=withdrawn is not None, until=until, today=today),
        station=station,
        service=service,
        object_name=_first(answers, NAMES),
        object_model=_first(answers, MODELS),
        object_serial=_first(answers, SERIALS),
        passed=passed,
        done_on=done_on,
        valid_until=until,
        issued_on=issued_on,
        ended_on=local_date(ended) if ended else None,
        latest=latest,
        digest=bytes(digest).hex(),
    )


def _first(answers: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((answers[key] for key in keys if answers.get(key)), "")
