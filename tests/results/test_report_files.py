"""A report file by the API: sent along with what was found, refused by field, repeated, and given out again."""

import asyncio
import hashlib
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.requests.booking import code
from tests.requests.rights import other_station
from tests.requests.test_life_api import Life
from tests.results.test_results_api import results
from tests.results.test_results_pages import PDF

pytestmark = pytest.mark.anyio
OTHER = PDF.replace(b"Count 0", b"Count 0 ")
ENGLISH = {"Accept-Language": "en"}


async def send(
    work: Life,
    files: Any,
    role: str = "window",
    verb: str = "record-result",
    key: str = "",
    **fields: Any,
) -> httpx.Response:
    """The step as a form, in English."""
    headers = {**ENGLISH, **await work.by(role), **({"Idempotency-Key": key} if key else {})}
    path = f"{work.booked['links']['self']}/items/1/{verb}"
    return await work.booker.client.post(path, data=fields, files=files, headers=headers)


def report(data: bytes = PDF, name: str = "报告.pdf", kind: str = "application/pdf") -> dict[str, Any]:
    return {"file": (name, data, kind)}


async def said(work: Life) -> dict[str, Any]:
    """What is needed beside the report, as a form says it."""
    return {"done_on": (await work.found())["done_on"], "passed": "true"}


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


async def test_a_report_comes_in_place_of_the_table_and_is_saved_by_whom_it_concerns(work: Life):
    entered = await send(work, report(), **await said(work))
    assert (entered.status_code, entered.json()["status"]) == (200, "result_entered")
    [result] = (await results(work))["results"]
    assert (result["measured"], result["file"]["name"], result["file"]["size"]) == (None, "报告.pdf", len(PDF))
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert result["file"]["sha256"] == sha256
    client, href = work.booker.client, result["file"]["href"]
    saved = await client.get(href, headers=await work.by("officer"))
    assert (saved.content, saved.headers["content-type"]) == (PDF, "application/pdf")
    assert saved.headers["content-disposition"].startswith("attachment")
    hidden = await client.get(href, headers=code(work.booked))  # before it is issued the applicant sees nothing of it
    assert (hidden.status_code, hidden.json()["code"]) == (404, "file_missing")
    await work.go(("officer", "verify"), ("officer", "issue"))
    [document] = (await results(work, "applicant"))["documents"]
    assert (await client.get(document["report"], headers=code(work.booked))).content == PDF
    facts = (await client.get(document["facts"], headers=code(work.booked))).json()
    assert facts["file"]["sha256"] == sha256
    elsewhere = await work.people.staff("manager", station=await other_station(work.booker, work.booked))
    for path in (href, document["report"]):
        assert (await client.get(path, headers=dict(elsewhere.bearer))).json()["code"] == "request_unknown"


async def test_values_come_along_in_one_part_or_a_part_a_row(work: Life):
    found = await work.found()
    form = {**await said(work), "unit": "MPa"}
    together = await send(work, report(), rows=json.dumps(found["rows"]), **form)
    assert together.status_code == 200, together.text
    await work.go(("officer", "refuse-result"), reason="再看一遍")
    apart = await send(work, None, rows=[json.dumps(row) for row in found["rows"]], **form)
    assert apart.headers["content-type"] == "application/problem+json"  # without a file, httpx writes no multipart
    apart = await send(work, [("rows", (None, json.dumps(row))) for row in found["rows"]], **form)
    assert apart.status_code == 200, apart.text
    first, second = (await results(work))["results"]
    assert first["measured"] == second["measured"]
    assert (first["file"]["name"], second["file"]) == ("报告.pdf", None)


