"""My account: what it shows, and changing name, password and mail address."""

import re

import httpx
import pytest
from fastapi import FastAPI

from tests.accounts.own import Me, me
from tests.conftest import Clock
from tests.support.people import ORGANISATION, PASSWORD, People

NEW = "seven green kettles sing"
LINK = re.compile(r"/account/address/confirm\?link=([\w-]+)")


@pytest.fixture
async def officer(app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People) -> Me:
    return await me(app, client, clock, people, await people.staff("officer"))


async def link_of(officer: Me, email: str = "new@example.com") -> str:
    """The secret of the link that was mailed to a new address."""
    await officer.post("/account/address", email=email, proof=PASSWORD)
    found = [LINK.search(str(text)) for _kind, to, text in await officer.mails() if to == email]
    assert found[-1]
    return found[-1][1]


async def test_it_shows_who_one_is_with_the_place_of_each_role(officer: Me) -> None:
    page = (await officer.get("/account")).text
    name = (await officer.rows("SELECT name_zh FROM station ORDER BY code LIMIT 1"))[0][0]
    assert "质量管家" in page
    assert str(name) in page
    assert "officer-1@example.com" in page
    assert "192.0.2.7" in page


async def test_a_county_and_the_whole_network_are_named_too(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
) -> None:
    county = await me(app, client, clock, people, await people.staff("county_admin", county="340202"))
    name = (await county.rows("SELECT name_zh FROM division WHERE adcode = '340202'"))[0][0]
    assert str(name) in (await county.get("/account")).text
    (await people.staff("city_admin")).browse(client)
    assert "全网" in (await county.get("/account")).text


async def test_an_enterprise_sees_the_organisations_it_acts_for(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
) -> None:
    owner = await me(app, client, clock, people, await people.enterprise())
    page = (await owner.get("/account")).text
    assert ORGANISATION in page
    assert "负责人" in page


async def test_nobody_is_led_to_the_sign_in(client: httpx.AsyncClient) -> None:
    for path in ("", "/name", "/password", "/address", "/sessions", "/keys", "/second-factor"):
        answer = await client.get(f"/account{path}")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")


async def test_name_and_language_are_changed(officer: Me) -> None:
    answer = await officer.post("/account/name", name="  王  芳 ", language="en")
    page = await officer.get(answer.headers["location"])
    assert "Name and language are as you gave them." in page.text
    assert "王  芳" in page.text
    assert "person.changed" in await officer.actions()
    recorded = await officer.rows("SELECT after::text FROM audit_entry WHERE action = 'person.changed'")
    assert "王" not in str(recorded)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x07b"])
async def test_a_name_must_be_one(officer: Me, name: str) -> None:
    assert (await officer.post("/account/name", name=name, language="zh-CN")).status_code == 422


# --- Password -----------------------------------------------------------------------------------------------------


async def test_the_password_is_changed_and_everybody_else_is_out(officer: Me) -> None:
    answer = await officer.post("/account/password", proof=PASSWORD, new=NEW, again=NEW)
    assert "密码已修改" in (await officer.get(answer.headers["location"])).text
    token = await officer.client.get("/api/v1/auth/keys", headers=officer.signed.bearer)
    assert token.status_code == 401
    assert "person.password_changed" in await officer.actions()
    assert [kind for kind, _to, _text in await officer.mails()] == ["account.password_changed"]
    assert (await officer.post("/account/password", proof=PASSWORD, new=NEW, again=NEW)).status_code == 422
    assert (await officer.post("/account/password", proof=NEW, new=PASSWORD, again=PASSWORD)).status_code == 303


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"proof": "wrong", "new": NEW, "again": NEW}, "proof"),
        ({"proof": "", "new": NEW, "again": NEW}, "proof"),
        ({"proof": PASSWORD, "new": NEW, "again": NEW + "!"}, "again"),
        ({"proof": PASSWORD, "new": "short", "again": "short"}, "new"),
        ({"proof": PASSWORD, "new": "password123", "again": "password123"}, "new"),
        ({"proof": PASSWORD, "new": "my officer-1 is here", "again": "my officer-1 is here"}, "new"),
    ],
)
async def test_a_password_is_not_changed_when_something_is_wrong(officer: Me, sent: dict[str, str], field: str) -> None:
    answer = await officer.post("/account/password", **sent)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert not any(sent[name] in answer.text for name in ("new", "again"))
    assert "person.password_changed" not in await officer.actions()


async def test_the_name_of_ones_organisation_is_no_password(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
) -> None:
    owner = await me(app, client, clock, people, await people.enterprise())
    own = f"{ORGANISATION}2026"
    assert (await owner.post("/account/password", proof=PASSWORD, new=own, again=own)).status_code == 422


