"""Own texts of letters on their pages: written, seen in the whole letter, in force in real ones, by whom, on record."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.kit.db import Database
from app.policy.letters import LETTERS, LetterKind
from tests.policy.desk import ELSEWHERE, HERE, WHY, last_change, rows, station_id
from tests.requests.booking import Booker
from tests.support.people import People

pytestmark = pytest.mark.anyio
EN = {"Accept-Language": "en"}
TEXTS = "/office/settings/texts"
ZH, ENGLISH = "大门在东街，请按铃。", "The gate is in East Street; please ring."


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


def one(kind: str = "request.confirmed", at: str = "station=") -> str:
    return f"{TEXTS}/{kind}?{at}"


async def save(client: httpx.AsyncClient, path: str, **data: Any) -> httpx.Response:
    return await client.post(path, data={"do": "save", "reason": WHY} | data, headers=EN)


async def test_a_text_is_saved_with_its_reason_and_stands_in_the_next_letter(
    app: FastAPI, client: httpx.AsyncClient, people: People, database: Database
):
    (await people.staff("city_admin")).browse(client)
    answer = await save(client, one(), text_zh=ZH, text_en=ENGLISH)
    assert (answer.status_code, answer.headers["location"]) == (303, one() + "&done=set")
    page = (await client.get(one() + "&done=set", headers=EN)).text
    assert page.count(ENGLISH) == 3  # in the field, in the letter, in the history
    assert "Booking confirmed: " in page
    assert WHY in page
    assert ZH in (await client.get(TEXTS, headers=EN)).text
    client.cookies.clear()
    await Booker(client).book()
    [(body,)] = await rows(database, "SELECT body FROM message WHERE kind = 'request.confirmed'")
    assert f"\n\n{ZH}\n\n" in body
    [(before, after)] = await rows(database, "SELECT before, after FROM audit_entry WHERE action = 'setting.changed'")
    assert (before, after) == ({"value": None}, {"value": {"text_zh": ZH, "text_en": ENGLISH}})


async def test_every_kind_shows_the_whole_letter_in_both_languages(client: httpx.AsyncClient, people: People):
    (await people.staff("manager", station=HERE)).browse(client)
    typed = {"do": "preview", "text_zh": ZH, "text_en": ENGLISH}
    for kind in LetterKind:
        page = (await client.post(one(kind, f"station={HERE}"), data=typed, headers=EN)).text
        assert "The letter with this text, not saved yet" in page
        assert page.count("/r/ZT-7K3M-9QXD-J") == 2
        assert page.count(ENGLISH) == page.count(ZH) == 2  # in the field and in the letter
        assert str(LETTERS[kind].msgid) in page
        assert "{" not in page.partition('class="letters"')[2].partition("</section>")[0]


async def test_a_preview_saves_nothing(client: httpx.AsyncClient, people: People, database: Database):
    (await people.staff("manager", station=HERE)).browse(client)
    await client.post(one(at=f"station={HERE}"), data={"do": "preview", "text_zh": ZH})
    assert await rows(database, "SELECT id FROM policy_change WHERE kind = 'text'") == []


async def test_a_manager_writes_for_the_own_station_only_and_an_officer_only_reads(
    client: httpx.AsyncClient, people: People, database: Database
):
    (await people.staff("manager", station=HERE)).browse(client)
    mine = one(at=f"station={HERE}")
    assert (await save(client, mine, text_zh=ZH)).status_code == 303
    assert ZH in (await client.get(TEXTS)).text  # begins with the own station
    assert (await save(client, one(), text_zh=ZH)).status_code == 403
    assert (await save(client, one(at=f"station={ELSEWHERE}"), text_zh=ZH)).status_code == 404
    assert (await client.get(one(at=f"station={ELSEWHERE}"))).status_code == 404
    assert "There is no station of yours" in (await client.get(f"{TEXTS}?station={ELSEWHERE}", headers=EN)).text
    (await people.staff("officer", station=HERE)).browse(client)
    page = (await client.get(mine, headers=EN)).text
    assert ZH in page
    assert "<textarea" not in page
    assert (await save(client, mine, text_zh="别的")).status_code == 403
    scope = f"station:{await station_id(database, HERE)}"
    assert await last_change(database, scope, "text", "request.confirmed")


async def test_a_station_has_the_networks_text_until_it_writes_its_own_and_again_when_that_is_taken_away(
    client: httpx.AsyncClient, people: People, database: Database
):
    (await people.staff("city_admin")).browse(client)
    await save(client, one(), text_zh="全网文字")
    mine = one(at=f"station={HERE}")
    assert "The network's text:" in (await client.get(f"{TEXTS}?station={HERE}", headers=EN)).text
    assert "全网文字" in (await client.get(mine)).text.partition('class="letters"')[2]
    await save(client, mine, text_zh=ZH)
    assert "全网文字" not in (await client.get(mine)).text
    last = await last_change(database, f"station:{await station_id(database, HERE)}", "text", "request.confirmed")
    assert (await save(client, mine, last=str(last))).headers["location"].endswith("done=text_removed")
    assert "全网文字" in (await client.get(mine)).text.partition('class="letters"')[2]


async def test_what_is_wrong_is_named_and_what_somebody_else_has_changed_is_shown(
    client: httpx.AsyncClient, people: People, database: Database
):
    (await people.staff("city_admin")).browse(client)
    answer = await save(client, one(), text_zh="长" * 1001)
    assert answer.status_code == 422
    assert "Use at most 1000 characters" in answer.text
    assert (await save(client, one(), text_en="a\x07b")).status_code == 422
    assert "Say why" in (await client.post(one(), data={"do": "save", "text_zh": ZH}, headers=EN)).text
    assert (await save(client, one(), text_zh=ZH)).status_code == 303
    late = await save(client, one(), text_zh="另一段")
    assert late.status_code == 409
    assert "另一段" in late.text
    last = await last_change(database, "network", "text", "request.confirmed")
    assert f'name="last" value="{last}"' in late.text
    same = await save(client, one(), text_zh=ZH, last=str(last))
    assert (same.status_code, "That is the text already." in same.text) == (422, True)


async def test_an_earlier_text_can_be_had_again_and_the_history_says_both(
    client: httpx.AsyncClient, people: People, database: Database
):
    (await people.staff("city_admin")).browse(client)
    await save(client, one(), text_zh=ZH)
    first = await last_change(database, "network", "text", "request.confirmed")
    await save(client, one(), text_zh="另一段", last=str(first))
    second = await last_change(database, "network", "text", "request.confirmed")
    path = f"/office/settings/changes/{second}"
    assert "Text of letters: Booking confirmed" in (await client.get(path, headers=EN)).text
    answer = await client.post(f"{path}/restore/{first}", data={"reason": WHY})
    assert answer.status_code == 303
    assert ZH in (await client.get(one())).text.partition('class="letters"')[2]
