"""Places in a list: read back as they were written, and refused when they are somebody else's."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.cursors import CursorInvalid, read_cursor, write_cursor

MOMENTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.integers(-(2**63) + 1, 2**63 - 1), TEXTS, MOMENTS, st.uuids())
def test_a_place_comes_back(number: int, text: str, moment: datetime, row: UUID) -> None:
    cursor = write_cursor(number, text, moment, row)
    assert cursor.isascii()
    assert read_cursor(cursor, int, str, datetime, UUID) == (number, text, moment, row)


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "中", "AAAA", "e30", write_cursor(1), write_cursor("a", "b"), write_cursor(True, "b"),
     write_cursor(2**63, "b"), write_cursor(1, "\0"), write_cursor(1, "b", 2)],
)  # fmt: skip
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalid) as refused:
        read_cursor(cursor, int, str)
    assert [error.field for error in refused.value.errors] == ["cursor"]


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(CursorInvalid):
        read_cursor(write_cursor("2026-12-01T09:00:00"), datetime)
