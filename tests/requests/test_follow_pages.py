"""The pages of a request: found by reference and code, looked at, moved, cancelled, all without JavaScript."""

from datetime import datetime, timedelta
from typing import LiteralString

import httpx
import pytest
from fastapi import FastAPI

from app.kit.db import Database
from tests.conftest import Clock
from tests.requests.booking import Booker, Json

TAKE_ALL: LiteralString = """
INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, created_at, changed_at)
SELECT gen_random_uuid(), station_id, id, extract(epoch FROM %s::timestamptz)::int / 300, 6, 'block', '{}', now(), now()
FROM desk
"""
pytestmark = pytest.mark.anyio


@pytest.fixture
async def visitor(app: FastAPI) -> httpx.AsyncClient:
    """A browser of its own: it keeps cookies and has booked nothing."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver")


async def enter(visitor: httpx.AsyncClient, booked: Json) -> str:
    """Find the booking by its reference and code; the path of its page."""
    form = {"reference": booked["reference"], "code": booked["access_code"]}
    answer = await visitor.post("/find", data=form)
    assert answer.status_code == 303, answer.text
    assert booked["access_code"] not in answer.headers["location"]
    return answer.headers["location"]


async def test_a_booking_is_found_by_reference_and_code(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    path = await enter(visitor, booked)
    assert path == f"/r/{booked['reference']}"
    page = await visitor.get(path)
    assert page.status_code == 200
    for words in ("12月1日", "10:00", "弹性元件式一般压力表检定", "已预约", booked["reference"], "<svg"):
        assert words in page.text
    assert booked["access_code"] not in page.text
    assert page.headers["cache-control"] == "private, no-store"


async def test_the_first_answer_is_promised_with_how_its_day_came_about(booker: Booker, visitor: httpx.AsyncClient):
    page = (await visitor.get(await enter(visitor, await booker.book()))).text
    assert "最迟 2026年12月3日" in page
    assert "2 个工作日，当日不计" in page


async def test_what_was_given_is_shown_in_words(booker: Booker, visitor: httpx.AsyncClient):
    page = await visitor.get(await enter(visitor, await booker.book()))
    for words in ("芜湖长江阀门有限公司", "王芳", "安全防护", "镜湖区", "2026-11-28", "请提前电话联系"):
        assert words in page.text


@pytest.mark.parametrize(
    ("reference", "code", "words"),
    [
        ("", "", "请输入预约号"),
        ("ZT-7K3M", "ABCD-EFGH", "您输入的有 6 位"),
        ("ZT-7K3M-9QXD-5", "ABCD-EFGH", "预约号有误"),
        ("ZT-7K3M-9QXD-J", "ABCD-EFGH", "没有查到"),
        ("ZT-7K3M-9QXD-J", "", "请输入与预约号一同显示的查询码"),
    ],
)
async def test_what_cannot_be_found_comes_back_filled_in_with_the_reason(
    visitor: httpx.AsyncClient, reference: str, code: str, words: str
):
    page = await visitor.post("/find", data={"reference": reference, "code": code})
    assert page.status_code == 422
    assert words in page.text
    assert f'value="{reference}"' in page.text or not reference
    assert "ABCD" not in page.text


async def test_a_reference_from_another_page_is_taken_over(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    page = await visitor.get("/find", params={"reference": booked["reference"]})
    assert f'value="{booked["reference"]}"' in page.text
    assert "error-summary" not in page.text
    assert "预约号有误" in (await visitor.get("/find", params={"reference": "ZT-7K3M-9QXD-5"})).text
    path = await enter(visitor, booked)
    straight = await visitor.get("/find", params={"reference": booked["reference"].lower()})
    assert (straight.status_code, straight.headers["location"]) == (303, path)


async def test_another_browser_is_asked_for_the_code_and_learns_nothing(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    own = await visitor.get(f"/r/{booked['reference']}")
    nobodys = await visitor.get("/r/ZT-7K3M-9QXD-J")
    assert own.status_code == nobodys.status_code == 200
    assert own.text.replace(booked["reference"], "") == nobodys.text.replace("ZT-7K3M-9QXD-J", "")
    for page in ("reschedule", "cancel", "calendar.ics", "reschedule/check"):
        answer = await visitor.get(f"/r/{booked['reference']}/{page}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/r/{booked['reference']}")


async def test_an_address_with_a_slip_in_the_reference_leads_to_the_form_that_says_so(visitor: httpx.AsyncClient):
    for slip in ("ZT-7K3M-9QXD-5", "nothing", "%00", "%ED%A0%80"):
        answer = await visitor.get(f"/r/{slip}")
        assert answer.status_code == 303
        assert "error-summary" in (await visitor.get(answer.headers["location"])).text


async def test_the_code_can_be_typed_on_the_page_of_the_request(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    path = f"/r/{booked['reference']}"
    assert (await visitor.post(path, data={"code": "AAAA-AAAA"})).status_code == 422
    assert (await visitor.post(path, data={"code": booked["access_code"].lower()})).status_code == 303
    assert "已预约" in (await visitor.get(path)).text


async def test_a_forged_cookie_opens_nothing(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    visitor.cookies.set("onestop_opened", f'["{booked["reference"]}"].forged.signature')
    page = await visitor.get(f"/r/{booked['reference']}")
    assert "请输入查询码" in page.text


async def test_a_shared_device_can_forget(booker: Booker, visitor: httpx.AsyncClient):
    booked, other = await booker.book(), await booker.book()
    path, kept = await enter(visitor, booked), await enter(visitor, other)
    assert (await visitor.post(f"{path}/close")).headers["location"] == "/find"
    assert "请输入查询码" in (await visitor.get(path)).text
    assert "已预约" in (await visitor.get(kept)).text


async def test_the_appointment_moves_by_choosing_checking_and_confirming(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    path = await enter(visitor, booked)
    times = await visitor.get(f"{path}/reschedule", params={"day": "2026-12-03"})
    assert "12月3日" in times.text
    start = "2026-12-03T09:30:00+08:00"
    assert f'value="{start}"' in times.text
    chosen = await visitor.post(f"{path}/reschedule", data={"start": start})
    assert chosen.status_code == 303
    check = await visitor.get(chosen.headers["location"])
    assert "09:30" in check.text
    assert "10:00" in check.text
    nonce = chosen.headers["location"].partition("hold=")[2]
    moved = await visitor.post(f"{path}/reschedule/check", data={"hold": nonce})
    assert moved.headers["location"] == f"{path}?changed=moved"
    page = await visitor.get(moved.headers["location"])
    assert "改期成功" in page.text
    shown = (await booker.show(booked)).json()
    assert shown["appointment"]["start"] == start


async def test_choosing_again_gives_the_first_choice_back(booker: Booker, visitor: httpx.AsyncClient):
    path = await enter(visitor, await booker.book())
    nonce = ""
    for minute in range(0, 60, 15):  # more often than a client may hold at once
        form = {"start": f"2026-12-03T09:{minute:02}:00+08:00", "instead": nonce}
        chosen = await visitor.post(f"{path}/reschedule", data=form)
        assert chosen.status_code == 303, chosen.text
        nonce = chosen.headers["location"].partition("hold=")[2]


async def test_another_station_is_offered_and_can_be_chosen(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    path = await enter(visitor, booked)
    others = [code for code in await booker.designated() if code != booked["appointment"]["station_code"]]
    page = await visitor.get(f"{path}/reschedule")
    assert f"station={others[0]}" in page.text
    form = {"start": (await booker.starts(others[0]))[3], "station": others[0]}
    chosen = await visitor.post(f"{path}/reschedule", data=form)
    nonce = chosen.headers["location"].partition("hold=")[2]
    await visitor.post(f"{path}/reschedule/check", data={"hold": nonce})
    assert (await booker.show(booked)).json()["appointment"]["station_code"] == others[0]


async def test_a_time_that_is_kept_no_longer_leads_back_to_the_times(
    booker: Booker, visitor: httpx.AsyncClient, clock: Clock
):
    path = await enter(visitor, await booker.book())
    chosen = await visitor.post(f"{path}/reschedule", data={"start": "2026-12-03T09:30:00+08:00"})
    clock.move(timedelta(minutes=11))
    for answer in (
        await visitor.get(chosen.headers["location"]),
        await visitor.post(f"{path}/reschedule/check", data={"hold": chosen.headers["location"].partition("=")[2]}),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}/reschedule?lost=1")
    assert "不再为您保留" in (await visitor.get(f"{path}/reschedule?lost=1")).text


async def test_a_time_that_is_taken_or_impossible_is_said_and_others_offered(
    booker: Booker, visitor: httpx.AsyncClient, database: Database
):
    booked = await booker.book()
    path = await enter(visitor, booked)
    start = (await booker.starts(booked["appointment"]["station_code"]))[-1]
    await database.fetch(TAKE_ALL, (start,))
    taken = await visitor.post(f"{path}/reschedule", data={"start": start})
    assert taken.status_code == 409
    assert "error-summary" in taken.text
    assert f'value="{start}"' not in taken.text
    assert 'name="start"' in taken.text
    for nonsense in ("", "yesterday", "2026-12-03T09:31:00+08:00", "2026-12-03T03:00:00+08:00", "2026-12-03T09:30"):
        refused = await visitor.post(f"{path}/reschedule", data={"start": nonsense})
        assert refused.status_code == 422, nonsense
        assert "error-summary" in refused.text


async def test_a_booking_is_cancelled_after_one_more_question(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    path = await enter(visitor, booked)
    assert "确定取消" in (await visitor.get(f"{path}/cancel")).text
    too_long = await visitor.post(f"{path}/cancel", data={"reason": "因" * 501})
    assert too_long.status_code == 422
    assert "因因因" in too_long.text
    done = await visitor.post(f"{path}/cancel", data={"reason": "设备送修"})
    assert done.headers["location"] == f"{path}?changed=cancelled"
    page = await visitor.get(done.headers["location"])
    assert "该预约已取消" in page.text
    assert "/cancel" not in page.text
    again = await visitor.post(f"{path}/cancel")
    assert again.headers["location"] == path
    assert (await visitor.get(f"{path}/reschedule")).headers["location"] == path
    assert (await visitor.get(f"{path}/cancel")).headers["location"] == path


async def test_when_the_time_has_come_nothing_can_be_changed(booker: Booker, visitor: httpx.AsyncClient, clock: Clock):
    booked = await booker.book()
    path = await enter(visitor, booked)
    clock.move(datetime.fromisoformat(booked["appointment"]["start"]))
    page = await visitor.get(path)
    assert "预约时间已到" in page.text
    assert "/reschedule" not in page.text
    assert (await visitor.get(f"{path}/reschedule")).headers["location"] == path
    assert (await visitor.post(f"{path}/cancel")).headers["location"] == path
    assert (await booker.show(booked)).json()["status"] == "submitted"


async def test_the_calendar_file_is_there_for_browsers_too(booker: Booker, visitor: httpx.AsyncClient):
    path = await enter(visitor, await booker.book())
    answer = await visitor.get(f"{path}/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in answer.content


async def test_the_pages_speak_english(booker: Booker, visitor: httpx.AsyncClient):
    path = await enter(visitor, await booker.book())
    page = await visitor.get(path, params={"lang": "en"})
    for words in (
        "Your booking",
        "Tuesday 1 December 2026",
        "General pressure gauge verification",
        "Safety protection",
    ):
        assert words in page.text


async def test_another_sites_form_cannot_cancel(booker: Booker, visitor: httpx.AsyncClient):
    booked = await booker.book()
    path = await enter(visitor, booked)
    forged = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert (await visitor.post(f"{path}/cancel", headers=forged)).status_code == 403
    assert (await booker.show(booked)).json()["status"] == "submitted"
