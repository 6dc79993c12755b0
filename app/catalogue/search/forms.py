"""What a service can be found by: each of its names in every form that a query may take."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from app.catalogue.search.fold import fold, stem, words
from app.catalogue.search.query import strong, work_of
from app.catalogue.search.sounds import variants
from app.catalogue.search.synonyms import others

_PARTS = re.compile(r"[/、,()（）]+")
_SHORTEST_CORE = 2
_LONGEST_TERM = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A service as search sees it. `category` and `subcategory` are codes, the latter only for whoever shows it."""

    code: str
    category: str
    category_zh: str
    category_en: str
    subcategory: str | None
    name_zh: str
    name_en: str
    keywords_zh: tuple[str, ...]


class How(StrEnum):
    """By what a hit was found; the page may say so."""

    CODE = "code"
    NAME = "name"
    KEYWORD = "keyword"
    SYNONYM = "synonym"
    PINYIN = "pinyin"
    INITIALS = "initials"
    CATEGORY = "category"
    SOUND = "sound"
    SLIP = "slip"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Term:
    """A name as it is written, of the entries (by place) that bear it; `weight` is 1 for a whole name, less below."""

    text: str
    how: How
    weight: float
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A folded spelling of a term; `weight` is the term's, a little less when weak words were left out."""

    text: str
    starts: tuple[int, ...]
    term: int
    weight: float


_NAME, _PART, _KEYWORD, _SYNONYM, _CATEGORY = 1.0, 0.97, 0.96, 0.91, 0.36
_LESS_WEAK_WORDS = 0.98


def terms(entries: Sequence[Entry]) -> list[Term]:
    """Every name of every entry; names of a category once, with all its entries."""
    found: list[Term] = []
    categories: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        found += (Term(text[:_LONGEST_TERM], how, weight, (place,)) for text, how, weight in _names(entry))
        for name in (entry.category_zh, entry.category_en):
            categories.setdefault(name, []).append(place)
    found += (Term(name, How.CATEGORY, _CATEGORY, tuple(places)) for name, places in categories.items())
    return [term for term in found if fold(term.text)]


def _names(entry: Entry) -> Iterator[tuple[str, How, float]]:
    yield entry.code, How.CODE, _NAME
    for name in (entry.name_zh, entry.name_en):
        yield name, How.NAME, _NAME
        yield from ((part.strip(), How.NAME, _PART) for part in _parts(name))
    yield from ((keyword, How.KEYWORD, _KEYWORD) for keyword in entry.keywords_zh)
    yield from ((other, How.SYNONYM, _SYNONYM) for other in others(entry.name_zh, entry.keywords_zh))


def _parts(name: str) -> list[str]:
    """What stands between slashes, commas and brackets, where that names a thing: 钢卷尺/钢直尺检定."""
    parts = _PARTS.split(name)
    return [part for part in parts if len(parts) > 1 and strong(words(fold(part)))]


def text_forms(number: int, term: Term) -> list[Form]:
    """The term squeezed, and once more without weak words; entered at every Han character and at every Latin word."""
    parts = words(fold(term.text))
    full = [stem(part) for part in parts]
    core = strong(parts)
    forms = [Form("".join(full), _starts(full), number, term.weight)]
    if core != full and len("".join(core)) >= _SHORTEST_CORE:
        forms.append(Form("".join(core), _starts(core), number, term.weight * _LESS_WEAK_WORDS))
    return forms


def _starts(parts: Sequence[str]) -> tuple[int, ...]:
    return tuple(
        at + step
        for at, part in zip(_places(parts), parts, strict=True)
        for step in ((0,) if part.isascii() else range(len(part)))
    )


def spoken_forms(number: int, term: Term) -> list[Form]:
    """The readings of a term with Chinese in it, entered at each syllable; also without weak words."""
    parts = words(fold(term.text))
    if all(part.isascii() for part in parts):
        return []
    core = "".join(strong(parts))
    weights = {"".join(parts): term.weight} | ({core: term.weight * _LESS_WEAK_WORDS} if len(core) > 1 else {})
    return [
        Form("".join(reading), _places(reading), number, weight)
        for text, weight in reversed(weights.items())
        for reading in variants(text)
    ]


def initial_forms(spoken: Iterable[Form]) -> list[Form]:
    """The first letters of the syllables of each reading, once each."""
    texts = ((form, "".join(form.text[start] for start in form.starts)) for form in spoken)
    unique = {(text, form.term): form.weight for form, text in texts if len(text) > 1}
    return [Form(text, tuple(range(len(text))), term, weight) for (text, term), weight in unique.items()]


def code_forms(number: int, term: Term) -> list[Form]:
    """A code squeezed, as it is and without leading zeros, entered at its parts: metmec015, mec15."""
    parts = words(fold(term.text))
    bare = [part.lstrip("0") or part for part in parts]
    unique = {"".join(each): _letters_among(each) for each in (parts, bare)}
    return [Form(text, starts, number, term.weight) for text, starts in unique.items()]


def _places(parts: Sequence[str]) -> tuple[int, ...]:
    """Where each part begins when all are joined."""
    return tuple(accumulate(map(len, parts[:-1]), initial=0))


def _letters_among(parts: Sequence[str]) -> tuple[int, ...]:
    return tuple(at for at, part in zip(_places(parts), parts, strict=True) if at == 0 or not part.isdigit())


def work_in(entry: Entry) -> int:
    """The groups of work that an entry's own names mention."""
    return work_of(words(fold(" ".join((entry.name_zh, entry.name_en, *entry.keywords_zh)))))
