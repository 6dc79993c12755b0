"""What an import did."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.kit.i18n import LazyString, lazy, pgettext
from app.kit.i18n import gettext as _

NAMES: Mapping[str, LazyString] = {
    "divisions": lazy("counties"),
    "division_aliases": lazy("former counties"),
    "towns": lazy("towns"),
    "categories": lazy("categories"),
    "subcategories": lazy("subcategories"),
    "services": lazy("services"),
    "stations": lazy("stations"),
    "desks": lazy("desks"),
    "capabilities": lazy("capabilities"),
    "hours": lazy("opening hours"),
    "closures": lazy("closures"),
    "years": lazy("calendar years"),
    "days": lazy("holidays and make-up days"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one kind. `kept` are those that only the database has; `removed` were taken out of use or away."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    removed: int = 0

    def __str__(self) -> str:
        parts = [
            _("{n} created").format(n=self.created),
            _("{n} changed").format(n=self.changed),
            _("{n} unchanged").format(n=self.unchanged),
        ]
        if self.kept:
            parts.append(_("{n} only in the database, kept").format(n=self.kept))
        if self.removed:
            parts.append(_("{n} removed").format(n=self.removed))
        return pgettext("between counts", ", ").join(parts)


@dataclass(frozen=True)
class Report:
    """Counts by kind, in the order of `NAMES`."""

    counts: Mapping[str, Counts] = field(default_factory=dict)

    def total(self) -> Counts:
        fields = [(c.created, c.changed, c.unchanged, c.kept, c.removed) for c in self.counts.values()]
        return Counts(*(sum(column) for column in zip(*fields, strict=True)))

    def __str__(self) -> str:
        return "\n".join(
            _("{kind}: {counts}").format(kind=str(NAMES[kind]), counts=str(counts))
            for kind, counts in self.counts.items()
        )
