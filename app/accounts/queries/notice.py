"""Reading the privacy notices that ship with the program."""

from datetime import date
from functools import cache
from pathlib import Path

from fastapi import Request

from app.accounts.rules.notice import Notice, Operator, in_force
from app.config import Settings

NOTICES = Path(__file__).parent.parent / "notices"


@cache
def notices() -> tuple[Notice, ...]:
    """All versions: `notices/<version>.zh.txt` with the English beside it."""
    versions = sorted(path.name.removesuffix(".zh.txt") for path in NOTICES.glob("*.zh.txt"))
    return tuple(Notice(version, _text(version, "zh"), _text(version, "en")) for version in versions)


def notice_in_force(day: date) -> Notice:
    """The notice that a booking made on `day` (the network's date) must agree to."""
    return in_force(notices(), day)


def operator_of(settings: Settings) -> Operator:
    """Who runs this network: nobody is named until the settings of an installation say so."""
    return Operator(settings.web.operator_zh, settings.web.operator_en, settings.web.operator_contact)


async def operator(request: Request) -> Operator:
    """The same, for doors."""
    return operator_of(request.app.state.settings)


def _text(version: str, language: str) -> str:
    return (NOTICES / f"{version}.{language}.txt").read_text(encoding="utf-8").strip()
