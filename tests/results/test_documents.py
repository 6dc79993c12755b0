"""Documents as PDF, read back: what stands in them, how they are made, and how anybody checks them."""

import io
import re
from datetime import timedelta

import httpx
import pypdf
import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.requests.booking import Booker, Json, code
from tests.requests.test_life_api import Life
from tests.results.conftest import begun
from tests.results.test_results_api import results
from tests.support.papers import faults_of
from tests.support.people import People

pytestmark = pytest.mark.anyio
PERSONAL = ("王芳", "13812345678", "wang@example.com", "芜湖长江阀门有限公司", "91110000600037341L")


async def documents(work: Life) -> list[Json]:
    found: list[Json] = (await results(work, "applicant"))["documents"]
    return found


async def pdf_of(work: Life, document: Json) -> bytes:
    answer = await work.booker.client.get(document["pdf"], headers=code(work.booked))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert faults_of(answer.content) == []
    return answer.content


def words_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


async def check(client: httpx.AsyncClient, number: str, short: str, **headers: str) -> httpx.Response:
    return await client.get("/api/v1/check", params={"number": number, "code": short}, headers=headers)


async def test_the_certificate_says_what_was_found_in_both_languages(work: Life):
    await work.go(("window", "record-result"), **await work.found(environment="温度 20 ℃", basis="#强调$公式$ \\规程"))
    await work.go(("officer", "verify"), ("officer", "issue"))
    [document] = await documents(work)
    words = words_of(await pdf_of(work, document))
    for said in (
        "检定证书", "Verification Certificate", document["number"], document["code"], document["digest"],
        "芜湖长江阀门有限公司", "20260001", "0.402", "0.003", "合格", "Passed", "2027-05-31", "温度 20 ℃", "MPa",
        "#强调$公式$ \\规程", "示值误差", "Error of indication",
    ):  # fmt: skip
        assert said.replace(" ", "") in words.replace(" ", ""), said  # set with thin spaces
    assert not [word for word in ("王芳", "13812345678") if word in words]


async def test_it_can_be_read_aloud_kept_and_has_its_fonts_within(work: Life):
    await work.issued()
    [document] = await documents(work)
    pdf = await pdf_of(work, document)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert bool(reader.trailer["/Root"]["/MarkInfo"]["/Marked"])
    assert str(reader.trailer["/Root"]["/Lang"]).lower().startswith("zh")
    assert reader.metadata is not None
    assert reader.metadata.title == f"检定证书 {document['number']}"
    about = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfuaid:part>1<", about)
    assert re.search(r"pdfaid:part>2<", about)
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("/FontFile3" in font or "/FontFile2" in font for font in fonts)
    assert await pdf_of(work, document) == pdf  # the same bytes whenever it is asked for


async def test_a_notice_says_that_it_has_not_passed_and_holds_until_no_day(work: Life):
    await work.go(("window", "record-result"), **await work.found(passed=False))
    await work.go(("officer", "verify"), ("officer", "issue"))
    [document] = await documents(work)
    words = words_of(await pdf_of(work, document))
    assert "检定结果通知书" in words
    assert "不合格" in words
    assert "有效期至" not in words


async def test_a_calibration_states_results_and_no_verdict(booker: Booker, people: People, clock: Clock):
    service = "MET-THE-011"  # thermo-hygrometers
    held = await booker.hold((await booker.designated(use="other", service=service))[0], services=(service,))
    items = [{"service_code": service, "inputs": await booker.some_answers(service)}]
    booked = (await booker.send(await booker.filled_in(held, items=items, use="other"))).json()
    life = await begun(Life(booker, people, clock, booked))
    found = await life.found(unit="℃", rows=[{"standard": "20.0", "indication": "20.3"}])
    refused = await life.step("window", "record-result", **found)
    assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [("passed", "no_verdict")]
    await life.go(("window", "record-result"), **{**found, "passed": None})
    await life.go(("officer", "verify"), ("officer", "issue"))
    [document] = await documents(life)
    assert (document["document"], document["valid_until"]) == ("calibration", None)
    words = words_of(await pdf_of(life, document))
    assert "校准证书" in words
    assert "-0.3" in words
    assert not [word for word in ("检定结论", "Verdict", "Passed", "有效期至") if word in words]


