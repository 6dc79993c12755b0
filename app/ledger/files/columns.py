"""The columns of a file of instruments, by the names that people give them. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from app.demand.registers.errors import FileError
from app.kit.text import to_halfwidth
from app.ledger.fields import ALL, FIELDS, NAME

ALSO: Mapping[str, tuple[str, ...]] = {
    "instrument_name": ("计量器具名称", "器具", "名称", "设备名称", "仪器名称"),
    "model_spec": ("规格型号", "型号", "规格", "型号/规格"),
    "measuring_range": ("量程", "测量范围/量程"),
    "accuracy_class": ("准确度", "精度等级", "精度", "准确度等级/最大允许误差", "最大允许误差"),
    "serial_no": ("编号", "器具编号", "序列号", "出厂号", "出厂编号/器具编号"),
    "manufacturer": ("制造厂", "制造厂家", "制造单位", "生产厂商", "生产单位", "生产企业", "厂家"),
    "install_location": ("安装地点", "安装使用地点", "安装/使用地点", "存放地点", "使用单位地址"),
    "use_region_code": ("区划", "行政区划代码", "使用地点行政区划", "所属区划", "区县"),
    "quantity": ("台数", "数量(台/件)"),
    "use_purpose": ("使用用途", "强检用途", "使用目的"),
    "delivery": ("检定方式", "送检形式"),
    "service_code": ("检定项目", "项目", "服务项目编码"),
    "interval_months": ("检定周期", "周期", "检定周期月", "周期(月)"),
    "last_cert_no": ("证书编号", "证书号", "检定证书编号"),
    "last_cert_date": ("检定日期", "上次检定时间", "最近检定日期", "上次检定/校准日期"),
    "valid_until": ("有效期", "有效日期", "有效期止", "下次检定日期", "到期日"),
    "ecqs_record_no": ("备案编号", "e-CQS备案号", "强检备案号", "e-CQS备案/预约单号"),
}
MOST_BEFORE = 10
"""So many rows may stand before the names of the columns: a title, a date, who has filled it in."""
MOST_NAMED, LONGEST_NAME = 12, 24
_IN_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")
_SIGNS = re.compile(r"[\s*:_/、·.-]+")


def _folded(name: str) -> str:
    """A name without what people change in it: width, capitals, blanks, stars, what stands in brackets."""
    return _SIGNS.sub("", _IN_BRACKETS.sub("", to_halfwidth(name).casefold()))


_BY_NAME = {
    _folded(name): field.key for field in ALL for name in (field.key, field.label_zh, field.label_en, *ALSO[field.key])
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each known column stands in a row, from 0; and the names of those that are not looked at."""

    places: Mapping[str, int]
    ignored: tuple[str, ...]


def columns_among(rows: Iterator[tuple[int, list[str]]]) -> Columns:
    """The columns of the first row that names the instruments; the rows below it are left. Raises FileError."""
    for _line, cells in islice(rows, MOST_BEFORE):
        keys = [_BY_NAME.get(_folded(cell), "") for cell in cells]
        if NAME in keys and sum(map(bool, keys)) > 1:
            return _columns(cells, keys)
    raise FileError("no_names", columns=" · ".join(field.label_zh for field in FIELDS))


def _columns(cells: Sequence[str], keys: Sequence[str]) -> Columns:
    places: dict[str, int] = {}
    for place, key in enumerate(keys):
        if key in places:
            raise FileError("column_twice", first=cells[places[key]], second=cells[place])
        if key:
            places[key] = place
    ignored = [cell[:LONGEST_NAME] for cell, key in zip(cells, keys, strict=True) if cell and not key]
    return Columns(places, tuple(ignored[:MOST_NAMED]))
