"""A report file by the API: kept by the same function as from the page, refused by the same rules."""

import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.requests.booking import code
from tests.requests.test_life_api import Life
from tests.results.test_results_api import results
from tests.results.test_results_pages import PDF

pytestmark = pytest.mark.anyio


async def report(work: Life, said: Any, file: bytes = PDF, **more: Any) -> httpx.Response:
    path = f"{work.booked['links']['self']}/items/1/{more.pop('verb', 'record-report')}"
    named = more.pop("name", "报告.pdf")
    text = said if isinstance(said, str) else json.dumps(said)
    headers = {**await work.by("window"), **more}
    return await work.booker.client.post(
        path, data={"result": text}, files={"file": (named, file, "application/pdf")}, headers=headers
    )


async def without_values(work: Life, **more: Any) -> Any:
    return {**await work.found(**more), "rows": []}


async def test_a_report_file_by_the_api_is_verified_issued_and_saved_like_one_from_the_page(work: Life):
    kept = await report(work, await without_values(work))
    assert (kept.status_code, kept.json()["status"]) == (200, "result_entered"), kept.text
    await work.go(("officer", "verify"), ("officer", "issue"))
    [document] = (await results(work, "applicant"))["documents"]
    facts = (await work.booker.client.get(document["facts"], headers=code(work.booked))).json()
    assert facts["file"] == {"name": "报告.pdf", "sha256": hashlib.sha256(PDF).hexdigest()}
    again = await report(work, {**await without_values(work), "reason": "报告有误"}, verb="correct-report")
    assert (again.status_code, again.json()["status"]) == (200, "result_entered"), again.text
    await work.go(("officer", "verify"), ("officer", "issue"))
    assert [each["version"] for each in (await results(work, "applicant"))["documents"]] == [1, 2]


@pytest.mark.parametrize(
    ("file", "name", "error"),
    [
        (b"no pdf", "report.pdf", "file_kind"),
        (b"", "report.pdf", "file_empty"),
        (PDF, "report.exe.pdf", "file_name"),
        (PDF + b" " * (11 << 20), "report.pdf", "file_too_large"),
    ],
)
async def test_a_file_that_is_none_is_refused_by_name(work: Life, file: bytes, name: str, error: str):
    answer = await report(work, await without_values(work), file, name=name)
    found = answer.json()
    assert answer.status_code in {413, 422}
    if answer.status_code == 422:
        assert [(each["field"], each["code"]) for each in found["errors"]] == [("file", error)]
    assert (await work.shown())["status"] == "in_progress"


@pytest.mark.parametrize(
    ("said", "field"), [("{", "result"), ("{}", "done_on"), ('{"done_on": "2026-12-01", "colour": 1}', "colour")]
)
async def test_what_is_said_besides_is_judged_by_field(work: Life, said: str, field: str):
    answer = await report(work, said)
    assert (answer.status_code, field in [each["field"] for each in answer.json()["errors"]]) == (422, True)


async def test_a_correction_needs_its_reason_and_leaves_no_file(work: Life):
    await work.issued()
    answer = await report(work, await without_values(work), verb="correct-report")
    assert [each["field"] for each in answer.json()["errors"]] == ["reason"]


async def test_the_same_file_sent_again_under_a_key_is_one_and_another_one_is_refused(work: Life):
    said = await without_values(work)
    key = {"Idempotency-Key": "report-1"}
    first, second = await report(work, said, **key), await report(work, said, **key)
    assert (first.status_code, second.json()) == (200, first.json())
    other = await report(work, said, PDF + b"\n", **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await results(work))["results"]) == 1


async def test_an_applicant_enters_nothing(work: Life):
    path = f"{work.booked['links']['self']}/items/1/record-report"
    answer = await work.booker.client.post(
        path,
        data={"result": json.dumps(await without_values(work))},
        files={"file": ("a.pdf", PDF, "application/pdf")},
        headers=code(work.booked),
    )
    assert answer.status_code in {403, 404, 409}
