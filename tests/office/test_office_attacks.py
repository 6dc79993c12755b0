"""What staff try, or an attacker in their place, with addresses and forms of the office."""

import httpx
import pytest

from tests.support.people import People, Signed

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


class TestTheWayInOfWhoAlsoActsForAFirm:
    """Whoever decides how somebody gets in could come in as this person, and see the firm's requests."""

    async def _both(self, people: People) -> Signed:
        firm = await people.enterprise()
        officer = await people.staff("officer")
        await people.join(officer.id, firm.organisation_id)
        return officer

    @pytest.mark.parametrize(
        ("what", "form"),
        [
            ("facts", {"name": "某某", "email": "manager@example.com"}),
            ("link", {}),
            ("reset", {"reason": "当面核对过身份证件"}),
        ],
    )
    async def test_it_is_not_for_a_manager_to_decide(
        self, client: httpx.AsyncClient, people: People, what: str, form: dict[str, str]
    ) -> None:
        officer = await self._both(people)
        (await people.staff("manager")).browse(client)
        answer = await client.post(f"/office/people/{officer.id}/{what}", data=form)
        assert answer.status_code == 403

    async def test_disabling_is(self, client: httpx.AsyncClient, people: People) -> None:
        officer = await self._both(people)
        (await people.staff("manager")).browse(client)
        answer = await client.post(f"/office/people/{officer.id}/disable", data={"reason": "已离职，岗位取消"})
        assert answer.status_code == 303

    async def test_the_page_says_so(self, client: httpx.AsyncClient, people: People) -> None:
        officer = await self._both(people)
        (await people.staff("manager")).browse(client)
        page = await client.get(f"/office/people/{officer.id}?lang=en")
        assert "also acts for an organisation" in page.text
        assert f"/office/people/{officer.id}/link" not in page.text
