"""Before and after as rows, and the chosen places as a file."""

from dataclasses import dataclass
from typing import Any, Literal

from app.kit.i18n import LazyString, lazy
from app.siting.schemas import PlanFiguresOut, PlanOut

Unit = Literal["share", "km", "number"]
ROWS: tuple[tuple[str, LazyString, Unit], ...] = (
    ("share_within", lazy("Demand within reach"), "share"),
    ("weight_within", lazy("Demand within reach, counted"), "number"),
    ("points_within", lazy("Places where everything is within reach"), "number"),
    ("mean", lazy("Way on average"), "km"),
    ("p50", lazy("Way of half at most"), "km"),
    ("p90", lazy("Way of nine in ten at most"), "km"),
    ("max", lazy("The longest way"), "km"),
)
COLUMNS = (
    "rank", "code", "name_zh", "name_en", "county", "lon", "lat", "gives",
    "share_within", "share_added", "mean_km", "km_saved",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A figure before and after, and by how much it has changed; None where there is none."""

    label: str
    unit: Unit
    before: float | None
    after: float | None

    @property
    def by(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before


def changes(before: PlanFiguresOut, after: PlanFiguresOut) -> list[Change]:
    return [Change(str(label), unit, _figure(before, name), _figure(after, name)) for name, label, unit in ROWS]


def _figure(figures: PlanFiguresOut, name: str) -> float | None:
    found: float | None = getattr(figures, name, None)
    return found if hasattr(figures, name) else getattr(figures.distance_km, name)


def chosen_rows(plan: PlanOut) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """Columns and rows, as many as were chosen."""
    rows = [each.model_dump() | {"rank": n} for n, each in enumerate(plan.chosen or [], start=1)]
    return COLUMNS, rows
