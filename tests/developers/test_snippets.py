"""The markup of a button: nothing that anybody types breaks out of it, and it leads where it says."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.developers.snippets import Button

PORTAL = "https://portal.example"
NASTY = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</a></onestop-book><script src=//evil>",
    "<!-- --><b>",
    "&quot;&#34;&amp;lt;",
    "{{ 7*7 }}${x}`",
    '"\' onclick="x',
)


class Parts(HTMLParser):
    """What a browser would make of the markup: tags in their order, attributes, and the text of the link."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def button(**changes: str) -> Button:
    return Button(**{"address": PORTAL, "service": "MET-MEC-015", "name": "压力表检定"} | changes)  # type: ignore[arg-type]


def test_the_element_holds_the_plain_link_and_the_script_is_fetched_without_telling_who_asks():
    (book, link, script) = Parts(button(station="WH-JJ-01").markup).tags
    assert book == ("onestop-book", {"service": "MET-MEC-015", "station": "WH-JJ-01", "lang": "zh-CN"})
    href = f"{PORTAL}/book?service=MET-MEC-015&station=WH-JJ-01&lang=zh-CN"
    assert link == ("a", {"href": href, "lang": "zh-CN", "target": "_blank", "rel": "noopener noreferrer"})
    assert script == ("script", {"src": f"{PORTAL}/embed/v1.js", "async": None, "referrerpolicy": "no-referrer"})


def test_the_words_are_in_the_language_of_the_button():
    assert button().caption == "预约：压力表检定"
    assert button(lang="en", name="Gauges").caption == "Book: Gauges"
    assert button(label="现在就约").caption == "现在就约"


def breaks_out_of(made: Button) -> bool:
    parts, plain = Parts(made.markup), Parts(made.link)
    [(_tag, own), (_a, link), _script] = parts.tags
    asked = parse_qs(urlsplit(link["href"] or "").query)
    return not (
        [tag for tag, _ in parts.tags] == ["onestop-book", "a", "script"]
        and [tag for tag, _ in plain.tags] == ["a"]
        and plain.text == made.caption
        and own.keys() <= {"service", "station", "lang", "theme"}
        and link.keys() == {"href", "lang", "target", "rel"}
        and (own.get("station") or "") == made.station
        and asked.get("station", [""]) == [made.station]
    )


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("field", ["label", "station", "name"])
def test_nothing_that_is_typed_breaks_out(field: str, text: str):
    assert not breaks_out_of(button(**{field: text}))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_whatever_is_typed_stays_text(text: str):
    assert not breaks_out_of(button(label=text, station=text.strip()))
