"""Several instruments in one booking: pasted, chosen as a file or added, changed row by row, judged, sent as items."""

import re
from collections.abc import Mapping

import httpx
from fastapi import FastAPI

from app.booking.tables import mark_of
from tests.booking.filled import GAUGE, INSTRUMENT, Booking, booking, right_details
from tests.conftest import Clock

EN = {"Accept-Language": "en"}
HEAD = "serial_no\tmodel_spec\tquantity\tcolour\n"
ROWS = "".join(f"B{n:03}\tY-100\t1\tred\n" for n in range(40))
WRONG = "serial_no,quantity\nB1,1\nB2,none\nb1,1\n"


async def with_table(app: FastAPI, client: httpx.AsyncClient, clock: Clock, table: str) -> Booking:
    """A booking whose details are filled in, with a table."""
    inputs = dict(INSTRUMENT)
    applicant = {key.removeprefix("applicant."): value for key, value in right_details().items() if "applicant" in key}
    return await booking(app, client, clock, answers={GAUGE: inputs}, tables={GAUGE: table}, applicant=applicant)


async def press(visit: Booking, deed: str, **changes: str) -> httpx.Response:
    """A button of the table, with the page filled in right but for the changes."""
    seen = mark_of((await visit.data()).tables.get(GAUGE, ""))
    form = right_details(**({"do": deed, "items.0.seen": seen} | changes))
    return await visit.post("details", form, headers=EN)


async def table_of(visit: Booking) -> list[list[str]]:
    return [line.split("\t") for line in (await visit.data()).tables.get(GAUGE, "").splitlines()]


def cell(page: str, name: str) -> str:
    """What stands in the table's cell that the address `#f-…` leads to, without marks and blanks."""
    found = re.search(rf'<(?:td|tr) id="f-{name}".*?</(?:td|tr)>', page, re.DOTALL)
    assert found, name
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


async def test_forty_pasted_rows_are_one_request(app: FastAPI, client: httpx.AsyncClient, clock: Clock) -> None:
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


