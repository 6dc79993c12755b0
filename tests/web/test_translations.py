"""Every sentence has its Chinese, in its own room's catalogue, and no catalogue holds what nobody says."""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

APP = Path(__file__).resolve().parents[2] / "app"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "FieldError": (3,),
}
PLACES = re.compile(r"\{(\w*)[^{}]*\}|%\((\w+)\)s")
HOME_OF_THE_REST = "web"  # app/*.py belongs to no room
Key = tuple[str, str]  # context, sentence (of a plural, its singular)


def room_of(path: Path) -> str:
    parts = path.relative_to(APP).parts
    return parts[0] if len(parts) > 1 else HOME_OF_THE_REST


def sources() -> list[Path]:
    return sorted([*APP.rglob("*.py"), *APP.glob("*/templates/**/*.html")])


def extract(path: Path) -> list[tuple[Key, str]]:
    """The sentences of a file, each with its place."""
    method, options = ("jinja2", {"silent": "false"}) if path.suffix == ".html" else ("python", {})
    found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
    return [
        ((context or "", message[0] if isinstance(message, tuple) else message), f"{path.relative_to(APP)}:{line}")
        for line, message, _comments, context in found
    ]


@cache
def said() -> dict[str, dict[Key, str]]:
    """By room: its sentences, each with the first place where it is said."""
    rooms: dict[str, dict[Key, str]] = defaultdict(dict)
    for path in sources():
        for key, place in extract(path):
            rooms[room_of(path)].setdefault(key, place)
    return rooms


@cache
def translated() -> dict[str, dict[Key, Message]]:
    rooms: dict[str, dict[Key, Message]] = {}
    for path in sorted(APP.glob("*/translations/zh_Hans_CN.po")):
        with path.open("rb") as file:
            messages = [message for message in read_po(file, locale="zh_Hans_CN") if message.id]
        rooms[room_of(path)] = {key_of(message): message for message in messages}
    return rooms


def key_of(message: Message) -> Key:
    return message.context or "", message.id if isinstance(message.id, str) else message.id[0]


def sentences_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def places_of(sentence: str) -> set[str]:
    return {braces or percent for braces, percent in PLACES.findall(sentence)}


ROOMS = sorted(path.name for path in APP.iterdir() if path.is_dir() and not path.name.startswith("_"))


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_of_a_room_is_translated_in_its_own_catalogue(room: str):
    own = translated().get(room, {})
    missing = [
        f"{place}: {key[1]!r}"
        for key, place in said()[room].items()
        if key not in own or not all(sentences_of(own[key]))
    ]
    assert not missing, f"add to app/{room}/translations/zh_Hans_CN.po:\n" + "\n".join(missing)


@pytest.mark.parametrize("room", ROOMS)
def test_no_catalogue_keeps_a_sentence_that_nobody_says(room: str):
    unused = [key[1] for key in translated().get(room, {}) if key not in said()[room]]
    assert not unused, f"remove from app/{room}/translations/zh_Hans_CN.po:\n" + "\n".join(unused)


def test_a_translation_has_the_places_of_its_sentence():
    wrong = [
        f"{room}: {key[1]!r} -> {sentence!r}"
        for room, messages in translated().items()
        for key, message in messages.items()
        for sentence in sentences_of(message)
        if places_of(sentence) != places_of(message.id if isinstance(message.id, str) else message.id[1])
    ]
    assert not wrong, "\n".join(wrong)


def test_the_same_words_are_translated_alike_in_every_room():
    by_key: dict[Key, dict[str, str]] = defaultdict(dict)
    for room, messages in translated().items():
        for key, message in messages.items():
            by_key[key][room] = " | ".join(sentences_of(message))
    clashes = [f"{key[1]!r}: {rooms}" for key, rooms in by_key.items() if len(set(rooms.values())) > 1]
    assert not clashes, "use one translation, or pgettext:\n" + "\n".join(clashes)


def test_no_translation_is_uncertain_or_given_twice():
    doubtful = [key[1] for messages in translated().values() for key, message in messages.items() if message.fuzzy]
    assert not doubtful
    for path in APP.glob("*/translations/*.po"):
        text = path.read_text(encoding="utf-8")
        ids = re.findall(r'((?:^msgctxt .*\n)?^msgid .*(?:\n".*)*)', text, flags=re.MULTILINE)
        assert len(ids) == len(set(ids)), f"{path} gives a sentence twice"
