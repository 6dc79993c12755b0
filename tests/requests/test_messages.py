"""Applicant and station write to each other: by page and by call, with files, announced by mail, masked, on record."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app.kit.rates import Limit, Rates
from tests.conftest import Clock
from tests.files.samples import JPEG, PDF, WEBP, png
from tests.requests.booking import Booker, Json, code
from tests.requests.rights import audited, other_station, signed_in_client
from tests.support.people import People, Signed

pytestmark = pytest.mark.anyio
LETTER = ("证书.pdf", PDF, "application/pdf")


def own(booked: Json, name: str = "messages") -> str:
    return f"/r/{booked['reference']}/{name}"


def office(booked: Json, name: str = "messages") -> str:
    return f"/office/requests/{booked['reference']}/{name}"


def api(booked: Json) -> str:
    return f"/api/v1/requests/{booked['reference']}/messages"


async def opened(booker: Booker, booked: Json) -> httpx.AsyncClient:
    """The visitor's browser, which has shown the access code."""
    answer = await booker.client.post(f"/r/{booked['reference']}", data={"code": booked["access_code"]})
    assert answer.status_code == 303
    return booker.client


async def staff(people: People, booked: Json, role: str = "officer", **more: str) -> Signed:
    return await people.staff(role, station=booked["appointment"]["station_code"], **more)


async def mails(app: FastAPI) -> list[tuple[Any, ...]]:
    return list(
        await app.state.database.fetch(
            "SELECT recipient, subject, body FROM message WHERE kind = 'request.message' ORDER BY created_at, id", ()
        )
    )


