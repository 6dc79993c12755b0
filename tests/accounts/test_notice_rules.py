from datetime import date

from app.accounts.rules.notice import Block, Notice, Operator, blocks, fill, in_force


def notice(version: str, text: str = "") -> Notice:
    return Notice(version, text, text)


def test_the_newest_notice_that_has_begun_is_in_force():
    versions = [notice("2026-05-01"), notice("2027-01-01"), notice("2026-11-23")]
    assert in_force(versions, date(2026, 12, 31)).version == "2026-11-23"
    assert in_force(versions, date(2027, 1, 1)).version == "2027-01-01"


def test_before_the_first_notice_has_begun_it_is_in_force_all_the_same():
    assert in_force([notice("2026-11-23")], date(2020, 1, 1)).version == "2026-11-23"


def test_a_line_whose_place_has_no_value_is_left_out():
    text = "one\nOperator: {operator}\nContact: {contact}\ntwo"
    assert fill(text, {"operator": "芜湖质站", "contact": ""}) == "one\nOperator: 芜湖质站\ntwo"


def test_the_operators_chinese_name_stands_in_for_a_missing_english_one():
    filled = Operator(name_zh="芜湖质站").filled(notice("1", "Operator: {operator}"))
    assert filled.text_en == "Operator: 芜湖质站"


def test_a_text_is_taken_apart_into_title_headings_paragraphs_and_lists():
    assert blocks("# T\n\n## H\n\na\nb\n- x\n- y\n\n- z\nc") == [
        Block("title", ("T",)),
        Block("heading", ("H",)),
        Block("paragraph", ("a",)),
        Block("paragraph", ("b",)),
        Block("list", ("x", "y", "z")),
        Block("paragraph", ("c",)),
    ]
