"""Documents: what people have typed stays text, no character vanishes, and the same in gives the same out."""

import asyncio
import hashlib
import io
import json
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import PROJECT
from app.kit import documents, typesetting
from app.kit.characters import FONTS, all_printable, printable
from app.kit.documents import BrokenDocumentError, DocumentsBusy, Typesetter
from app.web.papers import TEMPLATE, Bars, Column, Curve, Paper, PaperTable, Strip, data_of
from tests.support.papers import Printed, check_accessible, faults_of

AT = datetime(2026, 12, 1, 1, 2, 3, 456, tzinfo=UTC)
NASTY = (
    "#let x = 1", "$x^2$", "\\n \\u{1F600}", "*bold* _it_ `raw`", "= head", "- item", "<label> @ref", '"quoted" \'s',
    "// comment /* more */", "[content]", "{code}", "https://example.org/a_b", "~ -- --- ...", "a & b % c ^ d | e",
    "#sys.inputs.data", "#read(\"/etc/passwd\")", "𝕏𠮷🙂", "芜湖（镜湖）：℃ Ω μ ≤ ≥ ± ㎡ Ⅲ ①", "Ωμ°", "−–—…·",
)  # fmt: skip


def paper(*names: str) -> Paper:
    columns = [Column("name", "名称"), Column("n", "数", "number", 2)]
    rows = [{"name": name, "n": n} for n, name in enumerate(names, start=1)]
    charts = [
        Bars("条", "条形图", [(name, 0.5, "50%") for name in names[:2]]),
        Strip("柱", "柱状图", [0.0, 1.0], "一", "二", "2"),
        Curve("线", "曲线图", [(0, 0), (0.5, 0.2), (1, 1)], "横", "纵"),
    ]
    return Paper("标题", [("问", "答")], [PaperTable(columns, rows)], charts=charts)


async def made(of: Paper) -> Printed:
    return Printed(await Typesetter().pdf(TEMPLATE, data_of(of, "网络", AT), AT))


async def test_what_was_typed_stays_text_and_comes_back():
    page = await made(paper(*NASTY))
    check_accessible(page, lang="zh-CN", title="标题")
    for n, name in enumerate(NASTY, start=1):
        assert page.holds([printable(name), f"{n}.00"]), name
    assert page.holds(["〔U+1D54F〕〔U+20BB7〕〔U+1F642〕"])
    assert "/Figure" in page.tags
    assert not {"root:", "/bin/sh"} & set(page.text.split())


async def test_the_same_in_gives_the_same_out():
    data = data_of(paper("甲"), "网络", AT)
    one, other = [await Typesetter().pdf(TEMPLATE, data, AT) for _ in range(2)]
    assert one == other
    later = await Typesetter().pdf(TEMPLATE, data, AT.replace(hour=2))
    assert later != one
    assert Printed(one).reader.metadata.creation_date == AT.replace(microsecond=0)  # type: ignore[union-attr]


async def test_a_template_that_does_not_fit_its_data_is_told():
    with pytest.raises(BrokenDocumentError, match="dictionary does not contain key"):
        await Typesetter().pdf(TEMPLATE, {"lang": "zh"}, AT)


async def test_who_comes_when_enough_wait_is_sent_away_and_what_takes_too_long_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import sys, time\nsys.stdin.read()\ntime.sleep(60)\n")
    monkeypatch.setattr(documents, "COMMAND", (documents.COMMAND[0], str(sleeper)))
    typesetter, began = Typesetter(at_once=1, waiting=1, seconds=0.5), time.monotonic()
    answers = await asyncio.gather(*(typesetter.pdf(TEMPLATE, {}, AT) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in answers] == [DocumentsBusy] * 3
    assert sorted(each.data["retry_after"] for each in answers) == [10, 60, 60]  # type: ignore[union-attr]
    assert time.monotonic() - began < 10
    monkeypatch.undo()
    assert (await typesetter_again(typesetter)).startswith(b"%PDF-1.7")


async def typesetter_again(typesetter: Typesetter) -> bytes:
    """Its places are free again."""
    patient = Typesetter()
    assert typesetter._asked == 0
    return await patient.pdf(TEMPLATE, data_of(paper("乙"), "网络", AT), AT)


async def test_a_long_document_takes_next_to_nothing_of_the_process_that_answers():
    data = data_of(paper(*(f"第 {n} 行" for n in range(1500))), "网络", AT)
    began = time.process_time()
    pdf = await Typesetter().pdf(TEMPLATE, data, AT)
    assert time.process_time() - began < 0.3
    assert len(Printed(pdf).pages) > 20


def test_the_fonts_are_those_of_the_manifest_and_have_their_licence():
    manifest: dict[str, str] = json.loads((FONTS / "manifest.json").read_text(encoding="utf-8"))
    files = {path.name: path for path in FONTS.iterdir() if path.name != "manifest.json"}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == manifest
    assert "SIL OPEN FONT LICENSE Version 1.1" in files["LICENSE"].read_text(encoding="utf-8")
    wanted = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))["optionalDependencies"]
    assert files["version"].read_text(encoding="utf-8").split() == list(*wanted.items())
    assert sum(path.stat().st_size for path in files.values()) < 13_000_000