async def test_both_sides_write_and_read(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    visitor = await opened(booker, booked)
    answer = await visitor.post(own(booked), data={"text": "可以带两块表吗？\n谢谢"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/r/{booked['reference']}#message-1"
    async with signed_in_client(app, await staff(people, booked)) as clerk:
        page = (await clerk.get(office(booked, "")[:-1])).text
        assert "可以带两块表吗？" in page
        assert "1 条新消息" in page
        assert "条新消息" not in (await clerk.get(office(booked))).text
        assert (await clerk.post(office(booked), data={"text": "可以。"})).status_code == 303
    page = (await visitor.get(f"/r/{booked['reference']}")).text
    assert "可以。" in page
    assert "1 条新消息" in page
    assert "测试人员" not in page


async def test_a_note_of_staff_and_its_files_are_nothing_to_the_applicant(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    async with signed_in_client(app, await staff(people, booked, "window")) as clerk:
        sent = await clerk.post(office(booked, "notes"), data={"note": "先收押金"}, files={"note_files": LETTER})
        assert sent.status_code == 303
        assert (await clerk.post(office(booked), data={"text": "您好"})).status_code == 403
        page = (await clerk.get(office(booked))).text
        assert "先收押金" in page
        path = _links(page)[0]
        assert (await clerk.get(path)).content == PDF
    visitor = await opened(booker, booked)
    for where in (f"/r/{booked['reference']}", own(booked)):
        assert "先收押金" not in (await visitor.get(where)).text
        assert "证书.pdf" not in (await visitor.get(where)).text
    assert (await visitor.get(path.replace("/office/requests/", "/r/"))).status_code == 404
    assert (await visitor.get(api(booked), headers=code(booked))).json() == {"messages": [], "unread": 0}
    download = path.replace("/office/requests/", "/api/v1/requests/")
    assert (await visitor.get(download, headers=code(booked))).status_code == 404
    assert await mails(app) == []
    [entry] = await audited(app, "request.note_written")
    assert entry["after"] == {"n": 1, "files": 1}


def _links(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('<a href="') if "/files/" in part.split('"')[0]]


async def test_files_come_back_as_they_were_and_only_to_who_may_see_them(app: FastAPI, booker: Booker, people: People):
    booked, other = await booker.book(), await booker.book()
    visitor = await opened(booker, booked)
    five = [
        ("files", (f"{n}.{end}", data, ""))
        for n, (end, data) in enumerate([("pdf", PDF), ("png", png()), ("jpg", JPEG), ("webp", WEBP), ("pdf", PDF)])
    ]
    assert (await visitor.post(own(booked), files=five)).status_code == 303
    links = _links((await visitor.get(own(booked))).text)
    assert len(links) == 5
    for link, (_field, (name, data, _kind)) in zip(links, five, strict=True):
        got = await visitor.get(link)
        assert got.content == data
        assert got.headers["content-disposition"].startswith(f'attachment; filename="{name}"')
    await opened(booker, other)
    assert (await visitor.get(links[0].replace(booked["reference"], other["reference"]))).status_code == 404
    assert (await visitor.get(links[0].replace("/messages/1/", "/messages/2/"))).status_code == 404
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver") as stranger:
        assert (await stranger.get(links[0])).status_code == 303
    theirs = links[0].replace("/r/", "/office/requests/")
    async with signed_in_client(app, await people.staff("officer", station=await other_station(booker, booked))) as far:
        assert (await far.get(theirs)).status_code == 404
    async with signed_in_client(app, await people.staff("auditor")) as auditor:
        assert (await auditor.get(theirs)).content == PDF
        assert (await auditor.get(office(booked))).status_code == 200
        assert (await auditor.post(office(booked), data={"text": "x"})).status_code == 403
        assert (await auditor.post(office(booked, "notes"), data={"note": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("data", "files", "word"),
    [
        ({"text": " "}, [], "f-text"),
        ({"text": "长" * 4001}, [], "f-text"),
        ({"text": "看"}, [("files", ("a.pdf", b"<html>", "application/pdf"))], "f-files"),
        ({"text": "看"}, [("files", ("1.pdf", PDF, ""))] * 6, "f-files"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    *, app: FastAPI, booker: Booker, data: Json, files: list[Any], word: str
):
    booked = await booker.book()
    visitor = await opened(booker, booked)
    answer = await visitor.post(own(booked), data=data, files=files or None)
    assert answer.status_code == 422
    assert f'href="#{word}"' in answer.text
    assert data["text"].strip() in answer.text
    assert await app.state.database.fetch("SELECT 1 FROM stored_file UNION SELECT 1 FROM conversation", ()) == []


async def test_what_is_written_stays_text(booker: Booker):
    booked = await booker.book()
    visitor = await opened(booker, booked)
    await visitor.post(own(booked), data={"text": "<script>alert(1)</script>{{ 7*7 }}"})
    page = (await visitor.get(own(booked))).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page


async def test_staff_see_numbers_and_addresses_masked_until_they_reveal_them(
    app: FastAPI, booker: Booker, people: People
):
    booked = await booker.book()
    visitor = await opened(booker, booked)
    await visitor.post(own(booked), data={"text": "请打 13900001234 或写 li@example.com"})
    signed = await staff(people, booked)
    async with signed_in_client(app, signed) as clerk:
        page = (await clerk.get(office(booked))).text
        assert "13900001234" not in page
        assert "li@example.com" not in page
        told = (await clerk.get(api(booked), headers=signed.bearer)).json()
        assert "13900001234" not in told["messages"][0]["text"]
        await clerk.post(office(booked, "reveal"), data={"why": "call"})
        assert "13900001234" in (await clerk.get(office(booked))).text
    assert "13900001234" in (await visitor.get(own(booked))).text


async def test_the_applicant_gets_one_mail_an_hour_until_it_was_read(
    app: FastAPI, booker: Booker, people: People, clock: Clock
):
    booked = await booker.book()
    async with signed_in_client(app, await staff(people, booked)) as clerk:
        for text in ("一", "二"):
            await clerk.post(office(booked), data={"text": f"秘密{text}"})
        [(recipient, subject, body)] = await mails(app)
        assert recipient == "wang@example.com"
        assert booked["reference"] in subject
        assert "秘密" not in body
        assert f"/r/{booked['reference']}#messages" in body
        visitor = await opened(booker, booked)
        await visitor.get(f"/r/{booked['reference']}")
        await clerk.post(office(booked), data={"text": "三"})
        assert len(await mails(app)) == 2
        for minutes, so_far in ((29, 2), (29, 2), (2, 3)):
            clock.move(timedelta(minutes=minutes))
            await clerk.post(office(booked), data={"text": f"{minutes}"})
            assert len(await mails(app)) == so_far
    entries = await audited(app, "request.message_written")
    assert sorted(entry["after"]["n"] for entry in entries) == [1, 2, 3, 4, 5, 6]
    assert {entry["object_id"] for entry in entries} == {booked["reference"]}


async def test_officers_with_an_address_hear_of_the_applicants_message(app: FastAPI, booker: Booker, people: People):
    booked = await booker.book()
    officer = await staff(people, booked)
    await staff(people, booked)
    await app.state.database.fetch("UPDATE person SET email = 'o@example.com' WHERE id = %s", (officer.id,))
    visitor = await opened(booker, booked)
    await visitor.post(own(booked), data={"text": "你好"})
    [(recipient, _subject, body)] = await mails(app)
    assert recipient == "o@example.com"
    assert f"/office/requests/{booked['reference']}#messages" in body


async def test_programs_write_json_or_a_form_with_files(booker: Booker, people: People):
    booked = await booker.book()
    path, client = api(booked), booker.client
    said = await client.post(path, json={"text": "你好"}, headers=code(booked))
    assert said.status_code == 201
    assert said.json()["n"] == 1
    assert said.json()["author"] is None
    with_file = await client.post(path, data={"text": "附件"}, files=[("files", LETTER)], headers=code(booked))
    [file] = with_file.json()["files"]
    assert (await client.get(file["href"], headers=code(booked))).content == PDF
    officer = await staff(people, booked)
    note = await client.post(path, json={"text": "内部", "inside": True}, headers=officer.bearer)
    assert note.status_code == 201
    assert note.json()["author"].startswith("测试人员")
    listed = (await client.get(path, headers=code(booked))).json()
    assert [each["n"] for each in listed["messages"]] == [1, 2]
    assert (await client.get(path, headers=officer.bearer)).json()["unread"] == 2


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"json": {"text": ""}}, 422, "text"),
        ({"json": {"text": "x", "to": "y"}}, 422, "to"),
        ({"json": {"text": "x", "inside": True}}, 422, "inside"),
        ({"json": []}, 422, "body"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 422, "body"),
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, ""),
        ({"data": {"text": "x"}, "files": {"other": LETTER}}, 422, "other"),
        ({"data": {"text": "x"}, "files": {"files": ("a.svg", b"<svg/>", "")}}, 422, "files"),
    ],
)
async def test_a_program_is_told_what_is_wrong(*, booker: Booker, sent: Json, status: int, field: str):
    booked = await booker.book()
    answer = await booker.client.post(api(booked), **{**sent, "headers": {**sent.get("headers", {}), **code(booked)}})
    assert answer.status_code == status, answer.text
    if field:
        assert answer.json()["errors"][0]["field"] == field


async def test_a_code_of_another_request_opens_nothing(booker: Booker):
    booked, other = await booker.book(), await booker.book()
    assert (await booker.client.get(api(booked), headers=code(other))).status_code == 404
    answer = await booker.client.post(api(booked), json={"text": "x"}, headers=code(other))
    assert answer.status_code == 404
    assert (await booker.client.get(f"{api(booked)}/1/files/{UUID(int=7)}", headers=code(booked))).status_code == 404


async def test_a_visitor_cannot_flood_a_station(app: FastAPI, booker: Booker):
    booked = await booker.book()
    app.state.rates = Rates(app.state.database, {"message": Limit(3, 3600)})
    for _number in range(3):
        answer = await booker.client.post(api(booked), json={"text": "x"}, headers=code(booked))
    assert answer.status_code == 201
    assert (await booker.client.post(api(booked), json={"text": "x"}, headers=code(booked))).status_code == 429
    visitor = await opened(booker, booked)
    answer = await visitor.post(own(booked), data={"text": "写了很久的话"})
    assert answer.status_code == 422
    assert "写了很久的话" in answer.text
