"""Coverage as lists of plain rows: what JSON sends, files hold, and maps show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from app.coverage.asking import Choice, Working
from app.coverage.demand import OUTSIDE, Kept
from app.coverage.figures import Report
from app.coverage.gaps import Expiring, Gap, expiring, gaps
from app.coverage.matrix import Columns, Matrix, Rows, Ways, layout, matrix, ways_of
from app.coverage.points import Points
from app.coverage.reach import Mask, Reached
from app.coverage.rules.measures import rounded
from app.coverage.rules.ways import NOBODY
from app.coverage.schemas import (
    KM_DIGITS,
    SHARE_DIGITS,
    WEIGHT_DIGITS,
    AskedOut,
    CellOut,
    ColumnOut,
    CountyFiguresOut,
    ExpiringOut,
    FlowOut,
    GapOut,
    RowOut,
    figures_body,
)
from app.coverage.supply import capable, designated
from app.stations.geojson import Feature, area_feature, point_feature

Row = dict[str, Any]


def asked_body(work: Working, choice: Choice, kept: Kept) -> AskedOut:
    asked = choice.asked
    return AskedOut(
        services=[work.network.services[index].code for index in asked.services],
        county=choice.adcode,
        within_km=asked.within_km,
        within_days=asked.within_days,
        on=asked.on,
        basis=choice.basis,
        demand_as_of=kept.at,
        demand_without_place=kept.demand.elsewhere,
    )


def of_county(reached: Reached, choice: Choice) -> Mask | None:
    """The demand that is asked about: a county's, or all."""
    return reached.points.of_county(choice.county.adcode) if choice.county else None


def county_rows(work: Working, report: Report) -> list[CountyFiguresOut]:
    """Every county, in the operator's order."""
    return [
        CountyFiguresOut.model_validate(
            {"county": each.adcode, "name_zh": each.name_zh, "name_en": each.name_en, **figures_body(figures)}
        )
        for each, figures in report.by_county(work.directory.atlas.divisions)
    ]


def flat(row: Mapping[str, Any]) -> Row:
    """A row for a file: what stands within an object gets the names of both, `distance_km_p50`."""
    found: Row = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            found |= {f"{name}_{part}": each for part, each in value.items()}
        else:
            found[name] = value
    return found


def county_features(work: Working, rows: Iterable[CountyFiguresOut]) -> list[Feature]:
    """The counties' boundaries with their figures."""
    divisions = work.directory.atlas.division_by_code
    return [area_feature(row.county, divisions[row.county].geometry, flat(row.model_dump(mode="json"))) for row in rows]


def gap_rows(work: Working, reached: Reached, of: Mask | None) -> list[GapOut]:
    return [_gap_row(reached, each) for each in gaps(reached, of)]


def _gap_row(reached: Reached, gap: Gap) -> GapOut:
    points, n = reached.points, gap.point
    county = points.counties[int(points.county[n])]
    return GapOut(
        code=points.codes[n],
        name_zh=points.names_zh[n],
        name_en=points.names_en[n],
        county=None if county == OUTSIDE else county,
        lon=float(points.lon[n]),
        lat=float(points.lat[n]),
        approximate=bool(points.approximate[n]),
        weight=round(float(points.weight[n]), WEIGHT_DIGITS),
        missing=gap.missing,
        nearest_km=rounded(gap.km, KM_DIGITS),
        nearest_station=gap.station and gap.station.code,
        days_to_first_slot=gap.days,
        cause=gap.cause,
    )


def gap_features(rows: Iterable[GapOut]) -> list[Feature]:
    return [point_feature(row.code, row.lon, row.lat, row.model_dump(mode="json")) for row in rows]


def expiring_rows(work: Working, reached: Reached, days: int, county: str | None) -> list[ExpiringOut]:
    """Those of the stations of a county, or of all."""
    found = (each for each in expiring(reached, days) if county in (None, each.station.county_adcode))
    return [_expiring_row(work, each) for each in found]


def _expiring_row(work: Working, found: Expiring) -> ExpiringOut:
    service, station = work.network.services[found.service], found.station
    return ExpiringOut(
        service_code=service.code,
        service_name_zh=service.name_zh,
        service_name_en=service.name_en,
        station_code=station.code,
        station_name_zh=station.name_zh,
        station_name_en=station.name_en,
        county=station.county_adcode,
        valid_until=date.fromordinal(found.until),
        stations_left=found.left,
        stations_left_in_county=found.left_in_county,
        share_within=rounded(found.share_now, SHARE_DIGITS),
        share_without=rounded(found.share_then, SHARE_DIGITS),
    )


