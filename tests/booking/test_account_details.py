"""Booking with an account: the organisation is chosen, the contact filled in, and the request is in its list."""

import re

import httpx
import pytest
from fastapi import FastAPI

from app.accounts.models import Membership
from tests.booking.filled import Booking, booking
from tests.booking.visitor import counted, words
from tests.conftest import Clock
from tests.requests.rights import write
from tests.requests.test_accepted_codes import DOUBTED, decide
from tests.support.people import ORGANISATION, USCC, People, Signed

pytestmark = pytest.mark.anyio
OTHER_CODE = "91110108551385082Q"


async def begun(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People, **person: str
) -> tuple[Booking, Signed]:
    """At the details, in a browser in which a member has signed in."""
    draft = await booking(app, client, clock)
    member = await people.enterprise(**person)  # type: ignore[arg-type]  # words only
    await app.state.database.fetch("UPDATE person SET mobile = '13700001111' WHERE id = %s", (member.id,))
    member.browse(client)
    return draft, member


def value_of(page: str, name: str) -> str:
    [tag] = re.findall(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', page)
    found = re.search(r'\bvalue="([^"]*)"', tag)
    return found[1] if found else ""


def checked(page: str) -> list[str]:
    tags = re.findall(r'<input[^>]*name="applicant.organisation"[^>]*>', page)
    return [re.search(r'value="([^"]*)"', tag)[1] for tag in tags if "checked" in tag]  # type: ignore[index]


async def owner(app: FastAPI) -> object:
    [(organisation_id,)] = await app.state.database.fetch("SELECT organisation_id FROM request", ())
    return organisation_id


async def test_the_own_organisation_is_chosen_and_the_contact_filled_in(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
):
    draft, member = await begun(app, client, clock, people)
    page = (await draft.get("details")).text
    assert checked(page) == [str(member.organisation_id)]
    assert ORGANISATION in page
    assert USCC in page
    assert value_of(page, "applicant.mobile") == "13700001111"
    assert value_of(page, "applicant.email").endswith("@example.com")
    assert value_of(page, "applicant.contact_name").startswith("测试人员")


async def test_the_request_is_in_the_organisations_list_and_the_pages_say_so(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
):
    draft, member = await begun(app, client, clock, people)
    tampered = {"applicant__organisation_name": "别家", "applicant__uscc": ""}
    answer = await draft.details(applicant__organisation=str(member.organisation_id), **tampered)
    assert answer.headers["location"] == draft.path("check")
    check = (await draft.get("check")).text
    assert ORGANISATION in check
    assert "别家" not in check
    assert (await draft.post("send")).headers["location"] == draft.path("done")
    assert await owner(app) == member.organisation_id
    done = (await draft.get("done")).text
    assert f"/organisation/{member.organisation_id}/requests" in done
    assert f"列入单位“{ORGANISATION}”" in words(done)


async def test_for_another_organisation_it_is_in_nobodys_list(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
):
    draft, _member = await begun(app, client, clock, people)
    answer = await draft.details(applicant__organisation="other", applicant__uscc=OTHER_CODE)
    assert answer.headers["location"] == draft.path("check")
    assert checked((await draft.get("details")).text) == ["other"]
    await draft.post("send")
    assert await owner(app) is None
    assert "/organisation/" not in (await draft.get("done")).text


async def test_an_organisation_of_others_cannot_be_chosen(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
):
    draft, _member = await begun(app, client, clock, people)
    stranger = await people.enterprise(uscc=OTHER_CODE, name="别家")
    chosen = {"applicant__organisation": str(stranger.organisation_id)}
    page = await draft.details(applicant__organisation_name="", applicant__uscc="", **chosen)
    assert page.status_code == 422
    assert "别家" not in page.text


async def test_of_several_organisations_one_is_chosen(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
):
    draft, member = await begun(app, client, clock, people)
    second = await people.enterprise(uscc=OTHER_CODE, name="第二家有限公司")
    assert second.organisation_id
    joined = Membership(organisation_id=second.organisation_id, person_id=member.id, role="delegate", since=clock.now)
    await write(app, joined)
    page = (await draft.get("details")).text
    assert page.count('name="applicant.organisation"') == 3
    await draft.details(applicant__organisation=str(second.organisation_id))
    assert checked((await draft.get("details")).text) == [str(second.organisation_id)]
    await draft.post("send")
    assert await owner(app) == second.organisation_id


async def test_who_signs_out_before_sending_sends_it_for_nobody(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
):
    draft, member = await begun(app, client, clock, people)
    await draft.details(applicant__organisation=str(member.organisation_id))
    client.cookies.delete("onestop_session")
    await draft.post("send")
    assert await owner(app) is None


async def test_without_an_account_nothing_is_asked_nor_looked_up(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    draft = await booking(app, client, clock)
    with counted(app) as seen:
        page = (await draft.get("details")).text
    assert "applicant.organisation" + '"' not in page
    assert not [statement for statement in seen if "membership" in statement or "code_case" in statement]


async def test_a_doubted_code_leads_to_staff_and_an_accepted_one_passes(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, people: People
):
    draft = await booking(app, client, clock)
    refused = await draft.details(applicant__uscc=DOUBTED)
    assert refused.status_code == 422
    assert 'href="/organisation/new"' in refused.text
    await decide(app, people, clock, DOUBTED, accepted=True)
    assert (await draft.details(applicant__uscc=DOUBTED)).headers["location"] == draft.path("check")
    assert (await draft.get("check")).status_code == 200
    assert (await draft.post("send")).headers["location"] == draft.path("done")
