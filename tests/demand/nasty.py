"""Files that nobody should have to fear, and the small tables that tests are made from."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence

from app.kit.tables import xlsx_bytes

CODES = ("91110000600037341L", "91110108551385082Q", "91110000MA0010001P")
ONE = {"经度": "118.376", "纬度": "31.334"}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def table(*rows: Mapping[str, object], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """A CSV with the columns of all rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def workbook(*rows: Mapping[str, object]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return xlsx_bytes(columns, [{name: row.get(name) for name in columns} for row in rows])


def raw_workbook(sheet: str, *, prolog: str = "", more: Sequence[tuple[str, bytes]] = (), strings: str = "") -> bytes:
    """A workbook whose sheet data is written by hand."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId7" Type="worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    if strings:
        parts["xl/sharedStrings.xml"] = strings
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for name, data in more:
            archive.writestr(name, data)
    return buffer.getvalue()


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f"<row r='1'>{cell('A1', '经度')}{cell('B1', '纬度')}</row>"
POINT = "<row r='2'><c r='A2'><v>118.376</v></c><c r='B2'><v>31.334</v></c></row>"
