"""What somebody tries with lists and texts of requests who has read how they work."""

import httpx
import pytest

from app.requests.masking import masked_text
from tests.support.people import People

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-30", "0001-01-01"])
async def test_days_at_either_end_of_the_calendar_find_nothing_and_break_nothing(
    client: httpx.AsyncClient, people: People, day: str
) -> None:
    officer = await people.staff("officer", station="WH-JH-01")
    officer.browse(client)
    listed = await client.get("/api/v1/requests", params={"day": day}, headers=officer.bearer)
    page = await client.get("/office/requests", params={"day": day})
    assert (listed.status_code, page.status_code) == (200, 200)
    assert listed.json()["items"] == []


@pytest.mark.parametrize(
    "number",
    [
        "138.1234.5678",
        "138——1234——5678",
        "138  1234  5678",
        "(138) 1234-5678",
        "（0553）588·1234",
        "１３８１２３４５６７８",
    ],
)
async def test_a_number_in_a_note_is_masked_however_its_groups_are_set_off(number: str) -> None:
    masked = masked_text(f"电话{number}，谢谢")
    assert "***" in masked
    assert "1234" not in masked.removesuffix("34，谢谢")
    assert "１２３４" not in masked


async def test_an_address_in_a_note_is_masked_with_a_full_width_sign_too() -> None:
    assert "zhang.san" not in masked_text("写信到 zhang.san＠example.com")
