"""The pages on which single items are passed on, and on which applicant and staff see where they went."""

import re

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import Clock
from tests.requests.booking import Booker
from tests.requests.rights import audited, signed_in_client
from tests.requests.splitting import WHY, Split, booked_both
from tests.support.people import People

pytestmark = pytest.mark.anyio


@pytest.fixture
async def split(booker: Booker, people: People, clock: Clock) -> Split:
    return Split(booker, people, clock, await booked_both(booker))


def offered(page: httpx.Response) -> list[str]:
    return re.findall(r'name="station"\s+value="([^"]+)"', page.text)


def hidden(page: httpx.Response) -> list[str]:
    return re.findall(r'<input type="hidden" name="items" value="([^"]+)"', page.text)


async def test_an_officer_chooses_items_and_a_station_and_both_sides_follow(app: FastAPI, split: Split, people: People):
    first = split.booked["reference"]
    path = f"/office/requests/{first}"
    officer = await people.staff("officer", station=split.own)
    async with signed_in_client(app, officer) as clerk:
        whole = await clerk.get(f"{path}/reroute")
        assert (hidden(whole), whole.text.count('type="checkbox"')) == ([], 2)
        nothing = await clerk.get(f"{path}/reroute", params={"some": "1"})
        assert (nothing.status_code, "请至少勾选一项。" in nothing.text) == (422, True)
        alone = await clerk.get(f"{path}/reroute", params={"some": "1", "items": "2"})
        assert hidden(alone) == ["2"]
        station = offered(alone)[-1]
        again = await clerk.post(f"{path}/reroute", data={"items": "2", "station": station, "reason": ""})
        assert (again.status_code, hidden(again)) == (422, ["2"])
        done = await clerk.post(f"{path}/reroute", data={"items": "2", "station": station, "reason": WHY})
        assert done.headers["location"] == f"{path}?changed=split"
        told = await split.other()
        assert told["station_code"] == station
        page = (await clerk.get(done.headers["location"])).text
        assert f'data-linked="{told["reference"]}"' in page
        assert f"/office/requests/{told['reference']}" not in page  # out of reach: only where it went
        assert told["access_code"] not in page
        late = await clerk.post(f"{path}/reroute", data={"items": "2", "station": station, "reason": WHY})
        assert late.headers["location"] == f"{path}?refused=item_unknown"
        assert len(await audited(app, "request.item_rerouted")) == 1
        assert "checkbox" not in (await clerk.get(f"{path}/reroute")).text  # what is left can only go as a whole
    there = await people.staff("officer", station=station)
    async with signed_in_client(app, there) as clerk:
        assert f'data-linked="{first}"' in (await clerk.get(f"/office/requests/{told['reference']}")).text
    applicant = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver")
    assert "查询码" in (await applicant.get(f"/r/{told['reference']}")).text
    await applicant.post(f"/r/{first}", data={"code": split.booked["access_code"]})
    page = (await applicant.get(f"/r/{first}")).text
    assert f'href="/r/{told["reference"]}"' in page
    assert told["access_code"] in page
    opened = await applicant.get(f"/r/{told['reference']}")
    assert f'data-linked="{first}"' in opened.text
    assert split.booked["access_code"] not in opened.text
    cancelled = await applicant.post(f"/r/{told['reference']}/cancel", data={})
    assert cancelled.headers["location"] == f"/r/{told['reference']}?changed=cancelled"
    await applicant.post(f"/r/{told['reference']}/close")
    for each in (first, told["reference"]):
        assert 'name="code"' in (await applicant.get(f"/r/{each}")).text


async def test_who_has_the_new_code_only_opens_the_new_one_only(app: FastAPI, split: Split):
    await split.pass_on()
    told = await split.other()
    applicant = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver")
    await applicant.post(f"/r/{told['reference']}", data={"code": told["access_code"]})
    page = (await applicant.get(f"/r/{told['reference']}")).text
    assert split.booked["reference"] in page
    assert split.booked["access_code"] not in page
    first = await applicant.get(f"/r/{split.booked['reference']}")
    assert 'name="code"' in first.text


async def test_the_organisation_opens_both_and_is_told_no_code(
    app: FastAPI, booker: Booker, people: People, clock: Clock
):
    owner = await people.enterprise()
    split = Split(booker, people, clock, await booked_both(booker))
    await split.pass_on()
    told = await split.other()
    async with signed_in_client(app, owner) as browser:
        form = {"reference": split.booked["reference"], "code": split.booked["access_code"]}
        await browser.post(f"/organisation/{owner.organisation_id}/claim", data=form)
        page = (await browser.get(f"/r/{split.booked['reference']}")).text
        assert told["access_code"] not in page
        assert (await browser.get(f"/r/{told['reference']}")).status_code == 200
        listed = (await browser.get(f"/organisation/{owner.organisation_id}/requests")).text
        assert told["reference"] in listed
        assert split.booked["reference"] in listed


async def test_what_was_split_off_again_opens_with_the_first_one(app: FastAPI, split: Split, booker: Booker):
    """Whoever has shown one code is not asked again down the line, however often a part was passed on."""
    await split.pass_on()
    told = await split.other()
    applicant = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver")
    await applicant.post(f"/r/{split.booked['reference']}", data={"code": split.booked["access_code"]})
    other = await booker.book()
    assert 'name="code"' in (await applicant.get(f"/r/{other['reference']}")).text
    await app.state.database.fetch(
        "UPDATE request SET split_from = %s WHERE reference = %s", (told["reference"], other["reference"])
    )
    assert 'name="code"' not in (await applicant.get(f"/r/{other['reference']}")).text
