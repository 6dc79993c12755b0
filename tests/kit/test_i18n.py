from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError
from starlette.types import Message, Receive, Scope, Send

from app.kit import i18n
from app.kit.i18n import LocaleMiddleware, current_locale, gettext, lazy, load, negotiate, ngettext, pgettext, tr

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Book this time"
msgstr "预约这个时间"

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} 天"

msgctxt "of a day"
msgid "Closed"
msgstr "休息"

msgid "Closed"
msgstr "已关闭"

#, fuzzy
msgid "Perhaps"
msgstr "也许"
"""


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A catalogue of our own for the test; the process's is put back afterwards."""
    monkeypatch.setattr(i18n, "_translations", dict(i18n._translations))
    path = tmp_path / "zh_Hans_CN.po"
    path.write_text(PO, encoding="utf-8")
    load([path])
    return path


@pytest.mark.usefixtures("catalogue")
def test_chinese_is_the_default_and_english_is_what_the_code_says():
    assert gettext("Book this time") == "预约这个时间"
    with i18n.use_locale("en"):
        assert gettext("Book this time") == "Book this time"
    assert current_locale() == "zh-CN"


@pytest.mark.usefixtures("catalogue")
def test_a_sentence_without_a_translation_is_shown_in_english():
    assert gettext("Nobody translated this") == "Nobody translated this"


@pytest.mark.usefixtures("catalogue")
def test_plurals_follow_the_language():
    assert ngettext("{n} day", "{n} days", 1).format(n=1) == "1 天"
    assert ngettext("{n} day", "{n} days", 3).format(n=3) == "3 天"
    with i18n.use_locale("en"):
        assert ngettext("{n} day", "{n} days", 1).format(n=1) == "1 day"
        assert ngettext("{n} day", "{n} days", 3).format(n=3) == "3 days"


@pytest.mark.usefixtures("catalogue")
def test_one_english_word_may_have_two_translations():
    assert gettext("Closed") == "已关闭"
    assert pgettext("of a day", "Closed") == "休息"


@pytest.mark.usefixtures("catalogue")
def test_an_uncertain_translation_is_not_shown():
    assert gettext("Perhaps") == "Perhaps"


@pytest.mark.usefixtures("catalogue")
def test_a_lazy_sentence_speaks_the_language_of_the_moment_it_is_shown():
    sentence = lazy("Book this time")
    assert str(sentence) == f"{sentence}" == "预约这个时间"
    with i18n.use_locale("en"):
        assert str(sentence) == "Book this time"


@pytest.mark.usefixtures("catalogue")
def test_a_lazy_sentence_fills_its_places():
    assert lazy("Desk {desk} is closed.").format(desk="3") == "Desk 3 is closed."


def test_lazy_sentences_compare_by_what_they_say():
    assert lazy("a") == lazy("a")
    assert lazy("a") != lazy("b")
    assert lazy("a") != "a"
    assert len({lazy("a"), lazy("a")}) == 1


def test_a_language_that_we_do_not_have_is_refused():
    with pytest.raises(KeyError), i18n.use_locale("fr"):
        pass


def test_a_catalogue_of_an_unknown_language_is_refused(tmp_path: Path):
    path = tmp_path / "fr.po"
    path.write_text(PO, encoding="utf-8")
    with pytest.raises(ValueError, match="zh_Hans_CN"):
        load([path])


def test_a_broken_catalogue_is_refused_and_the_old_one_stays(catalogue: Path):
    catalogue.write_text('msgid "a"\nthis is no catalogue', encoding="utf-8")
    with pytest.raises(PoFileError):
        load([catalogue])
    assert gettext("Book this time") == "预约这个时间"


def test_data_is_shown_in_the_language_or_else_in_the_other_one():
    station = {"name_zh": "三里镇服务站", "name_en": "Sanli station", "note_zh": "", "note_en": None}
    assert tr(station, "name") == "三里镇服务站"
    with i18n.use_locale("en"):
        assert tr(station, "name") == "Sanli station"
        assert tr(station | {"name_en": ""}, "name") == "三里镇服务站"
    assert tr(station, "note") == ""


@pytest.mark.parametrize(
    ("cookie", "accept", "spoken"),
    [
        (None, None, "zh-CN"),
        (None, "", "zh-CN"),
        (None, "en", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        (None, "fr-FR,fr;q=0.9,en;q=0.8", "en"),
        (None, "de", "zh-CN"),
        (None, "en;q=0.2, zh;q=0.8", "zh-CN"),
        (None, "en;q=0, *", "zh-CN"),
        (None, "en; q=1.0", "en"),
        (None, ";;;,=,\x00", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("fr", "en", "en"),
    ],
)
def test_the_language_is_the_remembered_one_else_the_browsers_best(cookie: str | None, accept: str | None, spoken: str):
    assert negotiate(cookie, accept) == spoken


# --- The middleware ----------------------------------------------------------------------------------------------


async def answer(
    query: bytes = b"", kind: bytes = b"text/html; charset=utf-8", method: str = "GET", **headers: bytes
) -> tuple[str, bytes, list[tuple[bytes, bytes]]]:
    """The language spoken, the query that was left, and the headers of the answer."""
    heard: list[str] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend((current_locale(), scope["query_string"].decode()))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "query_string": query,
        "headers": [(name.replace("_", "-").encode(), value) for name, value in headers.items()],
    }
    await LocaleMiddleware(app)(scope, receive, send)
    return heard[0], heard[1].encode(), sent[0]["headers"]


async def test_a_browsers_language_is_spoken_and_named():
    locale, _, headers = await answer(accept_language=b"en")
    assert locale == "en"
    assert (b"content-language", b"en") in headers
    assert (b"vary", b"Accept-Language, Cookie") in headers
    assert current_locale() == "zh-CN"


async def test_the_remembered_language_beats_the_browsers():
    locale, _, _ = await answer(accept_language=b"en", cookie=b"text=large; lang=zh-CN")
    assert locale == "zh-CN"


async def test_another_cookie_that_ends_in_lang_is_not_ours():
    locale, _, _ = await answer(cookie=b"slang=en")
    assert locale == "zh-CN"


async def test_choosing_a_language_is_remembered_and_taken_out_of_the_query():
    locale, query, headers = await answer(query=b"q=%E8%A1%A8&lang=en&page=2")
    assert locale == "en"
    assert query == b"q=%E8%A1%A8&page=2"
    cookie = dict(headers)[b"set-cookie"]
    assert cookie.startswith(b"lang=en; Path=/;")
    assert b"SameSite=Lax" in cookie


async def test_an_unknown_language_in_the_query_is_left_for_the_door_to_refuse():
    locale, query, headers = await answer(query=b"lang=fr")
    assert locale == "zh-CN"
    assert query == b"lang=fr"
    assert b"set-cookie" not in dict(headers)


@pytest.mark.parametrize("kind", [b"application/json", b"application/geo+json", b"text/css", b"image/png"])
async def test_what_speaks_no_language_is_not_labelled(kind: bytes):
    _, _, headers = await answer(query=b"lang=en", kind=kind)
    assert headers == [(b"content-type", kind)]


async def test_a_problem_says_its_language_but_sets_no_cookie():
    _, _, headers = await answer(query=b"lang=en", kind=b"application/problem+json")
    assert dict(headers)[b"content-language"] == b"en"
    assert b"set-cookie" not in dict(headers)


async def test_a_form_that_is_sent_does_not_change_the_remembered_language():
    locale, _, headers = await answer(query=b"lang=en", method="POST")
    assert locale == "en"
    assert b"set-cookie" not in dict(headers)
