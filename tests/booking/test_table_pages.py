"""Several instruments in one booking: pasted or chosen as a file, checked row by row, sent as items."""

import httpx
from fastapi import FastAPI

from tests.booking.filled import GAUGE, booking
from tests.conftest import Clock

HEAD = "serial_no\tmodel_spec\tquantity\tcolour\n"
ROWS = "".join(f"B{n:03}\tY-100\t1\tred\n" for n in range(40))


async def test_forty_pasted_rows_are_one_request(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    visit = await booking(app, client, clock)
    assert (await visit.details(items__0__table=HEAD + ROWS)).headers["location"] == visit.path("check")
    assert (await visit.data()).tables == {GAUGE: HEAD + ROWS}
    check = (await visit.get("check")).text
    assert "×40" in check
    assert "colour" in check
    assert "B039" in check
    assert "B039" in (await visit.get("details")).text
    assert (await visit.post("send")).headers["location"] == visit.path("done")
    done = (await visit.get("done")).text
    assert "×40" in done
    assert "B039" not in done
    assert (await visit.data()).tables == {}
    followed = await client.get(f"/r/{(await visit.data()).reference}")
    assert "B039" in followed.text


async def test_wrong_rows_are_named_on_top_and_nothing_is_lost(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    visit = await booking(app, client, clock)
    table = "serial_no,quantity\nB1,1\nB2,none\nb1,1\n"
    answer = await visit.details(items__0__table=table)
    assert answer.status_code == 422
    assert "第 3 行" in answer.text
    assert "第 4 行" in answer.text
    assert "B2,none" in answer.text


async def test_a_file_takes_the_place_of_the_table(app: FastAPI, client: httpx.AsyncClient, clock: Clock):
    visit = await booking(app, client, clock)
    chosen = {"items.0.file": ("list.csv", "出厂编号\nC1\nC2\n".encode("gb18030"), "text/csv")}
    book = await visit.get("details")
    assert "template.csv" in book.text
    template = (await visit.get("template.csv", params={"service": GAUGE})).content
    assert template.startswith("\ufeff".encode())
    assert await _sent(visit.client, visit.path("details"), chosen) == 422
    assert (await visit.data()).tables[GAUGE].splitlines()[1:] == ["C1", "C2"]


async def _sent(client: httpx.AsyncClient, path: str, files: dict[str, tuple[str, bytes, str]]) -> int:
    return (await client.post(path, data={"note": "x"}, files=files)).status_code
