"""One instrument's whole way on real pages: due in the ledger, booked, handed in under its label, verified by two
people, its certificate fetched and checked, the ledger's date moved, the station rated, and the rating answered.

At a desk everybody goes by their pages; on a phone the enterprise does, and its station works by the API meanwhile.
`tests/test_from_due_to_rated.py` goes the same way by the API alone.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import httpx
import pytest
from playwright.async_api import Browser, expect

from app.kit.clock import LOCAL, local_date
from app.kit.formats import day_month_year
from app.kit.i18n import use_locale
from app.ratings.asking import RatingRounds
from app.stations.rules import Calendar
from app.stations.snapshot import load_calendar
from tests.conftest import Clock
from tests.journeys.acting import Actor, appears
from tests.ledger.support import Json, Keeper, gauge
from tests.reception.conftest import Counter
from tests.requests.booking import Booker
from tests.requests.test_life_api import Life
from tests.support.people import People
from tests.support.portal import Portal
from tests.web.browser import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.anyio]
REFERENCE = re.compile(r"ZT-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
NUMBER = re.compile(r"WH-[0-9A-Z-]+-20[0-9]{2}-[0-9]{5}")
CHECK_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
SERIAL, MAIL = "A-2026-0815", "keeper@example.com"
READ = {"point": ("0.40", "0.80"), "up": ("0.402", "0.798"), "down": ("0.405", "0.800")}
COMPLAINT = "等了两个小时，没有人告诉我要带什么材料。"
ANSWER = "已向您当面致歉；预约页面已补充材料清单，窗口增加了一名导办。"


@dataclass
class Journey:
    """What the people of the journey know of it."""

    portal: Portal
    browser: Browser
    clock: Clock
    instrument: Json
    people: People
    owner: Actor
    reference: str = ""
    station: str = ""
    number: str = ""

    @property
    def ledger(self) -> str:
        return f"/organisation/{self.owner.who.organisation_id}/instruments"

    async def enters(self, role: str) -> Actor:
        """Somebody of the station, at a desk."""
        who = await self.people.staff(role, station=self.station)
        return await appears(self.browser, self.portal, who, width=DESK, station=self.station)


@pytest.fixture
async def journey(portal: Portal, browser: Browser, clock: Clock, width: int) -> Journey:
    """An enterprise has kept one gauge in its ledger, which is due in thirteen days."""
    people = portal.people
    who = await people.enterprise()
    async with httpx.AsyncClient(base_url=portal.url) as client:
        made = await Keeper(portal.app, client, who).add(gauge(SERIAL, last_cert_date="2026-06-15"))
    assert made["due_on"] == "2026-12-14"
    return Journey(portal, browser, clock, made, people, await appears(browser, portal, who, width=width))


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_a_due_instrument_is_booked_verified_and_rated_on_real_pages(journey: Journey, width: int):
    await the_owner_books_what_is_due(journey)
    journey.clock.move(await visit_of(journey) + timedelta(minutes=5))
    await (the_station_works if width == DESK else the_station_works_meanwhile)(journey)
    await the_owner_fetches_the_certificate(journey)
    await the_ledger_has_moved_on(journey)
    await (the_thing_is_fetched if width == DESK else the_thing_is_fetched_meanwhile)(journey)
    await the_owner_is_asked_and_not_satisfied(journey)
    await (the_manager_answers if width == DESK else the_manager_answers_meanwhile)(journey)
    await the_owner_reads_the_answer(journey)


# --- The enterprise books -------------------------------------------------------------------------------------------


async def the_owner_books_what_is_due(journey: Journey) -> None:
    owner = journey.owner
    await owner.sign_in(journey.ledger)
    row = owner.page.locator(".ledger-rows .row-item", has_text=SERIAL)
    await expect(row.locator(".row-item__side .tag")).to_have_text("还有 13 天")
    await owner.look("ledger")
    await row.locator("input[type=checkbox]").focus()
    await owner.page.keyboard.press("Space")
    await owner.press(".sticky-action .btn-primary")
    await expect(owner.page.locator(".card-box")).to_have_count(1)
    await owner.look("rebook")
    await owner.by_key(".card-box .btn-primary")
    await expect(owner.page).to_have_url(re.compile("/book/.*/when$"))
    await owner.look("when")
    await owner.by_key("button.time")
    await fill_in_what_the_ledger_does_not_know(owner)
    await owner.press(".sticky-action button")
    await expect(owner.page).to_have_url(re.compile("/check$"))
    await expect(owner.page.locator("main")).to_contain_text(SERIAL)
    await owner.look("check")
    await owner.press(".sticky-action button")
    code = owner.page.locator(".reference__code")
    await expect(code).to_have_text(REFERENCE)
    journey.reference = await code.inner_text()
    await owner.look("done")
    await owner.open(f"{journey.ledger}/{journey.instrument['id']}")
    await owner.onward(owner.page.get_by_role("link", name=journey.reference).first)
    await expect(owner.page.locator(".facts time").first).to_be_visible()
    await owner.look("booked")


async def fill_in_what_the_ledger_does_not_know(owner: Actor) -> None:
    """Who is asked, where the mail goes, and the consent."""
    page = owner.page
    await expect(page.locator("[name='items.0.inputs.serial_no']")).to_have_value(SERIAL)
    await page.locator("[name='applicant.contact_name']").fill("王芳")
    await page.locator("[name='applicant.mobile']").fill("13812345678")
    await page.locator("[name='applicant.email']").fill(MAIL)
    await page.locator("input[name=consent_version]").focus()
    await page.keyboard.press("Space")
    await owner.look("details")


async def visit_of(journey: Journey) -> datetime:
    """When the appointment begins; it is with the station that the request names."""
    rows = await journey.portal.database.fetch(
        "SELECT lower(during), station.code FROM request JOIN reservation ON reservation.id = request.reservation_id "
        "JOIN station ON station.id = request.station_id WHERE reference = %s",
        (journey.reference,),
    )
    start: datetime
    [(start, journey.station)] = rows
    return start


# --- The station works ----------------------------------------------------------------------------------------------


async def the_station_works(journey: Journey) -> None:
    officer, window = await journey.enters("officer"), await journey.enters("window")
    await the_officer_accepts(officer, journey.reference)
    thing = await the_window_makes_the_label(window, journey.reference)
    await the_window_scans_it_in(window, thing)
    await one_enters_what_was_read(window, journey.reference)
    await another_verifies_and_issues(officer, journey.reference)


async def the_officer_accepts(officer: Actor, reference: str) -> None:
    """In the list by the keys of the list: open the first one, accept it."""
    page = officer.page
    await officer.sign_in("/office/requests")
    await page.locator(f"#row-{reference}").wait_for()
    await page.keyboard.press("j")
    await page.keyboard.press("o")
    await expect(page.locator("#panel #request-title")).to_contain_text(reference)
    await officer.look("inbox")
    await page.keyboard.press("a")
    await expect(page.locator("#panel .notice--good")).to_be_visible()
    await expect(page.locator("#panel form[action$='/accept']")).to_have_count(0)


async def the_window_makes_the_label(window: Actor, reference: str) -> str:
    """The code on the label, from the file that is printed."""
    reception = f"/office/reception/{window.station}"
    await window.sign_in(reception)
    await window.look("reception")
    await window.page.keyboard.type(f"{reference}\n")  # the field has the focus; the owner's paper is scanned
    await window.page.wait_for_url(f"**{reception}/requests/{reference}")
    await window.look("labels")
    label = await window.save(".sticky-action button")
    assert SERIAL in label
    await window.page.reload()
    thing = await window.page.locator(".custody-row a[href*='/things/']").first.inner_text()
    assert thing in label
    return thing


async def the_window_scans_it_in(window: Actor, thing: str) -> None:
    """A scanner types what it reads, and presses Enter; the button that takes the thing in has the focus then."""
    page = window.page
    await window.open(f"/office/reception/{window.station}")
    await expect(page.locator("#f-scanned")).to_be_focused()
    await page.keyboard.type(f"{window.portal.url}/w/{thing}\n")
    await page.wait_for_url(f"**/things/{thing}")
    await window.look("thing")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text(thing)
    await expect(page.locator(".custody-row", has_text=thing)).to_be_visible()
    await window.look("taken-in")


async def one_enters_what_was_read(window: Actor, reference: str) -> None:
    page = window.page
    await window.open(f"/office/requests/{reference}")
    await window.press(".next-steps form[action$='/start'] button")
    await window.look("started")
    await window.press("a[href$='/results']")
    await window.press("a[href$='/enter']")
    await page.locator("input[name=passed][value=yes]").check()
    for key, values in READ.items():
        for n, value in enumerate(values):
            await page.locator(f"[name='rows.{n}.{key}']").fill(value)
    await window.look("enter")
    await window.press(".sticky-action button")
    await expect(page).to_have_url(re.compile("changed=entered"))
    await expect(page.locator("form[action$='/verify']")).to_have_count(0)  # not by whoever entered it
    await window.look("entered")


async def another_verifies_and_issues(officer: Actor, reference: str) -> None:
    await officer.open(f"/office/requests/{reference}/results")
    await expect(officer.page.locator("main")).to_contain_text("0.402")
    await officer.by_key("form[action$='/verify'] .btn-primary")
    await officer.look("verified")
    await officer.by_key("form[action$='/issue'] .btn-primary")
    await expect(officer.page.locator("main")).to_contain_text(NUMBER)
    await officer.look("issued")


async def the_station_works_meanwhile(journey: Journey) -> None:
    """The same by the API, up to the document."""
    async with httpx.AsyncClient(base_url=journey.portal.url) as client:
        life, counter = by_api(journey, client)
        await life.go(("officer", "accept"))
        [thing] = await counter.label(**{"1": 1})
        taken = await counter.act(thing, "receive", condition="sound")
        assert taken.status_code == 200, taken.text
        await life.go(("window", "start"))
        await life.issued()


def by_api(journey: Journey, client: httpx.AsyncClient) -> tuple[Life, Counter]:
    """The request and its station's counter, for a program of the station."""
    appointment = {"station_code": journey.station}
    links = {"self": f"/api/v1/requests/{journey.reference}"}
    booked = {"reference": journey.reference, "appointment": appointment, "links": links}
    people, clock = journey.people, journey.clock
    return LifeSeenByStaff(Booker(client), people, clock, booked), Counter(client, people, clock, booked)


