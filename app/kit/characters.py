"""Which characters the fonts of documents have, and what stands for those that they don't.

They have GB 18030-2022's first level, Latin, Greek, Cyrillic and the usual signs (`scripts/fonts.py`). A character
beyond, as there are in some names, must not vanish: its number stands for it, 〔U+20BB7〕, so that one sees that
something is missing, and what. What has no shape of its own (variants, joiners, marks of direction) is left out.
"""

import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
_SHAPELESS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
_BREAKS = re.compile("[\t-\r\u2028\u2029]+")


@lru_cache(maxsize=1)
def _beyond() -> re.Pattern[str]:
    spans: list[tuple[int, int]] = json.loads((FONTS / "characters.json").read_text(encoding="utf-8"))
    known = "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in spans)
    return re.compile(f"[^{known}]")


def printable(text: str) -> str:
    """The text on one line, in characters that the fonts have; of half a pair that stands alone, a mark."""
    whole = unicodedata.normalize("NFC", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return _beyond().sub(_number, _SHAPELESS.sub("", _BREAKS.sub(" ", whole)))


def _number(found: re.Match[str]) -> str:
    return f"〔U+{ord(found[0]):04X}〕"


def all_printable(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with all texts in it printable; the names of an object's members stay as they are."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: all_printable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [all_printable(each) for each in value]
    return value
