"""Folders of network files for the tests of import and export."""

import shutil
from pathlib import Path

from app.config import PROJECT

REFERENCE = PROJECT / "app" / "data" / "reference"


def reference_copy(to: Path) -> Path:
    """A copy of the reference network's files, to be changed."""
    folder = to / "network"
    shutil.copytree(REFERENCE, folder, ignore=shutil.ignore_patterns("*.md"))
    return folder


def change(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first `old` by `new`; the line, from 1, on which it stood."""
    text = (folder / file).read_text("utf-8")
    assert old in text, f"{file} has no {old!r}"
    (folder / file).write_text(text.replace(old, new, 1), "utf-8", newline="")
    return text.count("\n", 0, text.index(old)) + 1


def files_of(folder: Path, ending: str = "") -> list[str]:
    """The names of the files of a network in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(ending) and path.suffix != ".md")
