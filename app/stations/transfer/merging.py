"""From the temporary tables into the network's own: by code, in sets, touching only rows that differ.

Every source is a statement that gives the columns of the table by their names, and `line` for the order.
"""

from dataclasses import dataclass
from typing import LiteralString

from psycopg.sql import SQL, Composable, Composed, Identifier

from app.stations.transfer.report import Counts
from app.stations.transfer.statements import Connection, count, execute, one_row


@dataclass(frozen=True)
class Merge:
    """One table. `json` columns are compared by what they mean. `position` is kept in step but is no change.

    `also` is a further condition under which a row has changed, between the table `t` and the source `i`.
    """

    kind: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    source: LiteralString
    json: frozenset[str] = frozenset()
    positioned: bool = False
    also: LiteralString = "false"

    def differs(self, left: str, right: str) -> Composed:
        """Whether two rows differ in what they say."""
        return SQL("({}) IS DISTINCT FROM ({})").format(self._said(left), self._said(right))

    def _said(self, row: str) -> Composed:
        """The columns of one row for comparing; a row of one column must stay a row."""
        parts: list[Composable] = [
            SQL("{}.{}{}").format(Identifier(row), Identifier(name), SQL("::jsonb" if name in self.json else ""))
            for name in self.columns
        ]
        return SQL(", ").join([*parts, SQL("true")])

    def same_key(self) -> Composed:
        return SQL(" AND ").join(SQL("t.{0} = i.{0}").format(Identifier(name)) for name in self.key)


MERGES = (
    Merge(
        "divisions",
        "division",
        ("adcode",),
        ("name_zh", "name_en", "geometry", "label_lon", "label_lat", "area_km2", "population_2020", "facts"),
        """
        SELECT coalesce(b.line, 100000 + c.line) AS line, coalesce(b.adcode, c.adcode) AS adcode,
            coalesce(b.name_zh, c.name_zh) AS name_zh, coalesce(b.name_en, c.name_en) AS name_en,
            b.geometry, b.label_lon, b.label_lat, coalesce(b.area_km2, c.area_km2)::numeric(10, 1) AS area_km2,
            c.population_2020, CASE WHEN c.adcode IS NULL THEN '{}'::json ELSE json_build_object(
                'source', c.source, 'population_later', coalesce(c.population_later, ''),
                'population_later_source', c.population_later_source) END AS facts
        FROM incoming_boundary b FULL JOIN incoming_county c USING (adcode)
        """,
        json=frozenset({"geometry", "facts"}),
        positioned=True,
    ),
    Merge(
        "division_aliases", "division_alias", ("adcode",), ("name_zh", "now"), "SELECT * FROM incoming_alias"
    ),
    Merge(
        "towns",
        "town",
        ("code",),
        ("county_adcode", "name_zh", "name_en", "unit_type", "nbs_division", "lon", "lat", "coord_class", "precision"),
        "SELECT *, town_zh AS name_zh, town_en AS name_en FROM incoming_town",
        positioned=True,
    ),
    Merge(
        "categories",
        "category",
        ("code",),
        ("name_zh", "name_en", "has_subcategories"),
        "SELECT * FROM incoming_category",
        positioned=True,
    ),
    Merge(
        "subcategories",
        "subcategory",
        ("category_code", "code"),
        ("name_zh", "name_en"),
        "SELECT * FROM incoming_subcategory",
        positioned=True,
    ),
    Merge(
        "services",
        "service",
        ("code",),
        (
            "category_code", "subcategory_code", "name_zh", "name_en", "keywords_zh", "modes", "duration_min",
            "deliverable_zh", "deliverable_en", "inputs", "validity_months", "mandatory", "designation_required",
            "reference", "confidence", "source", "notes", "active",
        ),
        "SELECT * FROM incoming_service",
        json=frozenset({"inputs", "notes"}),
        positioned=True,
    ),
    Merge(
        "stations",
        "station",
        ("code",),
        (
            "name_zh", "name_en", "county_adcode", "division_code", "town_code", "lon", "lat", "coord_class",
            "coord_precision", "address_zh", "model", "level", "key_industry", "provenance", "active",
        ),
        "SELECT line, code, name_zh, name_en, county_adcode, division_code, coalesce(town_code, '') AS town_code, lon,"
        " lat, coord_class, coord_precision, address_zh, model, level, key_industry, provenance, active, parent_code"
        " FROM incoming_station",
        positioned=True,
        also="(SELECT p.code FROM station p WHERE p.id = t.parent_id) IS DISTINCT FROM i.parent_code",
    ),
    Merge(
        "desks",
        "desk",
        ("station_id", "code"),
        ("name_zh", "name_en", "categories", "channel", "active"),
        "SELECT i.line, s.id AS station_id, i.desk AS code, i.name_zh, i.name_en, i.categories, i.channel, i.active"
        " FROM incoming_desk i JOIN station s ON s.code = i.station_code",
    ),
    Merge(
        "capabilities",
        "capability",
        ("station_id", "service_id"),
        ("modes", "designated", "marks", "valid_from", "valid_until"),
        "SELECT i.line, s.id AS station_id, v.id AS service_id, i.modes, i.designated, i.mark AS marks, i.valid_from,"
        " i.valid_until FROM incoming_capability i JOIN station s ON s.code = i.station_code"
        " JOIN service v ON v.code = i.service_code",
    ),
    Merge(
        "years",
        "calendar_year",
        ("year",),
        ("workday_count", "facts"),
        "SELECT * FROM incoming_year",
        json=frozenset({"facts"}),
        positioned=True,
    ),
    Merge("days", "calendar_day", ("day",), ("year", "kind", "name_zh", "name_en"), "SELECT * FROM incoming_day"),
)  # fmt: skip