async def test_who_comes_by_single_sign_on_sets_one_while_the_session_is_young(officer: Me, clock: Clock) -> None:
    await officer.rows("UPDATE person SET password_hash = NULL")
    assert "请先重新登录" not in (await officer.get("/account/password")).text
    clock.move(officer.app.state.callers.timeouts.idle / 2)
    assert "请先重新登录" in (await officer.get("/account/password")).text
    assert (await officer.post("/account/password", new=NEW, again=NEW)).status_code == 422
    await officer.rows("UPDATE signin_session SET created_at = %s", clock.now)
    assert (await officer.post("/account/password", new=NEW, again=NEW)).status_code == 303


async def test_who_has_no_password_but_a_second_factor_gives_its_code(officer: Me, clock: Clock) -> None:
    await officer.enrol()
    await officer.rows("UPDATE person SET password_hash = NULL")
    clock.move(officer.app.state.callers.timeouts.idle / 2)
    assert (await officer.post("/account/password", proof="000000", new=NEW, again=NEW)).status_code == 422
    assert (await officer.post("/account/password", proof=officer.code(), new=NEW, again=NEW)).status_code == 303


# --- Mail address --------------------------------------------------------------------------------------------------


async def test_a_new_address_counts_when_its_link_was_confirmed(officer: Me) -> None:
    secret = await link_of(officer)
    assert await officer.rows("SELECT 1 FROM person WHERE email = 'new@example.com'") == []
    page = await officer.get(f"/account/address/confirm?link={secret}")
    assert "new@example.com" in page.text
    assert page.headers["cache-control"].endswith("no-store")
    assert await officer.rows("SELECT 1 FROM person WHERE email = 'new@example.com'") == []
    answer = await officer.post("/account/address/confirm", link=secret)
    assert "今后账户邮件将发送到新邮箱" in (await officer.get(answer.headers["location"])).text
    told = [(kind, to) for kind, to, _text in await officer.mails()]
    assert told[-1] == ("account.address_changed", "officer-1@example.com")
    recorded = await officer.rows(
        "SELECT before::text, after::text FROM audit_entry WHERE action LIKE 'person.address%%'"
    )
    assert "new@example.com" not in str(recorded)


async def test_the_link_is_good_once_and_the_last_one_counts(officer: Me) -> None:
    first = await link_of(officer)
    second = await link_of(officer)
    assert (await officer.post("/account/address/confirm", link=first)).status_code == 410
    assert (await officer.post("/account/address/confirm", link=second)).status_code == 303
    assert (await officer.post("/account/address/confirm", link=second)).status_code == 410
    assert (await officer.get(f"/account/address/confirm?link={second}")).status_code == 410


async def test_the_link_may_be_opened_elsewhere(officer: Me) -> None:
    secret = await link_of(officer)
    officer.client.cookies.clear()
    assert (await officer.post("/account/address/confirm", link=secret)).headers["location"] == "/sign-in"
    assert await officer.rows("SELECT 1 FROM person WHERE email = 'new@example.com'")


async def test_a_closed_account_gets_no_address_any_more(officer: Me) -> None:
    secret = await link_of(officer)
    await officer.rows("UPDATE person SET closed_at = now(), email = NULL, username = NULL")
    officer.client.cookies.clear()
    assert (await officer.post("/account/address/confirm", link=secret)).status_code == 410
    assert await officer.rows("SELECT 1 FROM person WHERE email IS NOT NULL") == []


async def test_whether_an_address_is_taken_is_told_to_that_address_alone(officer: Me, people: People) -> None:
    taken = await people.enterprise()
    free = await officer.post("/account/address", email="free@example.com", proof=PASSWORD)
    other = await officer.post("/account/address", email=f"{taken.username}@example.com", proof=PASSWORD)
    assert free.text.replace("free@example.com", "X") == other.text.replace(f"{taken.username}@example.com", "X")
    text = str((await officer.mails())[-1][2])
    assert "已有账户" in text
    assert not LINK.search(text)


async def test_an_address_that_was_taken_meanwhile_is_refused(officer: Me, people: People) -> None:
    secret = await link_of(officer)
    taken = await people.enterprise()
    await officer.rows("UPDATE person SET email = 'new@example.com' WHERE id = %s", taken.id)
    assert (await officer.post("/account/address/confirm", link=secret)).status_code == 409


@pytest.mark.parametrize(("email", "proof"), [("nonsense", PASSWORD), ("", PASSWORD), ("new@example.com", "wrong")])
async def test_no_link_is_sent_when_something_is_wrong(officer: Me, email: str, proof: str) -> None:
    assert (await officer.post("/account/address", email=email, proof=proof)).status_code == 422
    assert await officer.mails() == []


async def test_a_mailbox_is_not_flooded_from_here(officer: Me) -> None:
    statuses = [
        (await officer.post("/account/address", email=f"n{n}@example.com", proof=PASSWORD)).status_code
        for n in range(7)
    ]
    assert statuses == [200] * 5 + [429] * 2


async def test_another_site_can_send_nothing_in_ones_name(officer: Me) -> None:
    hostile = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    form = {"proof": PASSWORD, "new": NEW, "again": NEW}
    answer = await officer.client.post("/account/password", data=form, headers=hostile)
    assert answer.status_code == 403
    assert "person.password_changed" not in await officer.actions()