async def test_a_test_report_names_what_was_tested(booker: Booker, people: People, clock: Clock):
    service = "TST-001"
    held = await booker.hold((await booker.designated(use="other", service=service))[0], services=(service,))
    items = [{"service_code": service, "inputs": await booker.some_answers(service)}]
    booked = (await booker.send(await booker.filled_in(held, items=items, use="other"))).json()
    life = await begun(Life(booker, people, clock, booked))
    rows = [{"item": "导体电阻", "requirement": "≤ 7.41 Ω/km", "result": "7.02", "unit": "Ω/km"}]
    await life.go(("window", "record-result"), **{**await life.found(unit="", rows=rows), "passed": None})
    await life.go(("officer", "verify"), ("officer", "issue"))
    [document] = await documents(life)
    words = words_of(await pdf_of(life, document))
    assert (document["document"], "导体电阻" in words, "7.41" in words) == ("report", True, True)


async def test_what_is_corrected_or_withdrawn_says_so_on_paper_and_when_checked(work: Life, client: httpx.AsyncClient):
    await work.issued()
    await work.go(("window", "correct-result"), reason="单位名称笔误", **await work.found())
    await work.go(("officer", "verify"), ("officer", "issue"))
    await work.go(("officer", "invalidate"), reason="王芳来电称读数有误")
    old, new = await documents(work)
    assert "已被更正版本替代" in words_of(await pdf_of(work, old))
    assert "已作废" in words_of(await pdf_of(work, new))
    first = (await check(client, old["number"], old["code"])).json()
    assert (first["status"], first["version"], first["latest"]) == ("corrected", 1, None)
    second = (await check(client, new["number"], new["code"])).json()
    assert (second["status"], second["version"], second["ended_on"] is not None) == ("withdrawn", 2, True)
    for answer in (first, second):
        assert not [word for word in PERSONAL if word in str(answer)]


async def test_anybody_with_the_paper_learns_that_it_is_real_and_nobodys_name(
    work: Life, client: httpx.AsyncClient, clock: Clock
):
    await work.issued()
    [document] = await documents(work)
    typed = document["code"].lower().replace("-", " ")
    answer = await check(client, f" {document['number'].lower()} ", typed)
    told = answer.json()
    assert (answer.status_code, told["status"], told["digest"]) == (200, "valid", document["digest"])
    assert (told["object_name"], told["object_serial"], told["passed"]) == ("压力表", "20260001", True)
    page = await client.get("/check", params={"number": document["number"], "code": document["code"]})
    assert "有效" in page.text
    for text in (answer.text, page.text):
        assert not [word for word in PERSONAL if word in text]
    clock.move(timedelta(days=200))
    assert (await check(client, document["number"], document["code"])).json()["status"] == "expired"


async def test_an_unknown_number_answers_as_a_wrong_code_does(work: Life, client: httpx.AsyncClient):
    await work.issued()
    [document] = await documents(work)
    wrong = [
        await check(client, document["number"], "AAAA-AAAA"),
        await check(client, document["number"].replace("-00001", "-00002"), document["code"]),
        await check(client, "压力表证书'; --", document["code"]),
        await check(client, document["number"], work.booked["access_code"]),
    ]
    assert {answer.status_code for answer in wrong} == {404}
    assert len({answer.text for answer in wrong}) == 1
    for number, short in (("", "AAAA-AAAA"), (document["number"], "")):
        assert (await check(client, number, short)).status_code == 422
    page = await client.get("/check", params={"number": document["number"], "code": "AAAA-AAAA"})
    assert page.status_code == 422
    assert 'href="#f-number"' in page.text
    broken = await client.get("/check", params={"number": "WH\0-1", "code": "\0"})
    assert broken.status_code == 422


async def test_a_check_is_one_statement(work: Life, client: httpx.AsyncClient, app: FastAPI):
    await work.issued()
    [document] = await documents(work)
    asked: list[str] = []
    fetch = app.state.database.fetch

    async def counted(statement: str, params: object) -> object:
        asked.append(statement)
        return await fetch(statement, params)

    app.state.database.fetch = counted
    try:
        assert (await check(client, document["number"], document["code"])).status_code == 200
    finally:
        app.state.database.fetch = fetch
    assert len([each for each in asked if "issued_document" in each]) == 1
    rest = [each for each in asked if "issued_document" not in each]
    assert all("rate" in each for each in rest), rest


async def test_codes_cannot_be_tried_in_numbers(client: httpx.AsyncClient):
    answers = [(await check(client, "WH-1", f"AAAA-{n:04d}")).status_code for n in range(80)]
    assert 429 in answers


async def test_documents_of_others_are_not_given_out(work: Life, client: httpx.AsyncClient):
    await work.issued()
    [document] = await documents(work)
    other = await Booker(client).book()
    path = document["pdf"].replace(work.booked["reference"], other["reference"])
    assert (await client.get(path, headers=code(other))).json()["code"] == "document_unknown"
