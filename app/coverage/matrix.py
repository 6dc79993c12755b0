"""Which stations may do what, counted in a table: counties or stations by categories or services."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from app.coverage.points import Points
from app.coverage.reach import ways_between
from app.coverage.supply import Choices
from app.kit.geo import Floats
from app.stations.snapshot import Network

Rows = Literal["county", "station"]
Columns = Literal["category", "service"]
Counts = npt.NDArray[np.int64]
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Matrix:
    """For each row and column [r, c]: how many stations may do some service of the column, how many of them are
    designated for one; and how many of its services one station at least may do, and two, so that one may fail.

    `stations` [r] are those in use in each row, `services` [c] the services of each column.
    """

    stations: Counts
    services: Counts
    capable: Counts
    designated: Counts
    offered: Counts
    backed: Counts


@dataclass(frozen=True, eq=False)
class Layout:
    """The row of each station [s], -1 for none, of rows with these codes; the column of each service asked for [k]."""

    row: Counts
    codes: tuple[str, ...]
    column: Counts
    columns: int

    @property
    def rows(self) -> int:
        return len(self.codes)


def layout(
    network: Network,
    services: Sequence[int],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    by: tuple[Rows, Columns],
) -> Layout:
    """`rows` are codes of counties or stations, `columns` of categories or services, in the order of the table."""
    by_county, by_category = by[0] == "county", by[1] == "category"
    at_row = {code: n for n, code in enumerate(rows)}
    at_column = {code: n for n, code in enumerate(columns)}
    of_station = [each.county_adcode if by_county else each.code for each in network.stations]
    facts = [network.services[index] for index in services]
    of_service = [each.category if by_category else each.code for each in facts]
    row = np.array([at_row.get(key, NOWHERE) for key in of_station], np.int64)
    return Layout(row, tuple(rows), np.array([at_column[key] for key in of_service], np.int64), len(columns))


def matrix(choices: Choices, marked: Choices, active: Choices, laid: Layout) -> Matrix:
    """Of who may do each service [k, s], who is designated for it [k, s], and who is in use [s]."""
    shown = laid.row != NOWHERE
    row = laid.row[shown]
    by_service = np.array([np.bincount(row, each[shown], laid.rows) for each in choices]).reshape(-1, laid.rows)
    columns = [np.flatnonzero(laid.column == n) for n in range(laid.columns)]

    def stations(of: Choices) -> Counts:
        some = [np.logical_or.reduce(of[ks][:, shown], axis=0) for ks in columns]
        return _table([np.bincount(row, each, laid.rows) for each in some], laid)

    def services(least: int) -> Counts:
        return _table([(by_service[ks] >= least).sum(axis=0) for ks in columns], laid)

    return Matrix(
        stations=np.bincount(row, active[shown], laid.rows).astype(np.int64),
        services=np.array([len(ks) for ks in columns], np.int64),
        capable=stations(choices),
        designated=stations(marked),
        offered=services(1),
        backed=services(2),
    )


@dataclass(frozen=True, eq=False)
class Ways:
    """For each county and column [r, c]: what part of its demand has a station within reach that may do some of the
    column's services, and how far the nearest is on average (km); NaN where there is no demand, or no station."""

    share: Floats
    km: Floats


def ways_of(points: Points, network: Network, choices: Choices, laid: Layout, km: float) -> Ways:
    """The rows are counties; who lives in none of them isn't counted."""
    at = {code: n for n, code in enumerate(laid.codes)}
    row = np.array([at.get(code, NOWHERE) for code in points.counties], np.int64)[points.county]
    counted = (row != NOWHERE) & (points.weight > 0)
    row, weight = row[counted], points.weight[counted]
    between = ways_between(points, network)
    total = np.bincount(row, weight, laid.rows)
    share, mean = np.full((laid.rows, laid.columns), np.nan), np.full((laid.rows, laid.columns), np.nan)
    for column in range(laid.columns):
        far = between.nearest(np.logical_or.reduce(choices[laid.column == column], axis=0)).km[counted]
        some = np.isfinite(far)
        near = np.bincount(row[far <= km], weight[far <= km], laid.rows)
        sums = np.bincount(row[some], weight[some] * far[some], laid.rows)
        share[:, column] = np.divide(near, total, out=share[:, column], where=total > 0)
        reached = np.bincount(row[some], weight[some], laid.rows)
        mean[:, column] = np.divide(sums, reached, out=mean[:, column], where=reached > 0)
    return Ways(share, mean)


def _table(columns: list[Counts], laid: Layout) -> Counts:
    return np.array(columns, np.float64).reshape(laid.columns, laid.rows).T.astype(np.int64)