class LifeSeenByStaff(Life):
    """Of a request whose access code only the owner has."""

    async def shown(self) -> Json:
        headers = await self.by("officer")
        found: Json = (await self.booker.client.get(self.booked["links"]["self"], headers=headers)).json()
        return found


# --- The enterprise has its certificate -----------------------------------------------------------------------------


async def the_owner_fetches_the_certificate(journey: Journey) -> None:
    """Saved, read, and found by number and code as anybody finds it who holds the paper."""
    owner = journey.owner
    await owner.sign_in(f"/r/{journey.reference}")
    await expect(owner.page.locator(".custody .notice--good")).to_be_visible()
    await owner.look("to-be-fetched")
    await owner.press("a[href$='/results']")
    await owner.look("results")
    paper = await owner.save("a[href$='.pdf']")
    [journey.number] = {*NUMBER.findall(paper)}
    assert SERIAL in paper
    code = next(each for each in CHECK_CODE.findall(paper.replace(journey.number, "")) if each not in SERIAL)
    await owner.page.context.clear_cookies()
    await owner.open("/check")
    await owner.page.locator("#f-number").fill(journey.number)
    await owner.page.locator("#f-code").fill(code)
    async with owner.page.expect_navigation():
        await owner.page.keyboard.press("Enter")
    await expect(owner.page.locator("main .notice--good")).to_be_visible()
    await expect(owner.page.locator("main")).to_contain_text(SERIAL)
    await owner.look("check-document")