async def test_what_is_wrong_is_named_by_its_field_and_nothing_is_kept(work: Life, app: FastAPI):
    form = await said(work)
    assert faults(await send(work, report(b"no pdf"), **form)) == [("file", "file_kind")]
    assert faults(await send(work, report(b""), **form)) == [("file", "file_empty")]
    assert faults(await send(work, report(name="report.exe"), **form)) == [("file", "file_name")]
    assert faults(await send(work, [("file", report()["file"])] * 2, **form)) == [("file", "too_many")]
    assert faults(await send(work, {"picture": report()["file"]}, **form)) == [("picture", "extra_forbidden")]
    assert faults(await send(work, report(), passed="true")) == [("done_on", "missing")]
    assert faults(await send(work, report(), rows="[{", **form)) == [("rows", "json_invalid")]
    assert faults(await send(work, report(), rows="7", **form)) == [("rows.0", "dict_type")]
    assert faults(await send(work, {"remarks": (None, "-")}, **form)) == [("rows", "nothing_found")]
    assert faults(await send(work, report(), **{**form, "passed": ""})) == [("passed", "verdict_missing")]
    sentence = (await send(work, report(b"no pdf"), **form)).json()["errors"][0]["message"]
    assert sentence.startswith("Only PDF files")
    assert (await work.shown())["status"] == "in_progress"
    assert await app.state.database.fetch("SELECT count(*) FROM stored_file", ()) == [(0,)]


async def test_a_file_that_is_too_large_is_refused_also_when_it_is_much_too_large(work: Life, app: FastAPI):
    most = app.state.settings.files.file_max_kib * 1024
    form = await said(work)
    large = await send(work, report(PDF.ljust(most + 1, b"\n")), **form)
    assert faults(large) == [("file", "file_too_large")]
    larger = await send(work, report(PDF.ljust(most + 100 * 1024, b"\n")), **form)
    assert (larger.status_code, larger.json()["code"]) == (413, "too_large")


async def test_other_kinds_of_bodies_are_refused(work: Life):
    path = f"{work.booked['links']['self']}/items/1/record-result"
    headers = await work.by("window")
    for kind, status, name in (("text/plain", 415, "unsupported_media_type"), ("application/json", 422, "invalid")):
        answer = await work.booker.client.post(path, content=b"{", headers={**headers, "Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (status, name)


async def test_the_same_report_under_the_same_key_is_kept_once_and_another_is_refused(work: Life, app: FastAPI):
    form = await said(work)
    first, again = await send(work, report(), key="one", **form), await send(work, report(), key="one", **form)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await send(work, report(OTHER), key="one", **form)
    assert other.json()["code"] == "idempotency_key_reused"
    assert await app.state.database.fetch("SELECT count(*) FROM stored_file", ()) == [(1,)]


async def test_of_two_who_send_a_report_at_once_one_is_kept(work: Life, app: FastAPI):
    form = await said(work)
    await work.by("officer")
    await work.by("window")
    answers = await asyncio.gather(
        *(send(work, report(data), role, **form) for role, data in (("window", PDF), ("officer", OTHER)))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await app.state.database.fetch("SELECT count(*) FROM result", ()) == [(1,)]
    assert await app.state.database.fetch("SELECT count(*) FROM stored_file", ()) == [(1,)]


async def test_a_document_is_corrected_by_another_report(work: Life):
    await send(work, report(), **await said(work))
    await work.go(("officer", "verify"), ("officer", "issue"))
    form = await said(work)
    assert faults(await send(work, report(OTHER), verb="correct-result", **form)) == [("reason", "required")]
    fixed = await send(work, report(OTHER), verb="correct-result", reason="第三页笔误", **form)
    assert fixed.status_code == 200, fixed.text
    await work.go(("officer", "verify"), ("officer", "issue"))
    old, new = (await results(work, "applicant"))["documents"]
    client, headers = work.booker.client, code(work.booked)
    assert [(await client.get(each["report"], headers=headers)).content for each in (old, new)] == [PDF, OTHER]


async def test_who_may_not_enter_results_leaves_no_file_behind(work: Life, app: FastAPI):
    answer = await send(work, report(), "applicant", **await said(work))
    assert answer.json()["code"] == "invalid_transition"
    assert await app.state.database.fetch("SELECT count(*) FROM stored_file", ()) == [(0,)]


async def test_the_document_of_the_api_says_both_ways(app: FastAPI):
    for verb in ("record-result", "correct-result"):
        post = app.openapi()["paths"][f"/api/v1/requests/{{reference}}/items/{{n}}/{verb}"]["post"]
        content = post["requestBody"]["content"]
        assert sorted(content) == ["application/json", "multipart/form-data"]
        assert content["multipart/form-data"]["schema"]["properties"]["file"]["format"] == "binary"
        assert "done_on" in content["application/json"]["schema"]["required"]
