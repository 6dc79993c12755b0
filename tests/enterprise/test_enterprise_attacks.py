"""What somebody with an organisation tries, which anybody can make: registration is open."""

import httpx
import pytest

from tests.enterprise.support import Town, code_of

pytestmark = pytest.mark.anyio
STRANGER = "somebody.else@example.com"
ALLOWED = 5


async def mails_to(town: Town, address: str) -> int:
    [(found,)] = await town.rows("SELECT count(*) FROM message WHERE recipient = %s", address)
    return int(found)


async def invite(browser: httpx.AsyncClient, path: str) -> httpx.Response:
    return await browser.post(f"{path}/invite", data={"email": STRANGER, "role": "owner"})


async def test_a_stranger_is_not_flooded_with_invitations_of_one_organisation_or_of_several(town: Town) -> None:
    for n in range(3):
        owner = await town.people.enterprise(uscc=code_of(n))
        browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}"
        answers = [await invite(browser, path) for _ in range(3)]
    assert answers[-1].status_code == 422
    assert await mails_to(town, STRANGER) == ALLOWED


async def test_an_invitation_is_not_sent_once_more_without_end(town: Town) -> None:
    owner = await town.people.enterprise()
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}"
    answer = await invite(browser, path)
    for _ in range(ALLOWED + 1):
        [(waiting,)] = await town.rows("SELECT id FROM mail_token WHERE withdrawn_at IS NULL")
        answer = await browser.post(f"{path}/invitations/{waiting}/resend")
    assert answer.status_code == 429
    assert await mails_to(town, STRANGER) == ALLOWED


async def test_a_stranger_is_not_flooded_with_addresses_to_confirm_by_several_accounts(town: Town) -> None:
    for _ in range(3):
        somebody = await town.person()
        await town.give_password(somebody)
        browser = town.browser(somebody)
        for _again in range(3):
            form = {"email": STRANGER, "proof": "a pump for every valley"}
            assert (await browser.post("/account/address", data=form)).status_code == 200
    assert await mails_to(town, STRANGER) == ALLOWED
