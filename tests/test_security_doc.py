"""docs/security.md keeps its word: no requirement of the standard is missing, and what it names is there."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENT = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (v5\.0\.0-\S+) \| ([12]) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ID = re.compile(r"v5\.0\.0-([1-9]|1[0-7])\.[1-9]\.[1-9]\d?")
# OWASP ASVS 5.0.0 has so many of each level; L3 is not claimed.
LEVELS = {"1": 70, "2": 183}


def rows() -> list[tuple[str, str, str, str, str]]:
    found: list[tuple[str, str, str, str, str]] = ROW.findall(DOCUMENT)
    return found


def test_every_requirement_of_both_levels_has_its_row() -> None:
    listed = re.search(r"```text\n(.+?)```", DOCUMENT, re.DOTALL)
    assert listed is not None
    wanted = [f"v5.0.0-{number}" for number in listed[1].split()]
    assert [row[0] for row in rows()] == wanted
    assert len(set(wanted)) == len(wanted)
    assert {level: sum(row[1] == level for row in rows()) for level in LEVELS} == LEVELS


def test_every_number_is_one_that_the_standard_could_have() -> None:
    assert [row[0] for row in rows() if not ID.fullmatch(row[0])] == []
    assert len(re.findall(r"^\| v", DOCUMENT, re.MULTILINE)) == len(rows())


def test_every_test_that_is_named_exists() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"^\s*(?:async )?def (test_\w+)", code, re.MULTILINE))
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    assert len(named) > 100
    assert named - there == set()


def test_every_file_and_setting_that_is_named_exists() -> None:
    files = set(re.findall(r"`((?:app/)?[a-z_]+/[a-z_/]+\.(?:py|js|json))`", DOCUMENT))
    missing = [name for name in files if not any((PROJECT / root / name).exists() for root in ("", "app", "app/web"))]
    assert not [name for name in missing if not (PROJECT / "app" / "web" / "static" / name).exists()]
    config = (PROJECT / "app" / "config.py").read_text(encoding="utf-8") + (
        PROJECT / "scripts" / "audit.py"
    ).read_text()
    for setting in re.findall(r"`ONESTOP_([A-Z_]+?)(?:=\w+)?`", DOCUMENT):
        assert setting.lower() in config.lower(), setting


def test_links_within_the_document_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", DOCUMENT, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", DOCUMENT)) - anchors == set()


def test_what_is_claimed_without_a_test_says_why_or_how() -> None:
    silent = [row[0] for row in rows() if row[4] == "—" and len(row[3]) < 3]
    assert silent == []