def flow_rows(work: Working, reached: Reached, county: str | None) -> tuple[list[FlowOut], float | None]:
    """Demand by its county and that of its nearest station, the largest first; and the share that crosses a line.

    Over all services asked for together, each counting alike.
    """
    counties = reached.points.counties
    to = [each.county_adcode for each in work.network.stations]
    places = np.array([counties.index(code) if code in counties else NOBODY for code in to], np.int64)
    flows = reached.served_from(places, len(counties)) / max(len(reached.asked.services), 1)
    own = np.bincount(reached.points.county, reached.points.weight, len(counties))
    nowhere = np.maximum(own - flows.sum(axis=1), 0)
    rows = [n for n in range(len(counties)) if county in (None, counties[n])]
    total = float(own[rows].sum())
    found: list[tuple[int, int | None, float]] = [(n, None, float(nowhere[n])) for n in rows]
    found += [(n, m, float(flows[n, m])) for n in rows for m in range(len(counties))]
    kept = sorted((each for each in found if each[2] > total * 1e-9), key=lambda each: -each[2])
    across = sum(weight for n, m, weight in kept if m is not None and m != n)
    items = [
        FlowOut(
            county=_known(counties[n]),
            served_in=None if m is None else _known(counties[m]),
            weight=round(weight, WEIGHT_DIGITS),
            share=rounded(weight / total, SHARE_DIGITS),
        )
        for n, m, weight in kept
    ]
    return items, rounded(across / total, SHARE_DIGITS) if total else None


def _known(county: str) -> str | None:
    return None if county == OUTSIDE else county


@dataclass(frozen=True)
class Table:
    """Heads and figures of the table of who may do what; `ways` where its rows are counties."""

    heads: list[RowOut]
    tops: list[ColumnOut]
    counts: Matrix
    ways: Ways | None


def matrix_parts(work: Working, choice: Choice, points: Points, rows: Rows, columns: Columns) -> Table:
    """Rows are those of a county, where one is asked for. Ways are those of the demand `points`."""
    network, asked = work.network, choice.asked
    heads = _row_heads(work, choice, rows)
    tops = _column_heads(work, choice, columns)
    laid = layout(
        network, asked.services, [row.code for row in heads], [each.code for each in tops], by=(rows, columns)
    )
    choices = capable(network, asked.services, asked.on, asked.use)
    found = matrix(choices, designated(network, asked.services, asked.on), network.active, laid)
    for head, stations in zip(heads, found.stations.tolist(), strict=True):
        head.stations = stations
    for top, services in zip(tops, found.services.tolist(), strict=True):
        top.services = services
    ways = ways_of(points, network, choices, laid, asked.within_km) if rows == "county" else None
    return Table(heads, tops, found, ways)


def _row_heads(work: Working, choice: Choice, rows: Rows) -> list[RowOut]:
    if rows == "county":
        divisions = [choice.county] if choice.county else work.directory.atlas.divisions
        return [RowOut(code=each.adcode, name_zh=each.name_zh, name_en=each.name_en, stations=0) for each in divisions]
    county = choice.adcode
    return [
        RowOut(code=each.code, name_zh=each.name_zh, name_en=each.name_en, stations=0)
        for each in work.network.stations
        if each.active and county in (None, each.county_adcode)
    ]


def _column_heads(work: Working, choice: Choice, columns: Columns) -> list[ColumnOut]:
    services = [work.network.services[index] for index in choice.asked.services]
    if columns == "service":
        return [ColumnOut(code=each.code, name_zh=each.name_zh, name_en=each.name_en, services=1) for each in services]
    asked = {service.category for service in services}
    return [
        ColumnOut(code=each.code, name_zh=each.name_zh, name_en=each.name_en, services=0)
        for each in work.catalogue.categories
        if each.code in asked
    ]


def cells(table: Table) -> list[list[CellOut]]:
    return [[_cell(table, r, c) for c in range(len(table.tops))] for r in range(len(table.heads))]


def _cell(table: Table, r: int, c: int) -> CellOut:
    counts, ways = table.counts, table.ways
    return CellOut(
        row=table.heads[r].code,
        column=table.tops[c].code,
        stations=table.heads[r].stations,
        capable=int(counts.capable[r, c]),
        designated=int(counts.designated[r, c]),
        services_one=int(counts.offered[r, c]),
        services_two=int(counts.backed[r, c]),
        share_within=ways and rounded(float(ways.share[r, c]), SHARE_DIGITS),
        km_mean=ways and rounded(float(ways.km[r, c]), KM_DIGITS),
    )
