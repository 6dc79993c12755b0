"""Which row of a file is which instrument of the ledger, and what of it would change. Pure.

A row is the instrument in use that has its serial number, manufacturer and model; else the only one that has its
number and at least one of name, model and manufacturer, so that what was corrected doesn't double; without a number,
one that is alike in all else, each once. What no row is stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.ledger.derived import changes
from app.ledger.rules.identity import folded, identity_key, likeness, serial_key

RESEMBLES = ("instrument_name", "model_spec", "manufacturer")
RETIRED, UNCLEAR = "serial_retired", "serial_unclear"


@dataclass(frozen=True, slots=True)
class Known:
    """An instrument of the ledger: its columns that somebody says, and the keys to compare by."""

    id: UUID
    said: Mapping[str, Any]
    serial_key: str | None
    identity_key: str | None
    retired: bool


@dataclass(frozen=True, slots=True)
class Update:
    """A row that is an instrument already: what it is afterwards, and what differs."""

    known: Known
    after: Mapping[str, Any]
    differs: Mapping[str, list[Any]]


@dataclass(slots=True)
class Plan:
    """What would become of a file: `refused` has the code of what can't be, by line."""

    new: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    changed: list[tuple[int, Update]] = field(default_factory=list)
    same: int = 0
    refused: dict[int, str] = field(default_factory=dict)


class Matching:
    """A ledger to which rows are compared."""

    def __init__(self, ledger: Iterable[Known]) -> None:
        self._by_serial: dict[str, list[Known]] = defaultdict(list)
        self._by_identity: dict[str, Known] = {}
        self._alike: dict[str, list[Known]] = defaultdict(list)
        self._retired: set[str] = set()
        for each in ledger:
            if each.retired:
                self._retired |= {each.identity_key} if each.identity_key else set()
            elif each.serial_key is None:
                self._alike[likeness(each.said)].append(each)
            else:
                self._by_serial[each.serial_key].append(each)
                self._by_identity[each.identity_key or ""] = each

    def plan(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Plan:
        """All rows together: who is meant by all three is nobody else's to be meant by number."""
        rows = list(rows)
        meant = {self._by_identity[key].id for _line, said in rows if (key := identity_key(said)) in self._by_identity}
        plan, taken = Plan(), dict[str, int]()
        for line, said in rows:
            known = self._find(said, meant)
            if isinstance(known, str):
                plan.refused[line] = known
                continue
            after = {**known.said, **said} if known else said
            self._place(plan, taken, line, after, known)
        return plan

    def _place(
        self, plan: Plan, taken: dict[str, int], line: int, after: Mapping[str, Any], known: Known | None
    ) -> None:
        """Beside the others, unless it would become the same instrument as another one."""
        key = identity_key(after)
        other = self._by_identity.get(key or "")
        if key and (key in taken or (other is not None and (known is None or other.id != known.id))):
            plan.refused[line] = UNCLEAR
            return
        if key:
            taken[key] = line
        if known is None:
            plan.new.append((line, after))
        elif differs := changes(known.said, after):
            plan.changed.append((line, Update(known, after, differs)))
        else:
            plan.same += 1

    def _find(self, said: Mapping[str, Any], meant: set[UUID]) -> Known | str | None:
        """The instrument that a row is, None for a new one, or why nobody can tell."""
        number, key = serial_key(said), identity_key(said)
        if number is None:
            alike = self._alike.get(likeness(said))
            return alike.pop(0) if alike else None
        if key in self._by_identity:
            return self._by_identity[key or ""]
        close = [each for each in self._by_serial.get(number, ()) if each.id not in meant and _resembles(said, each)]
        if len(close) > 1:
            return UNCLEAR
        if close:
            meant.add(close[0].id)
            return close[0]
        return RETIRED if key in self._retired else None


def _resembles(said: Mapping[str, Any], known: Known) -> bool:
    return any(folded(said.get(key)) and folded(said.get(key)) == folded(known.said[key]) for key in RESEMBLES)