async def the_ledger_has_moved_on(journey: Journey) -> None:
    """From the next day on it is due by what the certificate says, and can be booked anew then."""
    owner, today = journey.owner, local_date(journey.clock.now)
    await owner.sign_in(f"{journey.ledger}/{journey.instrument['id']}")
    facts = owner.page.locator("main")
    await expect(facts).to_contain_text(journey.number)
    with use_locale("zh-CN"):
        due = day_month_year(last_valid_day(today))
    await expect(owner.page.locator(".ledger-due")).to_contain_text(due)
    await expect(facts).not_to_contain_text("还有 13 天")
    await owner.look("moved-on")


def last_valid_day(verified: date) -> date:
    """Gauges for safety are valid for six months (JJG 52), to the day before."""
    months = verified.month + 6
    return verified.replace(year=verified.year + (months > 12), month=(months - 1) % 12 + 1) - timedelta(days=1)


# --- The station is rated, and answers ------------------------------------------------------------------------------


async def the_thing_is_fetched(journey: Journey) -> None:
    """Its label is scanned once more, and who takes it is written down."""
    window = await journey.enters("window")
    page, reception = window.page, f"/office/reception/{journey.station}"
    await window.sign_in(reception)
    row = page.locator(".custody-row", has_text=SERIAL)
    await expect(row.locator(".tag--good")).to_be_visible()
    await page.keyboard.type(f"{window.portal.url}/w/{await row.locator('a').first.inner_text()}\n")
    await page.wait_for_url("**/things/*")
    await window.by_key("main a[href$='/return']")
    await page.locator("#f-taker").fill("王芳")
    await window.look("return")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await expect(page.locator(".custody-row")).to_have_count(0)
    await window.look("given-back")


