"""Pages of results: a report file instead of values, consent of the applicant, and who is shown what."""

import hashlib

import httpx
import pytest

from tests.conftest import Clock
from tests.requests.booking import Booker
from tests.requests.test_life_api import Life
from tests.results.conftest import begun
from tests.results.test_results_api import results
from tests.support.people import People

pytestmark = pytest.mark.anyio
ENGLISH = {"Accept-Language": "en"}
PDF = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n" + (
    b"trailer\n<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF\n"
)


async def browse(work: Life, client: httpx.AsyncClient, role: str) -> str:
    """The client is now this role's browser; the path of the results."""
    client.cookies.clear()
    reference = work.booked["reference"]
    if role == "applicant":
        await client.post(f"/r/{reference}", data={"code": work.booked["access_code"]})
        return f"/r/{reference}/results"
    await work.by(role)
    (await work.people.sign_in(work.staff[role].id)).browse(client)
    return f"/office/requests/{reference}/results"


async def test_a_report_comes_as_a_file_that_its_verifier_and_the_applicant_save(work: Life, client: httpx.AsyncClient):
    path = await browse(work, client, "window")
    form = {"done_on": work.clock.now.date().isoformat(), "passed": "yes", "unit": "MPa"}
    wrong = await client.post(
        f"{path}/1/enter", data=form, files={"file": ("report.pdf", b"no pdf", "application/pdf")}, headers=ENGLISH
    )
    assert (wrong.status_code, 'href="#f-file"' in wrong.text) == (422, True)
    kept = await client.post(f"{path}/1/enter", data=form, files={"file": ("报告.pdf", PDF, "application/pdf")})
    assert kept.headers["location"] == f"{path}?changed=entered", kept.text
    path = await browse(work, client, "officer")
    saved = await client.get(f"{path}/1/report/1")
    assert (saved.status_code, saved.content) == (200, PDF)
    assert (await client.post(f"{path}/1/verify", data={"attempt": "1"})).headers["location"].endswith("verified")
    assert (await client.post(f"{path}/1/issue")).headers["location"].endswith("issued")
    [document] = (await results(work, "applicant"))["documents"]
    path = await browse(work, client, "applicant")
    page = await client.get(path, headers=ENGLISH)
    assert document["number"] in page.text
    assert "Correct the document" not in page.text
    of_document = f"{path.removesuffix('/results')}/documents/{document['number']}/1"
    assert (await client.get(f"{of_document}/report")).content == PDF
    facts = (await client.get(f"{of_document}.json")).json()
    assert facts["file"]["sha256"] == hashlib.sha256(PDF).hexdigest()


async def test_who_has_entered_it_is_told_why_not_to_verify_it(work: Life, client: httpx.AsyncClient):
    await work.go(("officer", "record-result"), **await work.found())
    path = await browse(work, client, "officer")
    page = await client.get(path, headers=ENGLISH)
    assert "You have entered this result yourself" in page.text
    assert f'action="{path}/1/verify"' not in page.text
    forced = await client.post(f"{path}/1/verify", headers=ENGLISH)
    assert (forced.status_code, "Somebody else at the station has to verify it." in forced.text) == (422, True)


async def test_the_applicant_sees_no_values_before_the_document_is_issued(work: Life, client: httpx.AsyncClient):
    await work.go(("window", "record-result"), **await work.found())
    page = await client.get(await browse(work, client, "applicant"), headers=ENGLISH)
    assert "There is no document yet." in page.text
    assert "0.402" not in page.text


async def test_the_applicant_agrees_on_the_page_of_the_request(client: httpx.AsyncClient, people: People, clock: Clock):
    booker = Booker(client)
    booked = (await booker.send(await booker.filled_in(await booker.hold(), use="other"))).json()
    life = await begun(Life(booker, people, clock, booked))
    await life.go(("officer", "ask-subcontract"), reason="部分项目委托芜湖计量所")
    page = (await browse(life, client, "applicant")).removesuffix("/results")
    shown = (await client.get(page)).text
    assert "部分项目委托芜湖计量所" in shown
    assert f'action="{page}/step/consent"' in shown
    assert (await client.post(f"{page}/step/consent")).status_code == 303
    assert (await life.shown())["status"] == "subcontracted"
