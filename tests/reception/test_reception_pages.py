"""The pages of reception as a scanner and a keyboard use them, without any script."""

import io
import re

import httpx
import pytest
from fastapi import FastAPI
from pypdf import PdfReader

from app.kit.ids import new_reference
from tests.conftest import Clock
from tests.files.samples import png
from tests.reception.conftest import Counter, finish
from tests.support.papers import faults_of
from tests.support.people import People

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def window(counter: Counter, people: People, client: httpx.AsyncClient) -> Counter:
    """Somebody at the window, signed in with a browser; the visit's time has come."""
    counter.arrive()
    (await people.staff("window", station=counter.station)).browse(client)
    client.headers.update(ENGLISH)
    return counter


async def made(window: Counter) -> list[str]:
    """Codes, as the labels' page makes them."""
    page = f"{window.office}/requests/{window.reference}"
    sent = await window.client.post(page, data={"parts.1": "3", "sheet": "60x40"})
    assert sent.status_code == 303
    return re.findall(r">(WJ-[\w-]+)</a>", (await window.client.get(page)).text)


async def test_one_works_at_one_station_and_is_led_to_it(window: Counter):
    led = await window.client.get("/office/reception")
    assert (led.status_code, led.headers["location"]) == (303, window.office)
    page = (await window.client.get(window.office)).text
    assert window.reference in page  # it is expected today
    assert (await window.client.get("/office/reception/WH-WZ-01")).status_code == 404


async def test_labels_are_made_and_printed_one_a_piece(window: Counter):
    page = f"{window.office}/requests/{window.reference}"
    assert 'value="3"' in (await window.client.get(page)).text  # as many as the form says
    for wrong in ("201", "-1", "x", "９"):
        refused = await window.client.post(page, data={"parts.1": wrong})
        assert refused.status_code == 422
        assert "Give a number from 0 to 200." in refused.text
    assert (await window.client.post(page, data={"parts.1": ""})).status_code == 422
    codes = await made(window)
    assert len(codes) == 3
    for sheet, pages, size in (("a4", 1, (595, 842)), ("60x40", 3, (170, 113)), ("50x30", 3, (142, 85))):
        pdf = await window.client.get(f"{page}/labels.pdf", params={"sheet": sheet, "pieces": "1-3", "start": 23})
        assert pdf.status_code == 200, pdf.text
        assert faults_of(pdf.content) == []
        read = PdfReader(io.BytesIO(pdf.content))
        assert len(read.pages) == (2 if sheet == "a4" else pages)
        box = read.pages[0].mediabox
        assert (round(box.width), round(box.height)) == size
        text = "".join(each.extract_text() for each in read.pages)
        assert [code for code in codes if code not in text] == []
    one = await window.client.get(f"{page}/labels.pdf", params={"thing": codes[1], "sheet": "60x40"})
    text = PdfReader(io.BytesIO(one.content)).pages[0].extract_text()
    assert codes[1] in text
    assert "2/3" in text
    for wrong in ("pieces=x", "start=25", "sheet=a3", "pieces=9-1", ""):
        assert (await window.client.get(f"{page}/labels.pdf?{wrong}")).status_code in (404, 422)


async def test_what_is_scanned_leads_to_the_thing_or_the_request(window: Counter):
    [first, *_] = await made(window)
    scan = f"{window.office}/scan"
    for typed in (first, first.lower().replace("-", " "), f"https://portal.example/w/{first}"):
        led = await window.client.get(scan, params={"scanned": typed})
        assert led.headers["location"] == f"{window.office}/things/{first}", typed
    for typed in (window.reference, f"https://portal.example/r/{window.reference}"):
        led = await window.client.get(scan, params={"scanned": typed})
        assert led.headers["location"] == f"{window.office}/requests/{window.reference}"
    for typed, said in (
        ("", "Scan a label"),
        ("<b>", "Scan a label"),
        (new_reference("WJ"), "No thing with this code"),
    ):
        none = await window.client.get(scan, params={"scanned": typed})
        assert none.status_code == 422
        assert said in none.text
        assert "<b>" not in none.text


