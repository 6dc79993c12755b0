"""All that a document says, put together of a result that was verified. Pure.

Nobody's name is in it: who entered and verified stands there by id. Every word is kept in both languages as it was on
the day of issue, so that a document says the same in years, whatever becomes of the catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.catalogue.deliverables import ResultKind
from app.catalogue.snapshot import ServiceInfo
from app.files.models import StoredFile
from app.results.models import Result
from app.results.rules import OBJECT_KEYS, document_of
from app.stations.snapshot import StationFacts

LAYOUT = 1


@dataclass(frozen=True, slots=True)
class Issue:
    """Under which number and version, by which station, for whom and when; `replaces` names what was withdrawn."""

    number: str
    version: int
    station: Mapping[str, str]
    client: str
    on: date
    replaces: str = ""


def facts_of(result: Result, service: ServiceInfo, issue: Issue, file: StoredFile | None = None) -> dict[str, Any]:
    """As `rules.canonical` writes it down and the template prints it."""
    return {
        "layout": LAYOUT,
        "number": issue.number,
        "version": issue.version,
        "kind": result.kind,
        "document": document_of(ResultKind(result.kind), passed=result.passed).value,
        "replaces": issue.replaces or None,
        "corrects": result.corrects,
        "station": dict(issue.station),
        "service": {"code": service.code, "name_zh": service.name_zh, "name_en": service.name_en},
        "client": issue.client,
        "object": object_of(service, result.inputs),
        "done_on": result.done_on.isoformat(),
        "valid_until": result.valid_until and result.valid_until.isoformat(),
        "issued_on": issue.on.isoformat(),
        "passed": result.passed,
        "measured": result.measured,
        "notes": result.notes,
        "file": {"name": file.name, "sha256": file.sha256.hex()} if file else None,
        "entered_by": str(result.entered_by),
        "verified_by": str(result.verified_by),
    }


def station_of(station: StationFacts) -> dict[str, str]:
    names = {"code": station.code, "name_zh": station.name_zh, "name_en": station.name_en}
    return names | {"address_zh": station.address_zh}


def object_of(service: ServiceInfo, inputs: Mapping[str, Any]) -> list[list[str]]:
    """What was measured or tested: key, both names of the question, the answer as it was given."""
    fields = {each.key: each for each in service.fields}
    return [
        [key, fields[key].label_zh, fields[key].label_en, _written(inputs[key])]
        for key in OBJECT_KEYS
        if key in fields and inputs.get(key) not in (None, "", [])
    ]


def _written(answer: object) -> str:
    return "、".join(map(str, answer)) if isinstance(answer, list) else str(answer)