async def the_thing_is_fetched_meanwhile(journey: Journey) -> None:
    async with httpx.AsyncClient(base_url=journey.portal.url) as client:
        _life, counter = by_api(journey, client)
        [thing] = await counter.listed()
        returned = await counter.act(thing["code"], "return", taker="王芳", condition="sound")
        assert returned.status_code == 200, returned.text


async def the_owner_is_asked_and_not_satisfied(journey: Journey) -> None:
    """Asked once by mail, a day later, not at night; the link opens the question."""
    owner, clock = journey.owner, journey.clock
    clock.move((clock.now.astimezone(LOCAL) + timedelta(days=2)).replace(hour=10))
    await owner.sign_in(await link_in_the_mail(journey))
    await owner.look("rate")
    await owner.page.locator("input[name=level][value='3']").focus()
    await owner.page.keyboard.press("ArrowDown")
    await owner.page.keyboard.press("ArrowDown")
    await expect(owner.page.locator("input[name=level][value='1']")).to_be_checked()
    await owner.page.locator("main summary").first.click()
    await owner.page.locator("[name=speed]").select_option("1")
    await owner.page.locator("[name=words]").fill(COMPLAINT)
    await owner.press("form .btn-primary")
    await expect(owner.page).to_have_url(re.compile(r"changed=rated"))
    await owner.look("rated")


async def link_in_the_mail(journey: Journey) -> str:
    """The path in the mail that the worker writes."""

    async def now() -> datetime:
        return journey.clock.now

    state = journey.portal.app.state
    assert await RatingRounds(state.database, state.letterhead, now).look() == 1
    mails = await journey.portal.database.fetch(
        "SELECT recipient, body FROM message WHERE kind = 'request.rating_asked'", ()
    )
    [(recipient, body)] = mails
    assert recipient == MAIL
    found = re.search(r"https?://[^/\s]+(/r/\S+/rate)", body)
    assert found
    return found[1]


async def the_manager_answers(journey: Journey) -> None:
    """First calls, as the rule has it; the answer is due after fifteen working days."""
    manager = await journey.enters("manager")
    page, today = manager.page, local_date(journey.clock.now)
    await manager.sign_in("/office/ratings")
    task = page.locator("section[aria-labelledby=tasks] .row-item", has_text=journey.reference)
    due = fifteen_working_days_after(today, await load_calendar(journey.portal.database))
    with use_locale("zh-CN"):
        await expect(task).to_contain_text(day_month_year(due))
    await expect(task).to_contain_text(COMPLAINT)
    await manager.look("tasks")
    await manager.onward(task.locator("a"))
    await page.locator("[name=reached]").first.check()
    await manager.by_key("form[action$=calls] button")
    await page.locator("[name=answer_words]").fill(ANSWER)
    await manager.look("called")
    await manager.by_key("form[action$=answer] button")
    await expect(page).to_have_url(re.compile(r"done=answered"))
    await manager.look("answered")
    await manager.open("/office/ratings")
    await expect(page.locator("section[aria-labelledby=tasks] .row-item")).to_have_count(0)


def fifteen_working_days_after(day: date, calendar: Calendar) -> date:
    worked = (day + timedelta(days=n) for n in range(1, 60) if calendar.kind(day + timedelta(days=n)).worked)
    return [next(worked) for _n in range(15)][-1]


async def the_manager_answers_meanwhile(journey: Journey) -> None:
    who = await journey.people.staff("manager", station=journey.station)
    path = f"/api/v1/ratings/{journey.reference}"
    async with httpx.AsyncClient(base_url=journey.portal.url, headers=who.bearer) as client:
        called = await client.post(f"{path}/calls", json={"reached": True})
        answered = await client.post(f"{path}/answer", json={"words": ANSWER})
    assert (called.status_code, answered.status_code) == (201, 201)


async def the_owner_reads_the_answer(journey: Journey) -> None:
    owner = journey.owner
    await owner.open(f"/r/{journey.reference}")
    await expect(owner.page.locator("section[aria-labelledby=rating-answer]")).to_contain_text(ANSWER)
    await owner.look("answer")
