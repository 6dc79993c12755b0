"""What may be uploaded for which purpose, and what a file may be called."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

NAME_LENGTH = 120
UNNAMED = "file"


@dataclass(frozen=True, slots=True)
class Kind:
    """A media type and the endings that its files may have; the first is given to a file that has none."""

    media_type: str
    endings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """What a file belongs to, as the record of what was done names things: ("organisation", its id)."""

    kind: str
    id: str


PDF = Kind("application/pdf", ("pdf",))
JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG = Kind("image/png", ("png",))
WEBP = Kind("image/webp", ("webp",))
SCANS = (PDF, JPEG, PNG, WEBP)
PICTURES = (JPEG, PNG, WEBP)

PURPOSES: Mapping[str, tuple[Kind, ...]] = {
    "evidence": SCANS,
    "conversation": SCANS,
    "custody": PICTURES,
    "result": (PDF,),
}
"""Which kinds are taken for which purpose; a new purpose is a new line here."""

# What a program or a browser would run, whatever stands behind it: "licence.php.jpg" helps only an attacker.
_RUNS = re.compile(
    r"\.(?:php\d?|phtml|phar|x?html?|shtml|svgz?|xml|xsl|m?js|jsp|aspx?|cgi|pl|py|sh|exe|com|bat|cmd|scr|msi|pif|lnk|hta|"
    r"vb[se]?|ws[fh]|ps1|jar|dll|apk|app|zip|rar|7z|iso|htaccess)(?=\.)",
    re.IGNORECASE,
)
_PATH = re.compile(r"[/\\:]")
# Line ends, controls, marks that turn the reading direction, what has no meaning yet.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED = re.compile(r'[<>"|?*]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)


def clean_name(given: str | None) -> str:
    """The name as it is kept: the last part of a path, visible characters only, harmless on every file system.

    At most NAME_LENGTH characters, of which the ending is kept; "file" when nothing is left.
    """
    last = _PATH.split(given or "")[-1]
    seen = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in _UNSEEN)
    name = " ".join(_RESERVED.sub("_", seen).split()).strip(". ")
    if _DEVICE.match(name):
        name = f"_{name}"
    stem, ending = split_name(name)
    room = NAME_LENGTH - len(ending) - 1
    return f"{stem[:room].rstrip('. ')}.{ending}" if ending else name[:NAME_LENGTH] or UNNAMED


def split_name(name: str) -> tuple[str, str]:
    """Stem and ending ("licence", "pdf"); a name without an ending, or with none that is one, has ""."""
    stem, dot, ending = name.rpartition(".")
    return (stem, ending.lower()) if dot and stem and re.fullmatch("[A-Za-z0-9]{1,10}", ending) else (name, "")


def named_as(name: str, kind: Kind) -> str | None:
    """A clean name with the ending of its kind; None when it claims to be something else, or hides that it is."""
    if _RUNS.search(name):
        return None
    stem, ending = split_name(name)
    if ending in kind.endings:
        return name
    return None if ending else f"{stem[: NAME_LENGTH - 5]}.{kind.endings[0]}"
