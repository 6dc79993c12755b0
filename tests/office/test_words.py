"""Every action that the code can put on record has words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.office.mails import KINDS
from app.office.words import ACTIONS, ACTORS, OBJECTS
from app.requests.rules import TELLS

APP = Path(__file__).resolve().parents[2] / "app"
ACTION = re.compile(r"[a-z]+\.(?!(?:html|ini)$)[a-z_]+")
PUTS_ON_RECORD = {"record", "record_on", "entry"}


def puts_on_record(tree: ast.Module) -> bool:
    """The module takes from the record's service what writes to it."""
    taken = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "app.audit.service")
    return any(name.name in PUTS_ON_RECORD for node in taken for name in node.names)


def written() -> Iterator[str]:
    """What looks like an action in the modules that write to the record, and isn't a kind of mail that they send."""
    for path in APP.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if puts_on_record(tree):
            texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            yield from (text for text in texts if isinstance(text, str) and ACTION.fullmatch(text))


def test_every_step_of_a_request_has_words():
    assert {f"request.{told}" for told in TELLS.values()} <= ACTIONS.keys()


def test_every_other_action_has_words_and_acts_on_a_kind_of_object_that_has_some():
    actions = set(written()) - (KINDS.keys() - ACTIONS.keys())
    assert len(actions) > 40
    assert actions <= ACTIONS.keys()
    assert ACTORS.keys() == {"person", "key", "visitor", "system"}
    assert OBJECTS.keys() >= {"person", "organisation", "request", "setting", "station", "view"}