async def test_a_scan_and_one_press_take_it_in_and_the_next_label_can_come(window: Counter):
    [first, second, _third] = await made(window)
    page = f"{window.office}/things/{first}"
    shown = (await window.client.get(page)).text
    assert re.search(r'name="seen"\s+value="0"', shown)
    assert re.search(r'value="sound"\s+[^>]*checked', shown)
    sent = {"seen": "0", "condition": "marked", "giver": "王芳", "place": "A-3"}
    refused = await window.client.post(f"{page}/receive", data=sent)
    assert refused.status_code == 422
    assert "Describe it in a few words." in refused.text
    assert "王芳" in refused.text
    files = [("photos", ("a.png", png(), "image/png"))]
    taken = await window.client.post(f"{page}/receive", data=sent | {"words": "<i>划痕"}, files=files)
    assert taken.headers["location"] == f"{window.office}?done=receive&thing={first}"
    said = (await window.client.get(taken.headers["location"])).text
    assert f"Taken in: {first}." in said
    assert "A-3" in said
    # The same form again, from a second window: nothing is done, and it is said.
    late = await window.client.post(f"{page}/receive", data=sent | {"words": "x"})
    assert late.headers["location"] == f"{page}?moved=on"
    now = (await window.client.get(late.headers["location"])).text
    assert "somebody has acted in the meantime" in now
    assert "&lt;i&gt;划痕" in now
    photo = re.search(rf"{page}/photos/[\w-]+", now)
    assert photo is not None
    assert (await window.client.get(photo[0])).content == png()
    assert (await window.client.get(f"{window.office}?done=<b>&thing={second}")).text.count("<b>") == 0


async def test_the_owner_sees_where_it_is_and_that_it_can_be_fetched(window: Counter, app: FastAPI, clock: Clock):
    [first, *_] = await made(window)
    page = f"{window.office}/things/{first}"
    sent = {"condition": "marked", "words": "表盘有划痕", "place": "SHELF-7"}
    await window.client.post(f"{page}/receive", data=sent, files=[("photos", ("a.png", png(), "image/png"))])
    window.client.cookies.clear()
    own = f"/r/{window.reference}"
    await window.client.post(own, data={"code": window.booked["access_code"]})
    shown = (await window.client.get(own)).text
    assert first in shown
    assert "表盘有划痕" in shown
    assert "SHELF-7" not in shown
    assert "It can be fetched" not in shown
    photo = re.search(rf"{own}/things/{first}/photos/[\w-]+", shown)
    assert photo is not None
    assert (await window.client.get(photo[0])).status_code == 200
    await finish(app.state.database, window.reference, clock.now)
    assert "It can be fetched" in (await window.client.get(own)).text
    window.client.cookies.clear()
    assert (await window.client.get(photo[0])).headers["location"] == own  # which asks for the access code


async def test_a_label_leads_nobody_but_staff_to_the_thing(window: Counter):
    [first, *_] = await made(window)
    assert (await window.client.get(f"/w/{first}")).headers["location"] == f"{window.office}/things/{first}"
    assert (await window.client.get("/w/WJ-7K3M-9QXD-J")).headers["location"] == "/find"
    window.client.cookies.clear()
    for code in (first, "WJ-7K3M-9QXD-J", "x"):
        assert (await window.client.get(f"/w/{code}")).headers["location"] == "/find"


async def test_the_camera_may_be_asked_for_here_and_nowhere_else(window: Counter):
    assert "camera=(self)" in (await window.client.get(window.office)).headers["permissions-policy"]
    assert "camera=()" in (await window.client.get("/office")).headers["permissions-policy"]


async def test_an_auditor_reads_and_changes_nothing(window: Counter, people: People):
    [first, *_] = await made(window)
    auditor = await people.staff("auditor")
    window.client.cookies.clear()
    auditor.browse(window.client)
    page = (await window.client.get(f"{window.office}/things/{first}")).text
    assert "/receive" not in page
    refused = await window.client.post(f"{window.office}/things/{first}/receive", data={"condition": "sound"})
    assert refused.status_code == 403
