"""How a table fits on paper: nothing is lost, no number breaks, and what is too wide is cut with its row heads."""

from hypothesis import given
from hypothesis import strategies as st

from app.web.sheets import PADDING, TALL, WIDE, ems, laid_out, longest_part

WORDS = st.sampled_from(["县", "芜湖经济技术开发区", "Stations that may do it", "No.", "距离（千米）", "Appointments"])
CELLS = st.sampled_from(["1", "1,234,567.89", "98.60%", "弋江区", "Wuhu Economic Zone", "–", ""])


Table = tuple[list[str], list[list[str]], list[bool], int]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(2, 60))
    heads = draw(st.lists(WORDS, min_size=width, max_size=width))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=4))
    whole = draw(st.lists(st.booleans(), min_size=width, max_size=width))
    return heads, rows, whole, draw(st.integers(1, min(3, width - 1)))


@given(tables())
def test_every_column_is_somewhere_and_the_first_ones_everywhere(
    table: Table,
):
    heads, rows, whole, kept = table
    sheet = laid_out(heads, rows, whole, kept)
    assert all(block[:kept] == list(range(kept)) for block in sheet.blocks)
    assert [n for block in sheet.blocks for n in block[kept:]] == list(range(kept, len(heads)))
    room = WIDE if sheet.turned else TALL
    for block, widths in zip(sheet.blocks, sheet.widths, strict=True):
        assert len(widths) == len(block)
        assert sum(widths) <= room + 0.01 * len(widths)
        assert sum(widths) >= room * 0.98


@given(tables())
def test_no_number_and_no_word_breaks(table: Table):
    heads, rows, whole, kept = table
    sheet = laid_out(heads, rows, whole, kept)
    for block, widths in zip(sheet.blocks, sheet.widths, strict=True):
        for n, width in zip(block, widths, strict=True):
            cells = [row[n] for row in rows]
            least = max([longest_part(heads[n]), *map(ems if whole[n] else longest_part, cells)])
            assert width >= least * sheet.size + PADDING - 0.02


def test_the_page_is_turned_and_the_type_made_smaller_only_where_that_is_needed():
    def sheet(columns: int) -> tuple[bool, float, int]:
        heads, row = ["区县", *["可达比例"] * columns], ["弋江区", *["98.60%"] * columns]
        laid = laid_out(heads, [row], [False, *[True] * columns])
        return laid.turned, laid.size, len(laid.blocks)

    found = [sheet(columns) for columns in (3, 15, 21, 60)]
    assert found == [(False, 9.0, 1), (True, 8.5, 1), (True, 7.5, 1), (True, 7.5, 3)]


def test_chinese_is_wider_than_latin_and_a_little_is_between_them():
    assert ems("千米") == 2
    assert ems("15千米") > ems("15") + ems("千米")
    assert longest_part("弋江区 Wuhu") < ems("弋江区 Wuhu")
