"""A result by the API: entered by one, verified by another, issued; corrected, withdrawn, done anew."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from app.results.issued import Issued
from tests.conftest import Clock
from tests.requests.booking import Booker, Json, code
from tests.requests.rights import audited, other_station
from tests.requests.splitting import Split, booked_both
from tests.requests.test_life_api import Life
from tests.results.conftest import begun
from tests.support.people import People

pytestmark = pytest.mark.anyio


async def results(work: Life, role: str = "officer", n: int = 1) -> Json:
    path = f"{work.booked['links']['self']}/items/{n}/results"
    answer = await work.booker.client.get(path, headers=await work.by(role))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_what_one_enters_another_verifies_and_the_applicant_gets_the_document(work: Life, app: FastAPI):
    empty = await results(work)
    assert empty["table"]["kind"] == "pressure"
    assert [column["key"] for column in empty["table"]["columns"] if column["computed"]] == ["error", "hysteresis"]
    entered = await work.go(("window", "record-result"), **await work.found(basis="按规程", environment="20 ℃"))
    assert entered["status"] == "result_entered"
    assert entered["due_at"] is not None  # the time for the work runs until the document is issued
    assert (await results(work, "applicant")) == {**empty, "table": empty["table"]}  # nothing before it is issued
    issued = await work.go(("officer", "verify"), ("officer", "issue"))
    assert (issued["status"], issued["due_at"]) == ("issued", None)
    station = work.booked["appointment"]["station_code"]
    [document] = (await results(work, "applicant"))["documents"]
    assert document["number"] == f"{station}-2026-00001"
    assert (document["version"], document["document"], document["status"]) == (1, "certificate", "valid")
    assert document["valid_until"] == "2027-05-31"
    assert issued["timeline"][-1]["text_en"] == f"Document {document['number']} was issued."
    [result] = (await results(work))["results"]
    assert result["measured"]["rows"][0] == ["0.40", "0.402", "0.405", "0.005", "0.003"]
    assert result["entered_by"] != result["verified_by"]
    [entry] = await audited(app, "request.issued")
    assert entry["after"] == {"status": "issued", "number": document["number"]}


async def test_the_digest_is_that_of_the_facts_and_nobody_is_named_in_them(work: Life):
    await work.issued()
    [document] = (await results(work, "applicant"))["documents"]
    answer = await work.booker.client.get(document["facts"], headers=code(work.booked))
    assert hashlib.sha256(answer.content).hexdigest() == document["digest"]
    facts = answer.json()
    assert facts["client"] == "芜湖长江阀门有限公司"
    assert ["serial_no", "出厂编号"] in [each[:2] for each in facts["object"]]
    assert not [word for word in ("王芳", "13812345678", "wang@example.com") if word in answer.text]


async def test_who_entered_it_cannot_verify_it_whatever_the_role(work: Life):
    await work.go(("manager", "record-result"), **await work.found())
    refused = await work.step("manager", "verify")
    assert (refused.status_code, refused.json()["code"]) == (403, "own_result")
    assert (await work.shown())["status"] == "result_entered"
    assert (await work.go(("officer", "verify")))["status"] == "verified"


async def test_at_the_window_nobody_verifies_or_issues(work: Life):
    await work.go(("officer", "record-result"), **await work.found())
    assert (await work.step("window", "verify")).json()["code"] == "request_unknown"
    await work.go(("manager", "verify"))
    assert (await work.step("window", "issue")).json()["code"] == "request_unknown"


async def test_the_applicant_takes_none_of_these_steps(work: Life):
    found = await work.found()
    for verb in ("record-result", "verify", "issue", "invalidate", "correct-result", "refuse-result"):
        sent: Json = found if verb.endswith("result") and verb != "refuse-result" else {}
        assert (await work.step("applicant", verb, **sent)).json()["code"] == "invalid_transition", verb


async def test_what_is_missing_is_named_by_its_field_in_both_languages(work: Life):
    found = await work.found(rows=[{"point": "0.4"}], passed=None, unit="")
    answer = await work.step("window", "record-result", **found)
    faults = {each["field"]: each["code"] for each in answer.json()["errors"]}
    assert (answer.status_code, faults) == (
        422,
        {"rows.0.up": "value_missing", "passed": "verdict_missing", "unit": "unit_unknown"},
    )
    assert answer.json()["errors"][0]["message"] == "缺少该数值。"
    assert (await work.shown())["status"] == "in_progress"
    assert (await work.step("window", "record-result", **await work.found(colour="red"))).status_code == 422


async def test_a_result_that_is_not_right_is_sent_back_and_entered_anew(work: Life):
    await work.go(("window", "record-result"), **await work.found())
    assert (await work.step("officer", "refuse-result")).json()["errors"][0]["field"] == "reason"
    back = await work.go(("officer", "refuse-result"), reason="第二点读数有误")
    assert back["status"] == "in_progress"
    assert "第二点" not in back["timeline"][-1]["text_zh"]  # it stays among the staff
    await work.go(("window", "record-result"), **await work.found(remarks="复测"))
    stale = await work.step("officer", "verify", attempt=1)
    assert (stale.status_code, stale.json()["code"]) == (409, "result_changed")
    await work.go(("officer", "verify"), attempt=2)
    first, second = (await results(work))["results"]
    assert (first["refused_because"], first["verified_at"], second["refused_at"]) == ("第二点读数有误", None, None)


async def test_what_has_failed_ends_with_a_notice_that_holds_until_no_day(work: Life):
    await work.go(("window", "record-result"), **await work.found(passed=False))
    await work.go(("officer", "verify"), ("officer", "issue"))
    [document] = (await results(work))["documents"]
    assert (document["document"], document["valid_until"]) == ("notice", None)


async def test_a_correction_is_a_new_version_and_the_old_one_is_kept_and_marked(work: Life):
    await work.issued()
    assert (await work.step("window", "correct-result", **await work.found())).json()["errors"][0]["field"] == "reason"
    found = await work.found(valid_until="2027-03-01")
    fixing = await work.go(("window", "correct-result"), reason="有效期笔误", **found)
    assert fixing["status"] == "result_entered"
    [before] = (await results(work))["documents"]
    assert before["status"] == "valid"  # until the new one is issued
    again = await work.go(("officer", "verify"), ("officer", "issue"))
    assert again["status"] == "issued"
    old, new = (await results(work))["documents"]
    assert (old["number"], old["version"], old["status"]) == (new["number"], 1, "corrected")
    assert (new["version"], new["status"], new["valid_until"]) == (2, "valid", "2027-03-01")
    assert old["code"] != new["code"]


async def test_what_was_found_wrongly_is_withdrawn_and_done_anew_under_another_number(work: Life, app: FastAPI):
    await work.issued()
    assert (await work.step("officer", "invalidate")).json()["errors"][0]["field"] == "reason"
    gone = await work.go(("officer", "invalidate"), reason="标准器超期")
    assert gone["status"] == "invalidated"
    assert gone["due_at"] is not None  # the station owes a retest
    await work.go(("window", "start"))
    await work.issued()
    old, new = (await results(work))["documents"]
    assert (old["status"], new["status"], new["version"]) == ("withdrawn", "valid", 1)
    assert new["number"].endswith("-00002")
    facts = (await work.booker.client.get(new["facts"], headers=code(work.booked))).json()
    assert facts["replaces"] == old["number"]
    [entry] = await audited(app, "request.invalidated")
    assert (entry["reason"], entry["after"]["number"]) == ("标准器超期", old["number"])


async def test_a_corrected_version_still_says_what_it_replaces(work: Life):
    await work.issued()
    await work.go(("officer", "invalidate"), reason="标准器超期")
    await work.go(("window", "start"))
    await work.issued()
    await work.go(("window", "correct-result"), reason="有效期笔误", **await work.found(valid_until="2027-03-01"))
    await work.go(("officer", "verify"), ("officer", "issue"))
    old, _first, second = (await results(work))["documents"]
    facts = (await work.booker.client.get(second["facts"], headers=code(work.booked))).json()
    assert (facts["version"], facts["replaces"]) == (2, old["number"])


async def test_what_is_done_anew_elsewhere_still_says_what_it_replaces(booker: Booker, people: People, clock: Clock):
    """The item is passed on alone once its document was withdrawn; as item 1 of a request of its own."""
    split = Split(booker, people, clock, await booked_both(booker))
    await split.go(("officer", "accept"))
    await all_done(split, 2, ("officer", "accept"))
    split.at_its_time()
    await all_done(split, 2, ("window", "check-in"), ("window", "receive"), ("window", "start"))
    await all_done(split, 2, ("window", "record-result"), **await split.found())
    await all_done(split, 2, ("officer", "verify"), ("officer", "issue"))
    [old] = (await results(split, n=2))["documents"]
    await all_done(split, 2, ("officer", "invalidate"), reason="标准器超期")
    await all_done(split, 2, ("window", "start"))
    assert (await split.pass_on(2)).status_code == 200
    there = await begun(Life(booker, people, clock, await split.there_now()))
    await there.issued()
    [new] = (await results(there))["documents"]
    assert (new["number"] != old["number"], new["version"]) == (True, 1)
    facts = (await booker.client.get(new["facts"], headers=code(there.booked))).json()
    assert facts["replaces"] == old["number"]
    # The other item has nothing to do with it.
    first = await results(split)
    assert first["documents"] == []


async def all_done(life: Life, n: int, *steps: tuple[str, str], **sent: object) -> None:
    for role, verb in steps:
        answer = await life.step(role, verb, n, **sent)
        assert answer.status_code == 200, (verb, answer.text)


async def test_work_is_done_elsewhere_only_when_the_applicant_agrees(booker: Booker, people: People, clock: Clock):
    held = await booker.hold()
    life = Life(booker, people, clock, (await booker.send(await booker.filled_in(held, use="other"))).json())
    await begun(life)
    asked = await life.go(("officer", "ask-subcontract"), reason="温度项目委托芜湖计量所")
    assert (asked["status"], asked["due_at"]) == ("consent_asked", None)  # the clock stands still
    assert (await life.step("officer", "consent")).json()["code"] == "invalid_transition"
    assert (await life.go(("applicant", "refuse-consent")))["status"] == "in_progress"
    await life.go(("officer", "ask-subcontract"), reason="请再考虑")
    agreed = await life.go(("applicant", "consent"))
    assert agreed["status"] == "subcontracted"
    assert agreed["due_at"] is not None
    assert (await life.issued())["status"] == "issued"


async def test_a_mandatory_verification_is_not_given_to_somebody_else(work: Life):
    refused = await work.step("officer", "ask-subcontract", reason="委托其他单位")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_to_subcontract")


async def test_who_listens_hears_in_the_same_transaction(work: Life, app: FastAPI):
    heard: list[Issued] = []

    async def listen(_session: Any, issued: Issued) -> None:
        heard.append(issued)

    async def fail(_session: Any, _issued: Issued) -> None:
        raise RuntimeError("the ledger is full")

    await work.go(("window", "record-result"), **await work.found())
    await work.go(("officer", "verify"))
    app.state.issue_listeners = (listen, fail)
    assert (await work.step("officer", "issue")).status_code == 500
    assert (await work.shown())["status"] == "verified"
    assert await app.state.database.fetch("SELECT count(*) FROM issued_document", ()) == [(0,)]
    app.state.issue_listeners = (listen,)
    await work.go(("officer", "issue"))
    issued = heard[-1]
    assert (issued.number[-5:], issued.version, issued.passed) == ("00001", 1, True)
    assert issued.inputs["serial_no"] == "20260001"
    assert isinstance(issued.request_id, UUID)


async def test_late_work_says_why_when_it_is_issued(work: Life, clock: Clock):
    await work.go(("window", "record-result"), **await work.found())
    await work.go(("officer", "verify"))
    clock.move(timedelta(days=60))
    late = await work.step("officer", "issue")
    assert [each["field"] for each in late.json()["errors"]] == ["late_reason"]
    done = await work.go(("officer", "issue"), late_reason="标准器送检")
    assert "标准器送检" in done["timeline"][-1]["text_zh"]


async def test_other_stations_and_strangers_see_nothing(work: Life, people: People):
    await work.issued()
    [document] = (await results(work))["documents"]
    elsewhere = await people.staff("manager", station=await other_station(work.booker, work.booked))
    for headers in (dict(elsewhere.bearer), {"X-Access-Code": "AAAA-AAAA"}):
        for path in (document["pdf"], document["facts"], f"{work.booked['links']['self']}/items/1/results"):
            assert (await work.booker.client.get(path, headers=headers)).json()["code"] == "request_unknown"
    wrong = document["pdf"].replace("-00001/", "-00009/")
    answer = await work.booker.client.get(wrong, headers=code(work.booked))
    assert (answer.status_code, answer.json()["code"]) == (404, "document_unknown")


async def test_a_service_with_a_result_is_not_just_finished_and_one_without_gives_none(work: Life):
    assert (await work.step("window", "finish")).json()["code"] == "invalid_transition"
    assert (await work.step("window", "deliver")).json()["code"] == "invalid_transition"


async def test_a_correction_that_is_sent_back_stays_a_correction(work: Life):
    await work.issued()
    await work.go(("window", "correct-result"), reason="有效期笔误", **await work.found())
    await work.go(("officer", "refuse-result"), reason="仍有笔误")
    await work.go(("window", "record-result"), **await work.found(valid_until="2027-03-01"))
    await work.go(("officer", "verify"), ("officer", "issue"))
    old, new = (await results(work))["documents"]
    assert (old["status"], new["version"], new["status"]) == ("corrected", 2, "valid")
    facts = (await work.booker.client.get(new["facts"], headers=code(work.booked))).json()
    assert facts["corrects"] == "有效期笔误"
