"""People are invited by mail, join, get roles and go; an organisation always has an owner."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from tests.conftest import Clock
from tests.enterprise.support import Town, code_of
from tests.support.people import Signed

pytestmark = pytest.mark.anyio
MAIL = "xiao.chen@example.com"


async def invite(browser: httpx.AsyncClient, path: str, email: str = MAIL, role: str = "delegate") -> httpx.Response:
    return await browser.post(f"{path}/invite", data={"email": email, "role": role})


async def accept(browser: httpx.AsyncClient, link: str) -> httpx.Response:
    return await browser.post("/organisation/join", data={"token": link.rpartition("/")[2]})


async def owner_of(town: Town) -> tuple[Signed, UUID, str]:
    owner = await town.people.enterprise()
    assert owner.organisation_id
    return owner, owner.organisation_id, f"/organisation/{owner.organisation_id}"


async def test_an_invitation_is_mailed_in_the_language_of_who_invites(town: Town):
    owner, _organisation, path = await owner_of(town)
    browser = town.browser(owner)
    answer = await invite(browser, path, f" {MAIL.upper()} ")
    assert answer.headers["location"] == f"{path}?done=invited"
    [(subject, body)] = await town.rows("SELECT subject, body FROM message WHERE recipient = %s", MAIL)
    assert subject == "邀请您为芜湖长江阀门有限公司办理业务"
    for words in ("测试人员", "7 天内有效", "/join/"):
        assert words in body
    page = await browser.get(path)
    assert MAIL in page.text
    [entry] = await town.recorded("invitation.sent")
    assert entry["after"]["email"] == "x***@example.com"


async def test_the_invited_reads_who_invites_to_what_before_signing_in(town: Town):
    owner, _organisation, path = await owner_of(town)
    await invite(town.browser(owner), path)
    link = f"/join/{await town.invited(MAIL)}"
    page = await town.browser().get(link)
    assert page.status_code == 200
    for words in ("芜湖长江阀门有限公司", "测试人员", "经办人", "/sign-in?next=", "/register?next="):
        assert words in page.text
    assert MAIL not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    secret = {"token": link.rpartition("/")[2]}
    assert (await town.browser().post("/organisation/join", data=secret)).headers["location"].startswith("/sign-in")


async def test_the_invited_joins_and_the_link_is_spent(town: Town):
    owner, organisation, path = await owner_of(town)
    await invite(town.browser(owner), path)
    guest = await town.person(MAIL)
    browser, link = town.browser(guest), f"/join/{await town.invited(MAIL)}"
    assert (await browser.get(path)).status_code == 404
    assert "接受邀请" in (await browser.get(link)).text
    assert (await accept(browser, link)).headers["location"] == f"{path}?done=joined"
    assert await town.roles(organisation) == {owner.id: "owner", guest.id: "delegate"}
    assert (await browser.get(path)).status_code == 200
    assert (await browser.get(link)).status_code == 410
    [entry] = await town.recorded("membership.added")
    assert entry["after"] == {"person": str(guest.id), "role": "delegate", "invited_by": str(owner.id)}


async def test_the_link_is_good_for_the_invited_address_alone(town: Town):
    owner, organisation, path = await owner_of(town)
    await invite(town.browser(owner), path, role="owner")
    link = f"/join/{await town.invited(MAIL)}"
    for other in (await town.person("other@example.com"), await town.people.staff("officer")):
        browser = town.browser(other)
        page = await browser.get(link)
        assert "该邀请属于另一个账户" in page.text
        assert MAIL not in page.text
        assert "该邀请属于另一个账户" in (await accept(browser, link)).text
    assert await town.roles(organisation) == {owner.id: "owner"}


async def test_a_link_ends_after_a_week_when_sent_again_and_when_withdrawn(town: Town, clock: Clock):
    owner, _organisation, path = await owner_of(town)
    browser = town.browser(owner)
    await invite(browser, path)
    first = await town.invited(MAIL)
    [(invitation,)] = await town.rows("SELECT id FROM mail_token WHERE withdrawn_at IS NULL")
    assert (await browser.post(f"{path}/invitations/{invitation}/resend")).status_code == 303
    second = await town.invited(MAIL)
    assert (await town.browser().get(f"/join/{first}")).status_code == 410
    assert (await town.browser().get(f"/join/{second}")).status_code == 200
    [(invitation,)] = await town.rows("SELECT id FROM mail_token WHERE withdrawn_at IS NULL")
    assert (await browser.post(f"{path}/invitations/{invitation}/withdraw")).status_code == 303
    assert (await town.browser().get(f"/join/{second}")).status_code == 410
    assert MAIL not in (await browser.get(path)).text
    await invite(browser, path)
    third = await town.invited(MAIL)
    clock.move(timedelta(days=7, minutes=1))
    assert (await town.browser().get(f"/join/{third}")).status_code == 410


async def test_an_invitation_of_another_organisation_cannot_be_touched(town: Town):
    owner, _organisation, path = await owner_of(town)
    await invite(town.browser(owner), path)
    [(invitation,)] = await town.rows("SELECT id FROM mail_token")
    other = await town.people.enterprise(uscc=code_of(8), name="别家公司")
    theirs = town.browser(other)
    for deed in ("resend", "withdraw"):
        answer = await theirs.post(f"/organisation/{other.organisation_id}/invitations/{invitation}/{deed}")
        assert answer.status_code == 404
    assert (await town.browser().get(f"/join/{await town.invited(MAIL)}")).status_code == 200


@pytest.mark.parametrize(
    ("email", "role", "words"),
    [
        ("", "delegate", "请填写被邀请人的邮箱"),
        ("nobody", "delegate", "邮箱"),
        ("a@example.com\nBcc: b@example.com", "delegate", "邮箱"),
        (MAIL, "", "请选择该人员的权限"),
        (MAIL, "city_admin", "请选择该人员的权限"),
    ],
)
async def test_a_wrong_invitation_is_not_sent(town: Town, email: str, role: str, words: str):
    owner, _organisation, path = await owner_of(town)
    answer = await invite(town.browser(owner), path, email, role)
    assert answer.status_code == 422
    assert words in answer.text
    assert await town.rows("SELECT 1 FROM mail_token") == []


async def test_who_belongs_to_it_already_is_not_invited_again(town: Town):
    owner, _organisation, path = await owner_of(town)
    answer = await invite(town.browser(owner), path, f"{owner.username}@example.com")
    assert answer.status_code == 422
    assert "此人已是该单位的经办人" in answer.text


async def test_fifty_invitations_a_day_are_enough(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.accounts.service.members.MOST_A_DAY", 2)
    owner, _organisation, path = await owner_of(town)
    browser = town.browser(owner)
    for n in range(2):
        assert (await invite(browser, path, f"guest{n}@example.com")).status_code == 303
    assert (await invite(browser, path)).status_code == 422


async def test_a_delegate_manages_nobody(town: Town):
    owner, organisation, path = await owner_of(town)
    delegate = await town.people.enterprise("delegate", organisation_id=organisation)
    browser = town.browser(delegate)
    page = await browser.get(path)
    assert page.status_code == 200
    assert f"{path}/invite" not in page.text
    assert f"{owner.username}@example.com" not in page.text
    assert (await browser.get(f"{path}/people/{owner.id}")).status_code == 403
    assert (await browser.post(f"{path}/people/{delegate.id}/role", data={"role": "owner"})).status_code == 403
    assert (await browser.post(f"{path}/people/{owner.id}/remove")).status_code == 403
    assert (await invite(browser, path)).status_code == 403
    assert await town.roles(organisation) == {owner.id: "owner", delegate.id: "delegate"}


async def test_another_role_counts_at_once_and_ends_the_sessions(town: Town):
    owner, organisation, path = await owner_of(town)
    delegate = await town.people.enterprise("delegate", organisation_id=organisation)
    browser = town.browser(owner)
    answer = await browser.post(f"{path}/people/{delegate.id}/role", data={"role": "owner"})
    assert answer.headers["location"] == f"{path}?done=changed"
    assert await town.roles(organisation) == {owner.id: "owner", delegate.id: "owner"}
    assert (await town.browser(delegate).get(path)).status_code == 303
    assert (await browser.get(path)).status_code == 200
    [entry] = await town.recorded("membership.changed")
    assert (entry["before"]["role"], entry["after"]["role"]) == ("delegate", "owner")


async def test_who_is_removed_sees_nothing_more_and_has_invited_nobody(town: Town):
    owner, organisation, path = await owner_of(town)
    second = await town.people.enterprise("owner", organisation_id=organisation)
    await invite(town.browser(second), path)
    link = await town.invited(MAIL)
    assert (await town.browser(owner).post(f"{path}/people/{second.id}/remove")).status_code == 303
    assert await town.roles(organisation) == {owner.id: "owner"}
    assert (await town.browser(second).get(path)).status_code == 303
    assert (await town.browser().get(f"/join/{link}")).status_code == 410


async def test_the_last_owner_stays_owner(town: Town):
    owner, organisation, path = await owner_of(town)
    await town.people.enterprise("delegate", organisation_id=organisation)
    browser = town.browser(owner)
    for deed, form in (
        (f"/people/{owner.id}/role", {"role": "delegate"}),
        (f"/people/{owner.id}/remove", {}),
        ("/leave", {}),
    ):
        answer = await browser.post(f"{path}{deed}", data=form)
        assert answer.status_code == 422, deed
        assert "至少要有一名负责人" in answer.text
    assert (await town.roles(organisation))[owner.id] == "owner"


async def test_leaving_is_everybodys_own_affair(town: Town):
    owner, organisation, path = await owner_of(town)
    delegate = await town.people.enterprise("delegate", organisation_id=organisation)
    browser = town.browser(delegate)
    assert (await browser.get(f"{path}/leave")).status_code == 200
    assert (await browser.post(f"{path}/leave")).headers["location"] == "/organisation?done=left"
    assert await town.roles(organisation) == {owner.id: "owner"}
    assert (await browser.get("/organisation?done=left")).status_code == 200
    assert (await browser.get(path)).status_code == 404


async def test_people_of_others_cannot_be_reached_through_ones_own(town: Town):
    owner, _organisation, path = await owner_of(town)
    other = await town.people.enterprise(uscc=code_of(8), name="别家公司")
    browser = town.browser(owner)
    for person in (other.id, uuid4()):
        assert (await browser.get(f"{path}/people/{person}")).status_code == 404
        assert (await browser.post(f"{path}/people/{person}/remove")).status_code == 404
        assert (await browser.post(f"{path}/people/{person}/role", data={"role": "owner"})).status_code == 404


async def test_another_site_cannot_make_a_browser_do_it(town: Town):
    owner, organisation, path = await owner_of(town)
    second = await town.people.enterprise("owner", organisation_id=organisation)
    forged = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = await town.browser(owner).post(f"{path}/people/{second.id}/remove", headers=forged)
    assert answer.status_code == 403
    assert len(await town.roles(organisation)) == 2
