"""A ledger as CSV or XLSX, in the columns of the national e-CQS ledger and in its words."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from starlette.responses import Response

from app.catalogue.forms import FormField
from app.kit.tables import CSV, XLSX, SheetKind, xlsx_bytes
from app.ledger.fields import ALL, FIELDS, HEADED, REGION, SERVICE
from app.ledger.files.cells import marked, marked_in_workbook
from app.ledger.queries import Listed
from app.ledger.rows import World

Width = Literal["standard", "all"]
EXAMPLE: Mapping[str, Any] = {
    "instrument_name": "弹性元件式一般压力表", "model_spec": "Y-100", "measuring_range": "(0~1.6) MPa",
    "accuracy_class": "1.6级", "serial_no": "20240117", "manufacturer": "某某仪表厂", "install_location": "1号锅炉房",
    "use_region_code": "镜湖区", "quantity": 1, "use_purpose": "安全防护", "delivery": "送检",
}  # fmt: skip


def ledger_file(kind: SheetKind, width: Width, rows: Iterable[Listed], world: World) -> Response:
    """The instruments; `all` has what this ledger keeps beside the national columns to their right."""
    fields = ALL if width == "all" else FIELDS
    return _response(kind, "instruments", fields, ([_value(field.key, row, world) for field in fields] for row in rows))


def template_file(kind: SheetKind) -> Response:
    """A table to fill in, with one row as an example; what may be left out stands to the right, empty."""
    return _response(kind, "instruments-template", ALL, [[EXAMPLE.get(field.key) for field in ALL]])


def _value(key: str, row: Listed, world: World) -> object:
    """A cell, always in Chinese: the file is the national ledger's, whoever takes it along."""
    if key == SERVICE:
        service = world.catalogue.by_id.get(row.service_id or 0)
        return service.code if service else None
    value = getattr(row, key)
    if key in HEADED and value is not None:
        return HEADED[key][value]
    if key == REGION and value is not None:
        division = world.directory.atlas.division_by_code.get(value)
        return division.name_zh if division else value
    return value


def _response(kind: SheetKind, name: str, fields: Sequence[FormField], rows: Iterable[Sequence[object]]) -> Response:
    heads = [field.label_zh for field in fields]
    body = _csv(heads, rows) if kind == "csv" else _xlsx(heads, rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Vary": "Accept"}
    headers["Cache-Control"] = "private, no-store"
    return Response(body, media_type=CSV if kind == "csv" else XLSX, headers=headers)


def _csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to see that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_text(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _text(value: object) -> str:
    if value is None:
        return ""
    return marked(value) if isinstance(value, str) else value.isoformat() if isinstance(value, date) else str(value)


def _xlsx(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    def cells(row: Sequence[object]) -> dict[str, object]:
        words = (marked_in_workbook(value) if isinstance(value, str) else value for value in row)
        return dict(zip(heads, words, strict=True))

    return xlsx_bytes(heads, map(cells, rows))
