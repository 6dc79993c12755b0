"""The pages of the office in a real Chromium: both languages and widths, full, empty, wrong, without scripts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page

from app.audit.service import Actor, Object, record
from app.kit.db import Database
from app.notify.service import post
from tests.conftest import Clock, empty
from tests.office.desk import ELSEWHERE, HERE, JINGHU, case, station_id
from tests.support.people import People, Signed
from tests.support.portal import Portal
from tests.web.browser import (
    DESK,
    LOOKS,
    PHONE,
    assert_no_sideways_scroll,
    look,
    open_as,
    same_page,
    screenshot,
)

pytestmark = pytest.mark.browser
LONG = "芜湖经济技术开发区质量基础设施一站式服务站质量管家欧阳慕容晓风残月"


@dataclass(frozen=True)
class Office:
    """The application with people in it."""

    url: str
    admin: Signed
    auditor: Signed
    manager: Signed
    officer: Signed
    organisation_id: UUID
    case_id: UUID
    message_id: UUID

    def pages(self) -> dict[str, tuple[Signed, str]]:
        return {
            "start": (self.manager, "/office"),
            "start-auditor": (self.auditor, "/office"),
            "people": (self.admin, "/office/people"),
            "people-none": (self.admin, "/office/people?q=nobody&role=auditor"),
            "new": (self.admin, "/office/people/new"),
            "person": (self.admin, f"/office/people/{self.officer.id}"),
            "person-read": (self.auditor, f"/office/people/{self.officer.id}"),
            "codes": (self.manager, "/office/codes"),
            "messages": (self.manager, "/office/messages"),
            "message": (self.manager, f"/office/messages/{self.message_id}"),
            "codes-none": (self.manager, "/office/codes?state=decided"),
            "code": (self.manager, f"/office/codes/{self.case_id}"),
            "organisations": (self.admin, "/office/organisations"),
            "organisation": (self.admin, f"/office/organisations/{self.organisation_id}"),
            "audit": (self.auditor, "/office/audit"),
            "audit-none": (self.auditor, "/office/audit?actor=nobody"),
            "audit-wrong": (self.auditor, "/office/audit?q=x&station=WH-XX-99"),
            "entry": (self.auditor, f"/office/audit?object_id={self.officer.id}"),
            "state": (self.auditor, "/office/audit/state"),
            "retention": (self.auditor, "/office/retention"),
        }


NAMES = [
    "start", "start-auditor", "people", "people-none", "new", "person", "person-read", "codes", "codes-none", "code",
    "messages", "message",
    "organisations", "organisation", "audit", "audit-none", "audit-wrong", "entry", "state", "retention",
]  # fmt: skip


@pytest.fixture(scope="module")
async def office(opened_portal: Portal) -> AsyncIterator[Office]:
    opened_portal.clock = clock = Clock()
    yield await furnished(opened_portal.url, opened_portal.people, clock)
    await empty(opened_portal.database)


async def furnished(url: str, people: People, clock: Clock) -> Office:
    """Staff at several places, an enterprise that asks about its code, and what was done on record."""
    admin, auditor = await people.staff("city_admin", username="admin"), await people.staff("auditor")
    manager = await people.staff("manager", station=HERE, username="manager.wh-jh-01")
    officer = await people.staff("officer", station=HERE, username="officer.wh-jh-01")
    await people.staff("county_admin", county=JINGHU, username="county.340202")
    for n in range(8):
        await people.staff("window", station=HERE if n % 2 else ELSEWHERE, username=f"window{n}")
    asker = await people.enterprise()
    database = people._database
    person = "UPDATE person SET name = %s, email = 'ouyang.murong.xiaofeng.canyue@quality.example.gov.cn', "
    await database.fetch(person + "totp_confirmed_at = now() WHERE id = %s", (LONG, officer.id))
    case_id = await case(database, asker.id, HERE, clock.now)
    async with database.writer() as session:
        for n in range(12):
            on = Object("person", str(officer.id))
            who = Actor("person", admin.id, "admin", "2001:db8:85a3::8a2e:370:7334", str(admin.id))
            changed = {"email": "a***@example.com", "name": "欧**"}, {"email": "b***@example.com", "name": "欧**"}
            moment = clock.now + timedelta(minutes=n)
            reason = "本人到场出示工作证和身份证明，经与人事部门电话核实后办理"
            await record(
                session, who, "person.corrected", on, at=moment, before=changed[0], after=changed[1], reason=reason
            )
        await session.commit()
    assert asker.organisation_id
    return Office(url, admin, auditor, manager, officer, asker.organisation_id, case_id, await mails(database, clock))


async def mails(database: Database, clock: Clock) -> UUID:
    """One of each state; the id of the one that couldn't be delivered."""
    here = await station_id(database, HERE)
    async with database.writer() as session:
        for n, kind in enumerate(("code.accepted", "code.refused", "request.reminder", "code.accepted")):
            words = {"kind": kind, "key": f"{kind}:{n}", "to": "ouyang.murong@quality.example.gov.cn", "text": "您好"}
            due = clock.now + timedelta(days=n % 2)
            await post(session, **words, subject="您的信用代码已获认可", at=clock.now, due=due, station_id=here)
        await session.commit()
    fault = "attempts = 8, dead_at = created_at, last_error = 'SMTPRecipientRefused 550 5.1.1' WHERE key LIKE '%%:2'"
    [(found,)] = await database.fetch(f"UPDATE message SET {fault} RETURNING id", ())  # type: ignore[arg-type]  # noqa: S608
    return UUID(str(found))


