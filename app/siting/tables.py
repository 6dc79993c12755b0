"""Before and after as rows, and the chosen places as a file or on a map."""

from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import Response

from app.kit.i18n import LazyString, lazy
from app.kit.tables import SheetKind, file_response
from app.siting.errors import PlanUnanswered
from app.siting.schemas import PlanFiguresOut, PlanOut
from app.stations.geojson import MEDIA_TYPE, document, point_feature

Unit = Literal["share", "km", "number"]
Kind = SheetKind | Literal["geojson"]
FILES: dict[str, Kind] = {"csv": "csv", "xlsx": "xlsx", "geojson": "geojson"}
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


def chosen_rows(plan: PlanOut) -> list[dict[str, Any]]:
    """Rows of COLUMNS, as many as were chosen. Raises PlanUnanswered."""
    if plan.chosen is None:
        raise PlanUnanswered(status=plan.status)
    return [each.model_dump() | {"rank": n} for n, each in enumerate(plan.chosen, start=1)]


def chosen_file(plan: PlanOut, kind: Kind) -> Response:
    """The chosen places, the best first; the same columns whichever kind. Raises PlanUnanswered."""
    rows, name = chosen_rows(plan), f"plan-{plan.id}"
    if kind != "geojson":
        return file_response(kind, name, {each: each for each in COLUMNS}, rows)
    features = [
        point_feature(row["code"], row["lon"], row["lat"], {each: row[each] for each in COLUMNS}) for row in rows
    ]
    named = {"Content-Disposition": f'attachment; filename="{name}.geojson"', "Vary": "Accept"}
    return Response(document(features).body, media_type=MEDIA_TYPE, headers=named)
