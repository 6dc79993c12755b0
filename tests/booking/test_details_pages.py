"""The page of the details: what it asks, what it takes, and that nothing typed is lost."""

import re

import httpx
import pytest
from fastapi import FastAPI

from tests.booking.filled import INSTRUMENT, booking, right_details
from tests.conftest import Clock

pytestmark = pytest.mark.anyio
ENGLISH = {"Accept-Language": "en"}


def errors_on_top(page: str) -> list[str]:
    """The fields that the error summary leads to, in its order."""
    return re.findall(r'<li><a href="#f-([^"]*)">', page)


async def test_each_question_of_the_service_is_a_field_and_what_is_known_is_not_asked(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    page = (await (await booking(app, client, clock)).get("details")).text
    for key in INSTRUMENT:
        assert f'name="items.0.inputs.{key}"' in page
    assert "inputs.use_purpose" not in page
    assert "inputs.site_address" not in page  # at the station


async def test_the_place_asked_from_chooses_the_division(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    page = (await (await booking(app, client, clock)).get("details")).text
    assert re.search(r'<option[^>]* selected[^>]*value="340202"', page)


async def test_the_law_is_explained_by_the_use(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    mandatory = await (await booking(app, client, clock)).get("details", headers=ENGLISH)
    assert "Article 9" in mandatory.text
    free = await (await booking(app, client, clock, use="other")).get("details", headers=ENGLISH)
    assert "Not mandatory for your use" in free.text


async def test_right_details_lead_on_to_the_check(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock)
    answer = await draft.details()
    assert (answer.status_code, answer.headers["location"]) == (303, draft.path("check"))


async def test_every_fault_is_named_on_top_and_at_its_field_and_what_was_typed_stays(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await booking(app, client, clock)
    answer = await draft.details(
        items__0__inputs__serial_no="", items__0__inputs__quantity="drei", applicant__mobile="12", consent_version=""
    )
    assert answer.status_code == 422
    fields = ["items-0-inputs-serial_no", "items-0-inputs-quantity", "applicant-mobile", "consent_version"]
    assert errors_on_top(answer.text) == fields
    for field in fields:
        assert f'id="f-{field}-error"' in answer.text
    for typed in ("drei", "芜湖𠮷祥阀门有限公司", 'value="12"'):
        assert typed in answer.text
        assert typed in (await draft.get("details")).text


async def test_an_empty_form_names_everything_that_is_missing(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    answer = await (await booking(app, client, clock)).post("details", {}, headers=ENGLISH)
    assert len(errors_on_top(answer.text)) == len(INSTRUMENT) + 4 + 1
    assert "Enter the organisation&#39;s name" in answer.text


async def test_a_wrong_check_digit_says_what_to_compare_and_who_can_help(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await booking(app, client, clock)
    answer = await draft.post("details", right_details(applicant__uscc="91350211M0000XUF46"), headers=ENGLISH)
    assert answer.status_code == 422
    assert "compare all 18 characters" in answer.text
    assert "staff of the station can help" in answer.text


async def test_a_letter_that_looks_like_a_digit_is_pointed_at(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock)
    answer = await draft.post("details", right_details(applicant__uscc="9111OOOO600037341L"), headers=ENGLISH)
    assert "“0” is probably meant" in answer.text


async def test_rare_characters_and_a_code_in_another_spelling_are_taken(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
):
    draft = await booking(app, client, clock)
    answer = await draft.details(applicant__uscc="９１１１００００ 6000-37341l", applicant__contact_name="𠮷田𬭎")
    assert answer.status_code == 303
    page = (await draft.get("check")).text
    assert "91110000600037341L" in page
    assert "𠮷田𬭎" in page


@pytest.mark.parametrize("nasty", ["a\x00b", "长" * 10_000, "\x1b[0m"])
async def test_what_no_field_takes_comes_back_as_a_form(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, nasty: str
):
    draft = await booking(app, client, clock)
    answer = await draft.details(applicant__organisation_name=nasty, items__0__inputs__model_spec=nasty)
    assert answer.status_code == 422
    assert errors_on_top(answer.text) == ["items-0-inputs-model_spec", "applicant-organisation_name"]
    assert (await draft.get("details")).status_code == 200


async def test_bytes_that_are_no_text_are_no_server_error(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post(draft.path("details"), content=b"note=%ED%A0%80%FF&applicant.mobile=%00", headers=form)
    assert answer.status_code == 422


async def test_what_is_typed_after_the_time_has_run_out_is_kept(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock)
    clock.now += (await draft.data()).held.expires_at - clock.now
    answer = await draft.details()
    assert answer.headers["location"] == draft.path("when")
    assert (await draft.data()).applicant["contact_name"] == "王𬭎"


async def test_all_forty_five_classes_can_be_ticked(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock, "IPR-007", use=None)
    page = (await draft.get("details", headers=ENGLISH)).text
    assert page.count('name="items.0.inputs.nice_class"') == 45
    assert "9 Scientific and electronic apparatus, software" in page
    form = right_details(items__0__inputs__nice_class=["9", "42"], items__0__inputs__mark="质站通")
    form |= {"items.0.inputs.applicant": "芜湖某某公司"}
    assert (await draft.post("details", form)).status_code == 303
    check = (await draft.get("check", headers=ENGLISH)).text
    assert "9 Scientific and electronic apparatus, software; 42 Science, technology" in check


async def test_documents_are_brought_along_not_uploaded(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock, "STD-015", use=None)
    page = (await draft.get("details")).text
    assert 'type="file"' not in page
    assert "请携带到窗口" in page


async def test_several_services_have_their_forms_on_one_page(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock, "MET-MEC-015", "TST-025")
    page = (await draft.get("details")).text
    assert 'name="items.0.inputs.serial_no"' in page
    assert 'name="items.1.inputs.set_pressure"' in page


async def test_another_browsers_draft_is_not_shown(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock)
    client.cookies.clear()
    assert (await draft.get("details")).status_code == 404
    assert (await draft.details()).status_code == 404
