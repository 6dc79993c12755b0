"""One spelling for what people write: half width, lower case, simplified characters, no tone marks, light stems."""

import re
import unicodedata
from importlib.resources import files

LIMIT = 64
"""Characters of a query that are looked at; the longest name of a service is shorter."""

_MEMORY = 30_000
_DATA = files("app.catalogue") / "data"
_WORD = re.compile("[a-z0-9]+|[^a-z0-9 ]+")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1")
_SHORTEST_STEM = 4


def data_lines(name: str) -> list[str]:
    """The lines of a file of `app/catalogue/data` that are neither blank nor a comment."""
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _simplified() -> dict[str, str]:
    pairs = "".join(data_lines("traditional.txt"))
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


class _Folding(dict[int, str]):
    """A table for `str.translate` that learns each character when it first meets it, up to a bound."""

    def __init__(self) -> None:
        super().__init__()
        self._simplified = _simplified()

    def __missing__(self, code: int) -> str:
        folded = self._fold(chr(code))
        if len(self) < _MEMORY:
            self[code] = folded
        return folded

    def _fold(self, character: str) -> str:
        if unicodedata.category(character) == "Mn":
            return ""
        plain = "".join("v" if part in "üǖǘǚǜ" else self._base(part) for part in character.lower())
        return "".join(self._simplified.get(part, part) if part.isalnum() else " " for part in plain)

    @staticmethod
    def _base(character: str) -> str:
        parts = unicodedata.normalize("NFKD", character).lower()
        return "".join(part for part in parts if not unicodedata.combining(part))


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text in its one spelling, words apart by one blank: "ＭＥＴ－015 壓力錶" gives "met 015 压力表"."""
    return " ".join(text.translate(_FOLDING).split())


def words(folded: str) -> list[str]:
    """Runs of ASCII letters and digits, and runs of everything else (mostly Han): "iso9001认证" is two."""
    return _WORD.findall(folded)


def stem(word: str) -> str:
    """An English word without its plural and with single consonants: "gauges", "gauge"; "calliper", "caliper".

    Short words and what carries a digit (standards, codes) stay as they are.
    """
    if len(word) < _SHORTEST_STEM or not word.isalpha() or not word.isascii():
        return word
    single = _DOUBLED.sub(r"\1", word).replace("yze", "yse")
    if word.endswith("ies"):
        return single[:-3] + "y"
    if word.endswith(("ches", "shes", "xes")):
        return single[:-2]
    return single[:-1] if word.endswith("s") and not word.endswith(("ss", "is", "us")) else single