async def merge(connection: Connection, plan: Merge) -> Counts:
    """Create what is new and change what differs. Nothing is written when nothing differs."""
    created, changed, total = await _compare(connection, plan)
    if created or changed:
        await _write(connection, plan)
    if plan.positioned:
        await _reorder(connection, plan)
    kept = await count(connection, SQL("SELECT count(*) FROM {}").format(Identifier(plan.table))) - total
    return Counts(created, changed, total - created - changed, kept)


async def _compare(connection: Connection, plan: Merge) -> tuple[int, int, int]:
    statement = SQL("""
        SELECT count(*) FILTER (WHERE t.{key} IS NULL),
            count(*) FILTER (WHERE t.{key} IS NOT NULL AND ({differs} OR {also})), count(*)
        FROM ({source}) i LEFT JOIN {table} t ON {same}
    """).format(
        key=Identifier(plan.key[0]),
        differs=plan.differs("t", "i"),
        also=SQL(plan.also),
        source=SQL(plan.source),
        table=Identifier(plan.table),
        same=plan.same_key(),
    )
    created, changed, total = await one_row(connection, statement)
    return created, changed, total


async def _write(connection: Connection, plan: Merge) -> None:
    names = (*plan.key, *plan.columns, *(("position",) if plan.positioned else ()))
    sources = (*plan.key, *plan.columns, *(("line",) if plan.positioned else ()))
    await execute(
        connection,
        SQL("""
            INSERT INTO {table} AS t ({names}) SELECT {sources} FROM ({source}) i ORDER BY line
            ON CONFLICT ({key}) DO UPDATE SET {updates} WHERE {differs}
        """).format(
            table=Identifier(plan.table),
            names=SQL(", ").join(map(Identifier, names)),
            sources=SQL(", ").join(map(Identifier, sources)),
            source=SQL(plan.source),
            key=SQL(", ").join(map(Identifier, plan.key)),
            updates=SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in plan.columns),
            differs=plan.differs("t", "excluded"),
        ),
    )


async def _reorder(connection: Connection, plan: Merge) -> None:
    """Positions follow the files. A row put in between moves all that follow, which is no change of theirs."""
    names = {"table": Identifier(plan.table), "source": SQL(plan.source), "same": plan.same_key()}
    moved = SQL("SELECT count(*) FROM {table} t JOIN ({source}) i ON {same} WHERE t.position <> i.line")
    if await count(connection, moved.format(**names)):
        move = SQL("UPDATE {table} t SET position = i.line FROM ({source}) i WHERE {same} AND t.position <> i.line")
        await execute(connection, move.format(**names))
