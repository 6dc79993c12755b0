"""My data: told what is kept, taken along, agreed to, and deleted with the account."""

import csv
import io
import re
import zipfile
from datetime import timedelta
from typing import LiteralString

import httpx
import orjson
import pytest

from app.enterprise.retention import RULES
from app.kit.retention import apply
from app.requests.rules import ENDED
from tests.conftest import Clock
from tests.enterprise.support import PASSWORD, Town, code_of
from tests.requests.booking import Booker
from tests.requests.onsite import ADDRESS, Visits
from tests.support.people import Signed

pytestmark = pytest.mark.anyio
CLAIMED: LiteralString = "UPDATE request SET organisation_id = %s, person_id = %s WHERE reference = %s"
SECRETS = ("argon2", "hash", "sealed", "$")


@pytest.fixture
async def owner(town: Town) -> Signed:
    return await town.people.enterprise()


async def own(town: Town, who: Signed, booker: Booker, *, over: bool = False, **more: object) -> str:
    """A request that the person has sent."""
    booked = await booker.book(**more)
    if over:
        await booker.cancel(booked)
    await town.rows(CLAIMED, who.organisation_id, who.id, booked["reference"])
    return str(booked["reference"])


async def close(browser: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await browser.post("/account/close", data={"proof": PASSWORD, "sure": "yes"} | form)


async def test_the_page_says_what_is_kept_why_and_how_long(town: Town, owner: Signed):
    page = await town.browser(owner).get("/account/data")
    assert page.status_code == 200
    for words in ("保存了哪些信息", "3 年", "90 天", "《个人信息保护法》", "/account/close", "/account/name"):
        assert words in page.text


async def test_a_copy_as_json_has_everything_and_no_secret(town: Town, owner: Signed, booker: Booker):
    reference = await own(town, owner, booker)
    await own(town, await town.people.enterprise(uscc=code_of(7), name="别家公司"), booker)
    await town.give_password(owner)
    browser = town.browser(owner)
    answer = await browser.post("/account/data/export", data={"format": "json"})
    assert answer.headers["content-disposition"] == 'attachment; filename="onestop-my-data-2026-12-01.json"'
    kept = orjson.loads(answer.content)
    assert kept["account"][0]["email"] == f"{owner.username}@example.com"
    assert [each["name"] for each in kept["organisations"]] == ["芜湖长江阀门有限公司"]
    [request] = kept["requests"]
    assert request["reference"] == reference
    assert request["contact_name"] == "王芳"
    assert request["items"][0]["inputs"]["serial_no"] == "20260001"
    assert request["timeline"][0]["text_en"].startswith("The request was sent")
    assert len(kept["sessions"]) == 2
    assert not [word for word in SECRETS if word in answer.text]
    again = orjson.loads((await browser.post("/account/data/export", data={"format": "json"})).content)
    assert [each["action"] for each in again["record"]][-1] == "data.exported"
    assert len(await town.recorded("data.exported")) == 2


async def test_a_copy_as_csv_is_a_file_a_kind_and_runs_nothing(town: Town, owner: Signed, booker: Booker):
    await own(town, owner, booker, note="=HYPERLINK(1)")
    answer = await town.browser(owner).post("/account/data/export", data={"format": "csv"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"account.csv", "requests.csv", "request_items.csv", "request_timeline.csv"} <= set(archive.namelist())
        data = archive.read("requests.csv")
    assert data.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert row["note"] == "'=HYPERLINK(1)"


async def test_a_copy_is_never_given_by_a_link(town: Town, owner: Signed):
    assert (await town.browser(owner).get("/account/data/export")).status_code == 405
    assert (await town.browser().post("/account/data/export")).status_code == 303


async def test_a_new_notice_is_asked_about_until_it_is_agreed_to(town: Town, owner: Signed):
    browser, path = town.browser(owner), f"/organisation/{owner.organisation_id}"
    assert "请阅读并同意隐私说明" in (await browser.get(path)).text
    await town.rows("UPDATE person SET consent_version = '2025-01-01'")
    assert "隐私说明已更新" in (await browser.get(path)).text
    wrong = await browser.post("/account/data/consent", data={"version": "2020-01-01"})
    assert wrong.headers["location"] == "/account/data?done=changed"
    answer = await browser.post("/account/data/consent", data={"version": "2026-11-28", "back": path})
    assert answer.headers["location"] == path
    assert "隐私说明已更新" not in (await browser.get(path)).text
    assert "2026-11-28" in (await browser.get("/account/data")).text
    [entry] = await town.recorded("consent.given")
    assert entry["after"] == {"version": "2026-11-28"}


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_agreeing_leads_nowhere_else(town: Town, owner: Signed, back: str):
    form = {"version": "2026-11-28", "back": back}
    assert (await town.browser(owner).post("/account/data/consent", data=form)).headers["location"] == "/"


# --- Closing ---------------------------------------------------------------------------------------------------------


async def test_closing_takes_away_what_names_the_person(town: Town, owner: Signed, booker: Booker):
    await town.give_password(owner)
    over = await own(town, owner, booker, over=True)
    going_on = await own(town, owner, booker)
    browser = town.browser(owner)
    assert "尚未办结" in (await browser.get("/account/close")).text
    answer = await close(browser)
    assert answer.status_code == 200
    assert "您的账户已注销" in answer.text
    assert "测试人员" not in answer.text
    [person] = await town.rows("SELECT username, email, name, mobile, password_hash, closed_at IS NOT NULL FROM person")
    assert person == (None, None, "", None, None, True)
    assert await town.rows("SELECT count(*) FROM signin_session WHERE ended_at IS NULL OR address <> ''") == [(0,)]
    rows = dict(await town.rows("SELECT reference, (contact_name, mobile, email, note, lon)::text FROM request"))
    assert rows[over] == '("","",,,)'
    assert "王芳" in rows[going_on]
    assert await town.rows("SELECT count(*) FROM organisation WHERE closed_at IS NULL") == [(0,)]
    assert (await browser.get("/account/data")).status_code == 303
    assert (await town.browser().get("/api/v1/organisations", headers=owner.bearer)).status_code == 401
    [(subject,)] = await town.rows("SELECT subject FROM message WHERE kind = 'account.closed'")
    assert subject == "您的账户已注销"
    [entry] = await town.recorded("person.closed")
    assert entry["object"] == str(owner.id)


async def test_what_was_not_over_loses_the_name_when_it_is(town: Town, owner: Signed, booker: Booker, clock: Clock):
    booked = await booker.book()
    await town.rows(CLAIMED, owner.organisation_id, owner.id, booked["reference"])
    await close(town.browser(owner))
    await booker.cancel(booked)
    assert [each.count for each in await apply(town.database, RULES, clock.now)] == [0]
    assert [each.count for each in await apply(town.database, RULES, clock.now + timedelta(days=2))] == [1]
    assert await town.rows("SELECT contact_name, mobile, email FROM request") == [("", "", None)]


async def test_a_site_is_taken_along_and_goes_with_the_name(town: Town, owner: Signed, booker: Booker, clock: Clock):
    booked = await Visits(booker).book(contact_name="李工")
    await town.rows(CLAIMED, owner.organisation_id, owner.id, booked["reference"])
    await town.give_password(owner)
    browser = town.browser(owner)
    [request] = orjson.loads((await browser.post("/account/data/export", data={"format": "json"})).content)["requests"]
    assert (request["site"]["address"], request["site"]["contact_name"]) == (ADDRESS, "李工")
    assert request["start"] == booked["appointment"]["start"]
    await close(browser)
    await booker.cancel(booked)
    await apply(town.database, RULES, clock.now + timedelta(days=2))
    assert await town.rows("SELECT site FROM request") == [(None,)]


def test_the_rule_knows_every_state_in_which_a_request_is_over():
    assert set(re.findall(r"'(\w+)'", RULES[0].over)) == {state.value for state in ENDED}


async def test_the_mail_address_is_free_again(town: Town, owner: Signed):
    await town.give_password(owner)
    await close(town.browser(owner))
    assert await town.person(f"{owner.username}@example.com")


@pytest.mark.parametrize(
    ("form", "words"),
    [({"sure": ""}, "请先勾选确认"), ({"proof": "wrong"}, "输入不正确"), ({"proof": ""}, "输入不正确")],
)
async def test_closing_wants_a_password_and_a_tick(town: Town, owner: Signed, form: dict[str, str], words: str):
    await town.give_password(owner)
    answer = await close(town.browser(owner), **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert await town.rows("SELECT 1 FROM person WHERE closed_at IS NOT NULL") == []


async def test_the_password_cannot_be_guessed_here_either(town: Town, owner: Signed):
    await town.give_password(owner)
    browser = town.browser(owner)
    answers = [await close(browser, proof=f"guess {n}") for n in range(6)]
    assert answers[-1].status_code == 429
    assert (await close(browser)).status_code == 429


async def test_who_has_no_password_must_have_signed_in_lately(town: Town, owner: Signed, clock: Clock):
    clock.move(timedelta(minutes=11))
    browser = town.browser(owner)
    assert (await close(browser)).status_code == 422
    clock.move(timedelta(minutes=-11))
    assert (await close(browser)).status_code == 200


async def test_the_last_owner_of_others_cannot_go(town: Town, owner: Signed):
    await town.give_password(owner)
    await town.people.enterprise("delegate", organisation_id=owner.organisation_id)
    answer = await close(town.browser(owner))
    assert answer.status_code == 422
    assert "唯一的负责人" in answer.text
    assert await town.rows("SELECT 1 FROM person WHERE closed_at IS NOT NULL") == []
    assert len(await town.rows("SELECT 1 FROM membership")) == 2


async def test_a_delegate_goes_and_the_organisation_stays(town: Town, owner: Signed):
    delegate = await town.people.enterprise("delegate", organisation_id=owner.organisation_id)
    await town.give_password(delegate)
    assert (await close(town.browser(delegate))).status_code == 200
    assert owner.organisation_id
    assert await town.roles(owner.organisation_id) == {owner.id: "owner"}
    assert (await town.browser(owner).get(f"/organisation/{owner.organisation_id}")).status_code == 200


async def test_plans_and_reports_are_taken_along_and_only_plans_outlive_the_account(town: Town):
    """A plan is the network's, without a name; a report would go to nobody."""
    staff = await town.people.staff("manager", station="WH-YJ-01")
    await town.give_password(staff)
    await town.rows(
        """INSERT INTO coverage_plan (id, name, created_at, created_by, question, status, progress, attempts)
        VALUES (gen_random_uuid(), 'Gauges', now(), %s, '{"service_codes": ["MET-MEC-015"]}', 'queued', 0, 0)""",
        staff.id,
    )
    await town.rows(
        """INSERT INTO mail_report (id, person_id, view, asked, every, language, next_on, created_at)
        VALUES (gen_random_uuid(), %s, 'performance', '{"by": "station"}', 'day', 'en', '2026-12-02', now())""",
        staff.id,
    )
    browser = town.browser(staff)
    kept = orjson.loads((await browser.post("/account/data/export", data={"format": "json"})).content)
    [plan], [report] = kept["plans"], kept["reports_by_mail"]
    assert (plan["name"], plan["question"]["service_codes"]) == ("Gauges", ["MET-MEC-015"])
    assert (report["view"], report["asked"], report["every"]) == ("performance", {"by": "station"}, "day")
    assert "规划" in (await browser.get("/account/data")).text
    assert "您的账户已注销" in (await close(browser)).text
    assert await town.rows("SELECT count(*) FROM mail_report") == [(0,)]
    assert await town.rows("SELECT person.name FROM coverage_plan JOIN person ON person.id = created_by") == [("",)]


async def test_the_last_administrator_cannot_go(town: Town):
    admin = await town.people.staff("city_admin")
    await town.give_password(admin)
    browser = town.browser(admin)
    answer = await close(browser)
    assert answer.status_code == 422
    assert "至少要有一名市级管理员" in answer.text
    await town.people.staff("city_admin")
    assert (await close(browser)).status_code == 200
    assert await town.rows("SELECT count(*) FROM role_grant") == [(1,)]


async def test_a_code_that_waits_is_taken_back_with_its_file(town: Town):
    me = await town.person()
    [(station,)] = await town.rows("SELECT id FROM station ORDER BY id LIMIT 1")
    await town.rows(
        "WITH kept AS (INSERT INTO stored_file (id, name, media_type, size, sha256, purpose, owner_kind, owner_id,"
        " created_at) VALUES (gen_random_uuid(), 'a.pdf', 'application/pdf', 1, sha256('a'), 'evidence', 'code', 'x',"
        " now()) RETURNING id) INSERT INTO code_case (id, uscc, organisation_name, person_id, station_id, file_id,"
        " note, created_at) SELECT gen_random_uuid(), %s, 'x', %s, %s, id, '', now() FROM kept RETURNING 1",
        code_of(1),
        me.id,
        station,
    )
    assert (await close(town.browser(me))).status_code == 200
    assert await town.rows("SELECT 1 FROM code_case") == []
    assert await town.rows("SELECT deleted_at IS NOT NULL FROM stored_file") == [(True,)]