@pytest.mark.parametrize(
    ("block", "first", "last", "missing"),
    [
        ("unified ideographs of GB 18030's first level", 0x4E00, 0x9FA5, 0),
        ("those that were added since", 0x9FA6, 0x9FEF, 0),
        ("extension A, of the first level too", 0x3400, 0x4DB5, 0),
        ("ASCII", 0x20, 0x7E, 0),
        ("Latin-1", 0xA1, 0xFF, 1),  # the soft hyphen, which has no shape
        ("Greek capitals and small letters", 0x3B1, 0x3C9, 0),
        ("full-width forms", 0xFF01, 0xFF5E, 0),
        ("Chinese punctuation", 0x3001, 0x3011, 0),
        ("circled numbers", 0x2460, 0x2473, 0),
        ("Roman numbers", 0x2160, 0x216B, 0),
    ],
)
def test_which_characters_the_fonts_have(block: str, first: int, last: int, missing: int):
    there = [n for n in range(first, last + 1) if unicodedata.category(chr(n)) != "Cn"]
    lacking = [hex(n) for n in there if printable(chr(n)) != unicodedata.normalize("NFC", chr(n))]
    assert len(lacking) <= missing, (block, lacking)


def test_what_the_fonts_lack_is_named_and_what_has_no_shape_is_left_out():
    assert printable("张𠮷\U000e0100 🙂\ud800") == "张〔U+20BB7〕 〔U+1F642〕〔U+FFFD〕"
    assert printable("a\u202eb\u200bc\x00\r\nd\te") == "abc d e"
    assert printable("e\u0301") == "é"
    assert all_printable({"𠮷": ["𠮷", ("\x00", 1, None)]}) == {"𠮷": ["〔U+20BB7〕", ["", 1, None]]}


@given(st.text())
def test_everything_can_be_printed_and_is_so_once_and_for_all(text: str):
    once = printable(text)
    assert printable(once) == once


def test_whatever_people_type_can_be_typeset():
    """By typst itself, which refuses a PDF/UA with a character that no font has; one document for many texts."""

    @given(st.lists(st.text(max_size=30), min_size=200, max_size=200))
    def collect(texts: list[str]) -> None:
        gathered.extend(texts)

    gathered: list[str] = []
    collect()
    data = all_printable(data_of(paper(*gathered[:3000]), "网络", AT))
    assert typesetting.typeset(TEMPLATE, json.dumps(data), AT.replace(microsecond=0)).startswith(b"%PDF")


def without_tags(document: pikepdf.Pdf) -> None:
    del document.Root.StructTreeRoot
    document.Root.MarkInfo = pikepdf.Dictionary(Marked=False)


def without_title(document: pikepdf.Pdf) -> None:
    with document.open_metadata() as about:
        del about["dc:title"]


def without_language(document: pikepdf.Pdf) -> None:
    del document.Root.Lang


def in_no_language(document: pikepdf.Pdf) -> None:
    document.Root.Lang = pikepdf.String("chinese, mostly")


def without_fonts(document: pikepdf.Pdf) -> None:
    for font in document.pages[0].resources.Font.values():
        about = font.DescendantFonts[0].FontDescriptor
        for key in {"/FontFile", "/FontFile2", "/FontFile3"} & set(about.keys()):
            del about[key]


def without_words_for_pictures(document: pikepdf.Pdf) -> None:
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure":
            del each.Alt


def without_heads_of_columns(document: pikepdf.Pdf) -> None:
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/S") in ("/TH", "/TD"):
            each.S = pikepdf.Name.TD
            del each.A  # which names the heads of a cell


def said_to_be_nothing(document: pikepdf.Pdf) -> None:
    with document.open_metadata() as about:
        del about["pdfuaid:part"]


BREAKS = (
    (without_tags, "DOC-"), (without_title, "DOC-"), (without_language, "DOC-"), (in_no_language, "DOC-"),
    (without_fonts, "TXT-"), (without_words_for_pictures, "FIG-"), (without_heads_of_columns, "TBL-"),
    (said_to_be_nothing, "DOC-"),
)  # fmt: skip


@pytest.mark.parametrize(("spoil", "rules"), BREAKS, ids=lambda value: getattr(value, "__name__", ""))
async def test_the_checkers_of_documents_find_what_is_broken_on_purpose(
    spoil: Callable[[pikepdf.Pdf], None], rules: str
):
    whole = (await made(paper("甲", "乙"))).raw
    assert faults_of(whole) == []
    with pikepdf.open(io.BytesIO(whole)) as document:
        spoil(document)
        document.save(spoiled := io.BytesIO())
    found = faults_of(spoiled.getvalue())
    assert [each for each in found if each.startswith(rules)], found


async def test_a_document_whose_end_is_missing_is_found():
    whole = (await made(paper("甲"))).raw
    assert faults_of(whole[: whole.rindex(b"startxref")]) != []
