"""What is kept of a finding, and what is refused: values, dates, verdicts, and the digest of what a document says."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.deliverables import ResultKind, result_of
from app.results.rules import TABLES, Finding, Setting, canonical, digest_of, judge, table_for, usually_until

TODAY = date(2026, 12, 1)
PRESSURE = TABLES["pressure"]
ROW = {"point": "0.40", "up": "0.402", "down": "0.405"}


def setting(kind: ResultKind = ResultKind.VERIFICATION, table: str = "pressure", months: int | None = 6) -> Setting:
    return Setting(kind, TABLES[table], months, TODAY - timedelta(days=10), TODAY)


def faults(finding: Finding, at: Setting | None = None) -> dict[str, str]:
    return {each.field: each.code for each in judge(finding, at or setting())[1]}


@pytest.mark.parametrize(
    ("done_on", "months", "until"),
    [
        ("2026-08-31", 6, "2027-02-27"),  # there is no 31 February: the last day, minus one
        ("2027-08-31", 6, "2028-02-28"),  # a leap year
        ("2026-12-01", 6, "2027-05-31"),
        ("2026-01-01", 12, "2026-12-31"),
        ("2024-02-29", 12, "2025-02-27"),
        ("2026-03-31", 1, "2026-04-29"),
    ],
)
def test_it_holds_for_the_months_minus_one_day_and_a_short_month_ends_it(done_on: str, months: int, until: str):
    assert usually_until(date.fromisoformat(done_on), months, passed=True) == date.fromisoformat(until)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_the_day_after_the_last_one_lies_so_many_months_later(done_on: date, months: int):
    until = usually_until(done_on, months, passed=True)
    assert until is not None
    after = until + timedelta(days=1)
    assert (after.year * 12 + after.month) - (done_on.year * 12 + done_on.month) == months
    last = after.day < done_on.day and (after + timedelta(days=1)).day == 1
    assert after.day == done_on.day or last


def test_values_stay_as_they_were_read_and_what_follows_is_computed():
    judged, errors = judge(
        Finding(TODAY, passed=True, unit="MPa", rows=[ROW, {"point": "1.6", "up": "1.58"}]), setting()
    )
    assert errors == []
    assert judged.table is not None
    assert [column[0] for column in judged.table["columns"]] == ["point", "up", "down", "error", "hysteresis"]
    assert judged.table["rows"] == [["0.40", "0.402", "0.405", "0.005", "0.003"], ["1.6", "1.58", "", "-0.02", ""]]
    assert judged.valid_until == date(2027, 5, 31)


def test_the_documents_own_day_wins_over_the_interval():
    found = Finding(TODAY, passed=True, valid_until=date(2027, 2, 28), unit="MPa", rows=[ROW])
    assert judge(found, setting())[0].valid_until == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"rows": ()}, {"rows": "nothing_found"}),
        ({"rows": [{"point": ""}]}, {"rows": "nothing_found"}),
        ({"rows": [{"point": "0.4", "up": "viel"}]}, {"rows.0.up": "no_number"}),
        ({"rows": [{"point": "0,4", "up": "0.4"}]}, {"rows.0.point": "no_number"}),
        ({"rows": [{"point": "1e5", "up": "0.4"}]}, {"rows.0.point": "no_number"}),
        ({"rows": [ROW, {"point": "0.4"}]}, {"rows.1.up": "value_missing"}),
        ({"rows": [{**ROW, "error": "0"}]}, {"rows.0.error": "computed_column"}),
        ({"rows": [{**ROW, "colour": "0"}]}, {"rows.0.colour": "unknown_column"}),
        ({"rows": [ROW] * 201}, {"rows": "too_many_rows"}),
        ({"unit": "bar²"}, {"unit": "unit_unknown"}),
        ({"passed": None}, {"passed": "verdict_missing"}),
        ({"done_on": TODAY + timedelta(days=1)}, {"done_on": "day_ahead"}),
        ({"done_on": TODAY - timedelta(days=11)}, {"done_on": "before_request"}),
        ({"valid_until": TODAY - timedelta(days=1)}, {"valid_until": "ends_before"}),
        ({"valid_until": date(2062, 1, 1)}, {"valid_until": "too_far"}),
        ({"passed": False, "valid_until": date(2027, 1, 1)}, {"valid_until": "failed_not_valid"}),
        ({"notes": {"conclusion": "合格"}}, {"conclusion": "conclusion_of_report"}),
    ],
)
def test_what_is_wrong_is_named_by_its_field(more: dict[str, Any], expected: dict[str, str]):
    assert faults(Finding(**{"done_on": TODAY, "passed": True, "unit": "MPa", "rows": [ROW], **more})) == expected


def test_what_has_failed_holds_until_no_day():
    assert judge(Finding(TODAY, passed=False, unit="MPa", rows=[ROW]), setting())[0].valid_until is None


@pytest.mark.parametrize("kind", [ResultKind.CALIBRATION, ResultKind.REPORT])
@pytest.mark.parametrize("passed", [True, False])
def test_only_a_verification_has_a_verdict(kind: ResultKind, passed: bool):
    rows = [{"item": "外观", "result": "完好"}]
    at = setting(kind, "generic", None)
    assert faults(Finding(TODAY, passed=passed, rows=rows), at) == {"passed": "no_verdict"}
    judged, errors = judge(Finding(TODAY, rows=rows), at)
    assert (judged.passed, judged.valid_until, errors) == (None, None, [])


def test_full_width_digits_and_a_minus_sign_are_read():
    judged, errors = judge(Finding(TODAY, True, unit="℃", rows=[{"standard": "−１０．０", "indication": " -9.8"}]),
                           setting(table="temperature"))  # fmt: skip
    assert errors == []
    assert judged.table is not None
    assert judged.table["rows"] == [["-10.0", "-9.8", "-0.2"]]


@pytest.mark.parametrize(
    ("kind", "name", "table"),
    [
        ("verification", "弹性元件式一般压力表检定", "pressure"),
        ("verification", "血压计和血压表检定", "generic"),
        ("verification", "电子汽车衡检定", "weighing"),
        ("calibration", "温湿度计校准", "temperature"),
        ("verification", "通用卡尺检定/校准", "length"),
        ("verification", "声级计检定", "generic"),
        ("report", "温度计安全测试", "tested"),
    ],
)
def test_a_service_has_the_table_of_what_it_measures(kind: str, name: str, table: str):
    assert table_for(ResultKind(kind), name).key == table


@pytest.mark.parametrize(
    ("category", "deliverable", "kind"),
    [
        ("metrology", "检定证书;不合格时为检定结果通知书", "verification"),
        ("metrology", "校准证书", "calibration"),
        ("testing", "检验检测报告", "report"),
        ("testing", "安全阀校验报告", "report"),
        ("testing", "机时使用记录", None),
        ("certification", "认证证书", None),
        ("standards", "标准查新报告", None),
        ("metrology", "咨询/诊断记录", None),
    ],
)
def test_only_what_a_station_has_measured_or_tested_itself_gives_a_document(
    category: str, deliverable: str, kind: str | None
):
    assert result_of(category, deliverable) == kind


def test_the_digest_depends_on_everything_but_the_order_of_keys():
    one, other = {"a": "1.60", "b": [1, None]}, {"b": [1, None], "a": "1.60"}
    assert canonical(one) == canonical(other) == b'{"a":"1.60","b":[1,null]}'
    assert digest_of(one) == digest_of(other) != digest_of({**one, "a": "1.6"})
