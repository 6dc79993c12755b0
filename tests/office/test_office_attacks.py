"""What staff try, or an attacker in their place, with addresses and forms of the office."""

import httpx
import pytest

from tests.support.people import People

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("days", [{"since": "0001-01-01"}, {"since": "0001-01-01", "until": "9999-12-31"}])
async def test_the_record_is_found_between_the_ends_of_the_calendar(
    client: httpx.AsyncClient, people: People, days: dict[str, str]
) -> None:
    auditor = await people.staff("auditor")
    auditor.browse(client)
    page = await client.get("/office/audit", params=days)
    listed = await client.get("/api/v1/audit", params=days, headers=auditor.bearer)
    assert (page.status_code, listed.status_code) == (200, 200)
