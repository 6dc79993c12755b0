"""The rules of the house that import-linter can't say: read from the syntax trees of every file."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.config import PROJECT

ROOMS = (
    "audit", "notify", "files", "accounts", "conversation", "catalogue", "stations", "policy", "slots", "routing",
    "requests", "feeds", "inbox", "booking", "enterprise", "office", "demand", "performance", "siting", "coverage",
    "bundles",
)  # fmt: skip
DOORS = ("api", "pages", "schemas")
PUTS_TOGETHER = ("main.py", "rooms.py", "furnishing.py", "metadata.py")
FILE_LINES, TEST_LINES, FUNCTION_LINES = 300, 500, 50


def sources(folder: str) -> list[Path]:
    return [path for path in sorted((PROJECT / folder).rglob("*.py")) if "vendor" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(module: ast.AST) -> tuple[tuple[str, ...], ...]:
    """Dotted names of ours that are imported anywhere in a tree, as parts; read once, for all rooms that ask."""
    return tuple(_imported(module))


def _imported(module: ast.AST) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((*node.module.split("."), alias.name) for alias in node.names)


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", sources("app"), ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_import_is_hidden_in_a_function_or_behind_type_checking(path: Path) -> None:
    module = tree(path)
    hidden = [f"{function.name}:{node.lineno}" for function in functions(module) for node in ast.walk(function)
              if isinstance(node, ast.Import | ast.ImportFrom)]  # fmt: skip
    assert not hidden
    assert not any("TYPE_CHECKING" in name for name in imported(module))


@pytest.mark.parametrize("room", ROOMS)
def test_nobody_uses_another_rooms_doors(room: str) -> None:
    for path in sources("app"):
        if path.name in PUTS_TOGETHER or path.is_relative_to(PROJECT / "app" / room):
            continue
        used = [name for name in imported(tree(path)) if name[:2] == ("app", room) and set(name[2:3]) & set(DOORS)]
        assert not used, f"{path.relative_to(PROJECT)} uses {used}"


@pytest.mark.parametrize("path", sources("app"), ids=lambda path: str(path.relative_to(PROJECT)))
def test_only_doors_and_the_command_ask_for_the_time(path: Path) -> None:
    module = tree(path)
    asks = [
        ast.unparse(node)
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}  # to write each call out again would take much longer
        and ast.unparse(node.func) in {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    ]
    if path.name == "rules.py":
        assert ("app", "kit", "clock", "now") not in imported(module)
    assert not asks or path.name == "clock.py", f"{asks}: take the time as an argument"


@pytest.mark.parametrize(("folder", "most"), [("app", FILE_LINES), ("bench", FILE_LINES), ("tests", TEST_LINES)])
def test_files_can_be_taken_in_at_one_reading(folder: str, most: int) -> None:
    lengths = {str(path.relative_to(PROJECT)): len(path.read_text().splitlines()) for path in sources(folder)}
    assert not {path: length for path, length in lengths.items() if length > most}


@pytest.mark.parametrize("folder", ["app", "bench", "scripts", "tests"])
def test_functions_fit_on_a_screen(folder: str) -> None:
    long = [
        f"{path.relative_to(PROJECT)}:{function.lineno}"
        for path in sources(folder)
        for function in functions(tree(path))
        if (function.end_lineno or 0) - function.lineno >= FUNCTION_LINES
    ]
    assert not long


def test_nothing_reads_the_folder_of_the_designers() -> None:
    outside = "../" + "shared"
    named = [path for folder in ("app", "bench", "scripts", "tests", "migrations") for path in sources(folder)
             if outside in path.read_text()]  # fmt: skip
    assert not named
