"""A PDF read back by a library that didn't make it: its words, and whether programs can read it aloud."""

import csv
import io
import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from tempfile import NamedTemporaryFile
from typing import Any

import httpx
import outloud
import pikepdf
from pypdf import PdfReader

NOT_OURS = {
    "TAG-002": "takes the head and foot of a single page for prose that nobody hears",
    "PAG-001": "takes rows that every page begins with for its head",
    "TBL-012": "asks about tables most of whose cells are empty: of what a station may do, most are",
}
"""Rules of outloud beyond PDF/UA-1 that guess, and guess wrong about our documents."""
FEWEST_RULES = 80
PAGE_FOOT = re.compile(r"(\d+)/(\d+)$")


class Printed:
    """A PDF. Texts are without white space, since lines end where there is no more room."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.reader = PdfReader(io.BytesIO(raw))

    @cached_property
    def pages(self) -> list[str]:
        return [squeezed(page.extract_text()) for page in self.reader.pages]

    @property
    def text(self) -> str:
        """Of all pages, one after the other."""
        return "".join(self.pages)

    def holds(self, row: list[str]) -> bool:
        """Whether the cells stand one after the other."""
        return squeezed("".join(row)) in self.text

    @property
    def catalog(self) -> Any:
        return self.reader.trailer["/Root"]

    @property
    def tags(self) -> set[str]:
        """The kinds of structure that are named in it."""
        found: set[str] = set()
        waiting = [self.catalog["/StructTreeRoot"]]
        while waiting:
            node = waiting.pop().get_object()
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                found |= {node["/S"]} if "/S" in node else set()
                waiting += [node["/K"]] if "/K" in node and not isinstance(node["/K"], int) else []
        return found

    @property
    def fonts(self) -> list[Any]:
        """Of every page, the descriptors of its fonts."""
        kinds = [font.get_object() for page in self.reader.pages for font in page["/Resources"]["/Font"].values()]
        return [kind["/DescendantFonts"][0]["/FontDescriptor"] for kind in kinds]


def faults_of(raw: bytes) -> list[str]:
    """What others find wrong with a PDF: qpdf with how it is built, outloud with how it is read aloud (its rules for
    PDF/UA-1 agree with veraPDF's, and it looks for what those can't see)."""
    with pikepdf.open(io.BytesIO(raw)) as document:
        syntax = [str(problem) for problem in document.check_pdf_syntax()]
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(raw)
        file.flush()
        result = outloud.check(file.name, skip=NOT_OURS)
    looked = [each for each in result.runs if each.status in {"ran", "not-applicable"}]
    stuck = [f"{each.rule} {each.status}: {each.reason}" for each in result.runs if each.status == "crashed"]
    assert result.error is None, result.error
    assert len(looked) >= FEWEST_RULES, [(each.rule, each.status) for each in result.runs if each not in looked]
    return [*syntax, *stuck, *(f"{each.rule} {each.message} ({each.evidence})" for each in result.findings)]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def check_accessible(printed: Printed, *, lang: str, title: str) -> None:
    """What PDF/UA-1 wants that can be seen from outside: marked, tagged, titled, in a language, with fonts inside."""
    catalog = printed.catalog
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == lang
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert printed.reader.metadata is not None
    assert printed.reader.metadata.title == title
    xmp = catalog["/Metadata"].get_data().decode()
    assert re.search(r"<pdfuaid:part>1</pdfuaid:part>", xmp)
    assert re.search(r"<pdfaid:part>2</pdfaid:part>", xmp)
    assert {"/Table", "/TR", "/TH", "/TD"} <= printed.tags
    assert printed.fonts
    assert all("/FontFile2" in font for font in printed.fonts)
    assert [PAGE_FOOT.search(page) is not None for page in printed.pages].count(False) == 0, printed.pages


def csv_rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def printed(answer: httpx.Response) -> Printed:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith('.pdf"')
    assert faults_of(answer.content) == []
    return Printed(answer.content)


def written(value: str, digits: int = 0, times: int = 1, unit: str = "") -> str:
    """A figure of a CSV as paper has it, by decimal arithmetic of its own: `0.853214` as `85.32%`."""
    if value == "":
        return "–"
    rounded = (Decimal(value) * times).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    return f"{rounded:,}{unit}"


def share(value: str, digits: int = 2) -> str:
    return written(value, digits, 100, "%")