async def test_wrong_rows_are_open_with_the_sentence_at_the_cell(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    visit = await booking(app, client, clock)
    answer = await visit.post("details", right_details(**{"items.0.table": WRONG}), headers=EN)
    assert answer.status_code == 422
    assert 'href="#f-items-0-rows-1-quantity"' in answer.text
    assert "Row 2, Quantity" in answer.text
    assert 'id="f-items-0-rows-1-quantity-error"' in answer.text
    field = re.search(r"<input[^>]*name=\"items\.0\.rows\.1\.quantity\"[^>]*>", answer.text)
    assert field
    assert 'value="none"' in field[0]
    assert 'aria-invalid="true"' in field[0]
    assert "row 1" in cell(answer.text, "items-0-rows-2")  # the same number in other letters
    assert "items.0.rows.0.quantity" not in answer.text  # the row that is right is there to read
    assert cell(answer.text, "items-0-rows-0-serial_no") == "B1"
    assert "In 2 rows something is wrong." in answer.text


async def test_a_wrong_row_is_mended_in_place_and_the_rest_of_the_paste_stays(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    visit = await with_table(app, client, clock, "serial_no,colour,quantity\nB1,red,1\nB2,blue,none\n")
    page = await press(visit, "0.keep.1", **{"items.0.rows.1.quantity": "2", "items.0.rows.1.model_spec": "Y-60"})
    assert page.status_code == 200
    labels, *rows = await table_of(visit)
    assert labels[:3] == ["serial_no", "colour", "quantity"]
    assert rows == [["B1", "red", "1"], ["B2", "blue", "2", "Y-60"]]
    assert cell(page.text, "items-0-rows-1-model_spec") == "Y-60"
    assert cell(page.text, "items-0-rows-0-model_spec") == "Y-100 (as above)"
    onward = await press(visit, "")
    assert onward.headers["location"] == visit.path("check")


async def test_going_on_keeps_what_was_typed_into_open_rows(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    visit = await with_table(app, client, clock, "serial_no\nB1\nB2\n")
    opened = await press(visit, "0.edit.1")
    assert re.search(r'name="items\.0\.rows\.1\.serial_no"[^>]*value="B2"|value="B2"[^>]*name="items', opened.text)
    assert "items.0.rows.0.serial_no" not in opened.text
    onward = await press(visit, "", **{"items.0.rows.1.serial_no": "B22"})
    assert onward.headers["location"] == visit.path("check")
    assert [row[0] for row in await table_of(visit)] == ["serial_no", "B1", "B22"]


async def test_rows_are_added_to_the_one_that_the_form_describes_and_removed_again(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    visit = await booking(app, client, clock)
    assert "Add a row" in (await visit.get("details", headers=EN)).text
    first = await press(visit, "0.add.1")
    assert cell(first.text, "items-0-rows-0-serial_no") == INSTRUMENT["serial_no"]
    assert 'name="items.0.rows.1.serial_no"' in first.text
    second = await press(visit, "0.add.2", **{"items.0.rows.1.serial_no": "A-18"})
    assert cell(second.text, "items-0-rows-1-serial_no") == "A-18"
    assert 'name="items.0.rows.2.serial_no"' in second.text
    gone = await press(visit, "0.remove.0", **{"items.0.rows.2.serial_no": ""})
    assert cell(gone.text, "items-0-rows-0-serial_no") == "A-18"
    assert "1 row." in gone.text
    empty = await press(visit, "0.drop.0")
    assert "Your list" not in empty.text
    assert (await visit.data()).tables == {}


async def test_what_another_window_has_changed_is_not_written_over(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    visit = await with_table(app, client, clock, "serial_no\nB1\nB2\n")
    late = await press(visit, "0.remove.0", **{"items.0.seen": mark_of("serial_no\nother\n")})
    assert "changed in another window" in late.text
    assert [row[0] for row in await table_of(visit)] == ["serial_no", "B1", "B2"]
    cell_too = await press(visit, "", **{"items.0.seen": "", "items.0.rows.0.serial_no": "B9"})
    assert cell_too.status_code == 422
    assert [row[0] for row in await table_of(visit)] == ["serial_no", "B1", "B2"]


async def test_a_new_paste_takes_the_place_of_the_list_and_what_cant_be_read_stays_as_text(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    visit = await with_table(app, client, clock, "serial_no\nB1\n")
    await press(visit, "", **{"items.0.table": "serial_no\nC1\nC2\n"})
    assert [row[0] for row in await table_of(visit)] == ["serial_no", "C1", "C2"]
    answer = await press(visit, "", **{"items.0.table": "serial_no\tserial_no\nC1\tC2\n"})
    assert answer.status_code == 422
    assert "Two columns are called" in answer.text
    assert "C1\tC2" in answer.text
    assert "items.0.seen" not in answer.text


async def test_two_hundred_rows_are_a_list_to_read_in_which_few_are_open(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock
) -> None:
    visit = await with_table(app, client, clock, "serial_no\tquantity\n" + "".join(f"B{n}\tx\n" for n in range(200)))
    page = (await visit.get("details?again=true", headers=EN)).text
    assert len(set(re.findall(r"items\.0\.rows\.([0-9]+)\.serial_no", page))) == 20
    assert "whole number" in cell(page, "items-0-rows-150-quantity").lower()
    assert "In 200 rows something is wrong." in page
    assert "Add a row" not in page


async def test_a_file_takes_the_place_of_the_table(app: FastAPI, client: httpx.AsyncClient, clock: Clock) -> None:
    visit = await booking(app, client, clock)
    chosen = {"items.0.file": ("list.csv", "出厂编号\nC1\nC2\n".encode("gb18030"), "text/csv")}
    book = await visit.get("details")
    assert "template.csv" in book.text
    template = (await visit.get("template.csv", params={"service": GAUGE})).content
    assert template.startswith("\ufeff".encode())
    assert await _sent(visit.client, visit.path("details"), chosen) == 422
    assert (await visit.data()).tables[GAUGE].splitlines()[1:] == ["C1", "C2"]


async def _sent(client: httpx.AsyncClient, path: str, files: Mapping[str, tuple[str, bytes, str]]) -> int:
    return (await client.post(path, data={"note": "x"}, files=files)).status_code