async def see(browser: Browser, office: Office, signed: Signed, path: str, **options: object) -> Page:
    page = await open_as(browser, office.url, signed, **options)  # type: ignore[arg-type]
    await page.goto(office.url + path)
    return page


@pytest.mark.parametrize(("locale", "width"), LOOKS)
@pytest.mark.parametrize("name", NAMES)
async def test_every_page_is_accessible(chromium: Browser, office: Office, name: str, width: int, locale: str) -> None:
    signed, path = office.pages()[name]
    page = await same_page(chromium, office.url, signed, width=width, locale=locale)
    await page.goto(office.url + path)
    if name == "entry":
        await page.locator("tbody th a").first.click()
        await page.locator("summary").click()
    if name in ("person", "organisation"):
        for summary in await page.locator("main summary").all():
            await summary.click()
    await look(page, f"office-{name}-{locale}-{width}")


@pytest.mark.parametrize(("width", "locale"), [(PHONE, "en"), (DESK, "zh-CN")])
async def test_what_is_wrong_in_a_form_is_shown(browser: Browser, office: Office, width: int, locale: str) -> None:
    page = await see(browser, office, office.admin, "/office/people/new", width=width, locale=locale)
    await page.locator("#f-username").fill("Li Lei!")
    await page.locator(".sticky-action button").click()
    await page.wait_for_selector(".error-summary")
    await look(page, f"office-new-wrong-{locale}-{width}")


async def test_somebody_is_made_and_disabled_without_scripts(browser: Browser, office: Office) -> None:
    page = await see(browser, office, office.manager, "/office/people/new", width=PHONE, javascript=False)
    await page.locator("#f-username").fill("han.meimei")
    await page.locator("#f-name").fill("韩梅梅")
    await page.locator("input[name=role][value=window]").check()
    await page.locator("#f-station").select_option(HERE)
    await page.get_by_role("button", name="开通账户").click()
    assert "/password/" in await page.locator(".lines").inner_text()
    await screenshot(page, "office-link-zh-CN-390")
    await page.get_by_role("link", name="查看此人").click()
    await page.get_by_text("停用账户").first.click()
    disabling = page.locator("form[action$='/disable']")
    await disabling.locator("textarea").fill("离职")
    await disabling.locator("button").click()
    assert await page.locator("[role=status]").inner_text() == "账户已停用，其登录会话均已结束。"


async def test_large_text_fits_too(browser: Browser, office: Office) -> None:
    for signed, path in (office.pages()["people"], office.pages()["audit"]):
        page = await see(browser, office, signed, "/office", width=PHONE, locale="en")
        await page.context.add_cookies([{"name": "onestop_text", "value": "large", "url": office.url}])
        await page.goto(office.url + path)
        await assert_no_sideways_scroll(page)


async def test_every_field_has_its_own_label(browser: Browser, office: Office) -> None:
    for name in ("person", "organisation"):
        signed, path = office.pages()[name]
        page = await see(browser, office, signed, path, width=DESK)
        ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
        assert len(ids) == len(set(ids))
