"""What was found in a demo's past, and the documents of it: numbered station by station in the order of their issue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson

from app.catalogue.deliverables import ResultKind
from app.demo.lives import Life
from app.demo.world import World
from app.kit.clock import local_date
from app.kit.ids import access_code, hash_secret
from app.requests.rules import Event
from app.results.models import Result
from app.results.rules import Finding, Judged, Setting, digest_of, judge, number_of, table_for
from app.results.says import Issue, facts_of, station_of

FAILED = 0.04
VALUES = "0.4", "0.8", "1.2", "1.6"
NOTES = {"remarks": "演示数据，不是真实的测量结果。"}
Tables = dict[str, list[tuple[Any, ...]]]


@dataclass
class Found:
    """A result of a request of the demo; issued at `at`, or not yet. `event` is the place of the step that tells it."""

    life: Life
    request_id: UUID
    client: str
    result: Result
    at: datetime | None
    event: int = -1

    @property
    def station_id(self) -> int:
        return self.life.booking.site.station.id


def found_in(life: Life, request_id: UUID, client: str) -> Found | None:
    """What two people have entered and verified, as far as they have come."""
    times = {step.kind: step.at for step in life.steps}
    kind = life.booking.service.result
    if kind is None or Event.RESULT_ENTERED not in times:
        return None
    entered, verified = times[Event.RESULT_ENTERED], times.get(Event.VERIFIED)
    station, staff = life.booking.site.station, life.booking.site.staff
    done_on = local_date(entered)
    judged = _judged(life, kind, done_on)
    result = Result(
        id=life.world.id_at(entered),
        request_id=request_id,
        station_id=station.id,
        n=1,
        attempt=1,
        service_id=life.booking.service.id,
        kind=kind.value,
        passed=judged.passed,
        done_on=done_on,
        valid_until=judged.valid_until,
        measured=judged.table,
        notes=judged.notes,
        inputs=dict(life.inputs),
        entered_by=staff["window"],
        entered_at=entered,
        verified_by=staff["officer"] if verified else None,
        verified_at=verified,
    )
    return Found(life, request_id, client, result, times.get(Event.ISSUED))


def _judged(life: Life, kind: ResultKind, done_on: date) -> Judged:
    """By the rules of the room itself, so that nothing is in the demo that nobody could have entered."""
    service, random = life.world.services[life.booking.service.id], life.world.random
    table = table_for(kind, service.name_zh)
    passed = random.random() >= FAILED if kind is ResultKind.VERIFICATION else None
    unit = table.units[0] if table.units else ""
    rows: Sequence[Mapping[str, object]] = [
        {
            column.key: _value(value, random.randint(-4, 4)) if column.number else "演示"
            for column in table.columns
            if column.required and column.derived is None
        }
        for value in VALUES[: 4 if table.units else 1]
    ]
    finding = Finding(done_on, passed, unit=unit, rows=rows, notes=NOTES)
    judged, errors = judge(finding, Setting(kind, table, service.validity_months, done_on, done_on))
    if errors:
        raise ValueError(f"the demo's values of {table.key} are wrong: {errors}")
    return judged


def _value(about: str, thousandths: int) -> str:
    return f"{float(about) + thousandths / 1000:.3f}"


def write_found(world: World, tables: Tables, found: Sequence[Found], secret_key: bytes) -> None:
    """Rows of results, numbers and documents; the steps that tell of an issue are told its number."""
    tables["result"] += [_result_row(each.result) for each in found]
    last: dict[tuple[int, int], int] = {}
    issued = [each for each in found if each.at is not None]
    for each in sorted(issued, key=attrgetter("at")):
        _write(world, tables, each, last, secret_key)
    tables["document_number"] += [(station_id, year, place) for (station_id, year), place in sorted(last.items())]


def _write(world: World, tables: Tables, each: Found, last: dict[tuple[int, int], int], secret_key: bytes) -> None:
    at, result, station = each.at, each.result, each.life.booking.site.station
    if at is None:
        return
    key = station.id, local_date(at).year
    last[key] = place = last.get(key, 0) + 1
    number, document_id = number_of(station.code, key[1], place), world.id_at(at)
    issue = Issue(number, 1, station_of(station), each.client, local_date(at))
    facts = facts_of(result, world.services[result.service_id], issue)
    code = hash_secret(access_code(secret_key, document_id), secret_key)
    tables["issued_document"].append(
        (document_id, *key, place, number, 1, each.request_id, 1, result.id, facts["document"], result.valid_until,
         code, orjson.dumps(facts).decode(), digest_of(facts), result.verified_by, at)
    )  # fmt: skip
    *head, data, person = tables["request_event"][each.event]
    told = orjson.dumps({**orjson.loads(data), "number": number}).decode()
    tables["request_event"][each.event] = (*head, told, person)


def _result_row(result: Result) -> tuple[Any, ...]:
    return (
        result.id, result.request_id, result.station_id, 1, 1, result.service_id, result.kind, result.passed,
        result.done_on, result.valid_until, orjson.dumps(result.measured).decode(), orjson.dumps(result.notes).decode(),
        orjson.dumps(result.inputs).decode(), result.entered_by, result.entered_at, result.verified_by,
        result.verified_at,
    )  # fmt: skip
