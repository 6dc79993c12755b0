"""A code whose check digits don't fit is put before the staff, with a file that is what it says it is."""

from uuid import UUID

import httpx
import pytest

from tests.enterprise.support import Town, code_of, wrong_code
from tests.files.samples import JPEG, PDF, png
from tests.support.people import Signed

pytestmark = pytest.mark.anyio
NAME = "芜湖老厂"
NOTE = "执照由原工商局核发"


async def ask(
    browser: httpx.AsyncClient, data: bytes = PDF, called: str = "licence.pdf", **form: str
) -> httpx.Response:
    fields = {"name": NAME, "uscc": wrong_code(1), "station": "WH-JH-01", "note": NOTE} | form
    return await browser.post("/organisation/new/evidence", data=fields, files={"file": (called, data, "text/plain")})


async def decide(town: Town, accepted: bool, reason: str = "") -> None:
    await town.rows("UPDATE code_case SET accepted = %s, decided_at = now(), reason = %s", accepted, reason or None)


@pytest.fixture
async def me(town: Town) -> Signed:
    return await town.person()


@pytest.fixture
async def station(town: Town) -> str:
    [(code,)] = await town.rows("SELECT code FROM station WHERE active ORDER BY code LIMIT 1")
    return str(code)


@pytest.mark.parametrize(("data", "name"), [(PDF, "licence.pdf"), (JPEG, "照片.jpg"), (png(), "scan.png")])
async def test_the_staff_get_code_note_and_file(town: Town, me: Signed, station: str, data: bytes, name: str):
    browser = town.browser(me)
    answer = await ask(browser, data, name, station=station)
    assert answer.headers["location"] == "/organisation?done=asked", answer.text
    [row] = await town.rows(
        "SELECT c.uscc, c.note, s.code, f.name, f.owner_kind, f.owner_id, c.id FROM code_case c"
        " JOIN station s ON s.id = c.station_id JOIN stored_file f ON f.id = c.file_id"
    )
    assert row[:5] == (wrong_code(1), NOTE, station, name, "code")
    assert UUID(row[5]) == row[6]
    page = await browser.get("/organisation")
    for words in (NAME, wrong_code(1), "等待核对"):
        assert words in page.text
    [entry] = await town.recorded("code.submitted")
    assert entry["actor"] == me.id


async def test_an_accepted_code_lets_the_account_be_made_by_whoever(town: Town, me: Signed, station: str):
    browser = town.browser(me)
    await ask(browser, station=station)
    await decide(town, accepted=True)
    page = await browser.get("/organisation")
    assert "已认可" in page.text
    answer = await browser.post("/organisation/new", data={"name": NAME, "uscc": wrong_code(1)})
    assert answer.status_code == 303
    assert "已认可" not in (await browser.get("/organisation", follow_redirects=True)).text


async def test_a_refused_one_says_why_and_can_be_asked_again(town: Town, me: Signed, station: str):
    browser = town.browser(me)
    await ask(browser, station=station)
    await decide(town, accepted=False, reason="执照与代码不一致")
    page = await browser.get("/organisation")
    assert "未认可" in page.text
    assert "执照与代码不一致" in page.text
    assert (await ask(browser, station=station)).status_code == 303


async def test_the_same_code_is_not_asked_about_twice_and_not_without_end(town: Town, me: Signed, station: str):
    browser = town.browser(me)
    for number in (1, 2, 3):
        assert (await ask(browser, station=station, uscc=wrong_code(number))).status_code == 303
    assert "正在核对" in (await ask(browser, station=station)).text
    assert (await ask(browser, station=station, uscc=wrong_code(4))).status_code == 422
    assert await town.rows("SELECT count(*) FROM code_case") == [(3,)]
    assert await town.rows("SELECT count(*) FROM stored_file") == [(3,)]


async def test_a_code_that_is_right_or_none_needs_no_staff(town: Town, me: Signed, station: str):
    browser = town.browser(me)
    assert (await ask(browser, station=station, uscc=code_of(1))).status_code == 422
    assert (await ask(browser, station=station, uscc="9134")).status_code == 422
    assert await town.rows("SELECT 1 FROM code_case") == []


@pytest.mark.parametrize(
    "trick",
    [
        (b"", "empty.pdf", "该文件没有内容"),
        (b"<html><script>alert(1)</script></html>", "licence.pdf", "PDF"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "licence.gif", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "licence.svg", "PDF"),
        (JPEG + b"PK\x03\x04" + b"\0" * 40, "photo.jpg", "文件"),
        (PDF, "licence.php.pdf", "licence.php.pdf"),
        (PDF, "licence.exe", "licence.exe"),
        (PDF + b"\0" * (64 * 1024), "big.pdf", "文件"),
    ],
)
async def test_tricks_with_files_are_refused_and_leave_nothing(
    town: Town, me: Signed, station: str, trick: tuple[bytes, str, str]
):
    data, name, words = trick
    town.app.state.files.most = 64 * 1024
    answer = await ask(town.browser(me), data, name, station=station)
    assert answer.status_code == 422
    assert words in answer.text
    assert NOTE in answer.text, "what was typed is still there"
    assert await town.rows("SELECT 1 FROM code_case") == []
    assert await town.rows("SELECT 1 FROM stored_file") == []
    assert await town.rows("SELECT 1 FROM audit_entry WHERE action = 'code.submitted'") == []


async def test_a_path_in_the_name_goes_nowhere(town: Town, me: Signed, station: str):
    assert (await ask(town.browser(me), PDF, "../../etc/passwd.pdf", station=station)).status_code == 303
    assert await town.rows("SELECT name FROM stored_file") == [("passwd.pdf",)]


async def test_a_body_beyond_all_limits_is_refused_before_it_is_read(town: Town, me: Signed, station: str):
    answer = await ask(town.browser(me), b"x" * (11 * 1024 * 1024 + 1), station=station)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"station": ""}, "请选择由哪个服务站核对"),
        ({"station": "NOWHERE"}, "请选择由哪个服务站核对"),
        ({"note": " "}, "请用一句话说明"),
        ({"note": "字" * 501}, "500"),
        ({"name": ""}, "请填写单位名称"),
    ],
)
async def test_what_is_missing_is_said(town: Town, me: Signed, station: str, form: dict[str, str], words: str):
    answer = await ask(town.browser(me), **({"station": station} | form))
    assert answer.status_code == 422
    assert words in answer.text


async def test_the_file_may_not_be_missing(town: Town, me: Signed, station: str):
    fields = {"name": NAME, "uscc": wrong_code(1), "station": station, "note": NOTE}
    answer = await town.browser(me).post("/organisation/new/evidence", data=fields)
    assert answer.status_code == 422
    assert "请选择要上传的文件" in answer.text
