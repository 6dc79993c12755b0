"""Coverage by the API: the figures against plain SQL and geodesics, files, and what is refused by name."""

import io

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from app.kit.clock import local_date
from tests.conftest import Clock
from tests.coverage.conftest import Asker, truth
from tests.support.people import People

DAY = "2026-12-01"


@pytest.fixture
async def gauge(asker: Asker) -> str:
    """A service that only designated stations may do, and not all stations do."""
    rows = await asker.database.fetch(
        """SELECT service.code FROM service JOIN capability ON service_id = service.id
        WHERE designation_required AND active GROUP BY service.code
        HAVING count(*) FILTER (WHERE designated) BETWEEN 5 AND 30 ORDER BY 1 LIMIT 1""",
        (),
    )
    return str(rows[0][0])


async def test_a_summary_says_what_geodesics_and_sql_say(asker: Asker, gauge: str):
    found = await asker.json("/summary", service=gauge, within_km=15, on=DAY)
    real = await truth(asker.database, gauge, DAY)
    nearest, weight = real.km.min(axis=1), real.weight
    assert found["demand_points"] == len(real.towns) == 79
    assert found["demand_weight"] == pytest.approx(weight.sum(), abs=0.01)
    assert found["share_within"] == pytest.approx(weight[nearest <= 15].sum() / weight.sum(), abs=1e-6)
    near = (real.km <= 15).sum(axis=1)
    assert found["backup_share"] == pytest.approx(weight[near > 1].sum() / weight.sum(), abs=1e-6)
    assert found["distance_km"]["mean"] == pytest.approx(float(nearest @ weight / weight.sum()), rel=1e-4)
    assert found["distance_km"]["max"] == pytest.approx(nearest.max(), rel=1e-4)
    order = np.argsort(nearest)
    reached = np.cumsum(weight[order]) / weight.sum()
    for part in (0.5, 0.9):
        expected = nearest[order][np.searchsorted(reached, part)]
        assert found["distance_km"][f"p{part * 100:.0f}"] == pytest.approx(expected, rel=1e-4)
    assert found["capable_stations"] == found["designated_stations"] == len(real.able)
    assert (found["services_asked"], found["services_offered"], found["stations"]) == (1, 1, 79)
    assert 0 < found["gini"] < 1
    assert found["theil"]["whole"] == pytest.approx(found["theil"]["between"] + found["theil"]["within"])
    assert found["asked"]["demand_as_of"].startswith("2026-12-01")


async def test_counties_add_up_to_the_network(asker: Asker, gauge: str):
    whole = await asker.json("/summary", service=gauge, within_km=12)
    rows = (await asker.json("/counties", service=gauge, within_km=12))["items"]
    assert rows[0]["county"] == "340202"
    assert len(rows) == 7
    for name in ("stations", "capable_stations", "demand_points"):
        assert sum(row[name] for row in rows) == whole[name]
    covered = sum(row["share_within"] * row["demand_weight"] for row in rows)
    assert covered == pytest.approx(whole["share_within"] * whole["demand_weight"], rel=1e-5)
    one = await asker.json("/summary", service=gauge, within_km=12, county="南陵")
    [same] = [row for row in rows if row["county"] == "340223"]
    assert {name: one[name] for name in same if name in one} == {name: same[name] for name in same if name in one}


async def test_where_the_use_makes_nothing_mandatory_more_stations_may(asker: Asker, gauge: str):
    strict = await asker.json("/summary", service=gauge)
    relieved = await asker.json("/summary", service=gauge, use="other")
    assert relieved["capable_stations"] > strict["capable_stations"]
    assert relieved["share_within"] >= strict["share_within"]


@pytest.mark.parametrize("rows", ["county", "station"])
@pytest.mark.parametrize("columns", ["category", "service"])
async def test_the_matrix_is_what_sql_counts(asker: Asker, rows: str, columns: str):
    body = await asker.json("/matrix", rows=rows, columns=columns, on=DAY)
    row_key = "station.county_adcode" if rows == "county" else "station.code"
    column_key = "service.category_code" if columns == "category" else "service.code"
    counted = await asker.database.fetch(
        f"""WITH able AS (
            SELECT {row_key} AS place, {column_key} AS kind, station.id AS station, service.id AS service, designated,
                designated OR NOT designation_required AS may
            FROM capability JOIN station ON station.id = station_id JOIN service ON service.id = service_id
            WHERE station.active AND service.active AND coalesce(valid_until, date '9999-12-31') >= %(on)s),
        each AS (SELECT place, kind, service, count(*) FILTER (WHERE may) AS n FROM able GROUP BY 1, 2, 3)
        SELECT place, kind, count(DISTINCT station) FILTER (WHERE may),
            count(DISTINCT station) FILTER (WHERE designated),
            (SELECT count(*) FROM each WHERE (each.place, each.kind) = (able.place, able.kind) AND n >= 1),
            (SELECT count(*) FROM each WHERE (each.place, each.kind) = (able.place, able.kind) AND n >= 2)
        FROM able GROUP BY place, kind""",  # noqa: S608 - names of ours
        {"on": DAY},
    )
    cells = [cell for row in body["cells"] for cell in row]
    names = ("capable", "designated", "services_one", "services_two")
    some = {(c["row"], c["column"]): tuple(c[name] for name in names) for c in cells if any(c[name] for name in names)}
    assert some == {(row[0], row[1]): tuple(row[2:]) for row in counted if any(row[2:])}
    assert len(cells) == len(body["rows"]) * len(body["columns"])
    assert len(body["rows"]) == (7 if rows == "county" else 79)


async def test_the_matrix_says_how_far_counties_are_from_a_station_of_any_county(asker: Asker, gauge: str):
    body = await asker.json("/matrix", columns="service", service=gauge, within_km=12, on=DAY)
    counties = (await asker.json("/counties", service=gauge, within_km=12, on=DAY))["items"]
    for [cell], row in zip(body["cells"], counties, strict=True):
        assert (cell["row"], cell["capable"]) == (row["county"], row["capable_stations"])
        assert cell["share_within"] == row["share_within"]
        assert cell["km_mean"] == row["distance_km"]["mean"]
    by_station = await asker.json("/matrix", rows="station", service=gauge)
    assert {cell["share_within"] for row in by_station["cells"] for cell in row} == {None}


async def test_gaps_are_the_towns_out_of_reach_worst_first_with_the_cause(asker: Asker, gauge: str):
    body = await asker.json("/gaps", service=gauge, within_km=10, on=DAY)
    real = await truth(asker.database, gauge, DAY)
    nearest = real.km.min(axis=1)
    expected = {town[0] for town, km in zip(real.towns, nearest, strict=True) if km > 10}
    assert {item["code"] for item in body["items"]} == expected
    assert body["total"] == len(expected)
    kms = [item["nearest_km"] for item in body["items"]]
    assert kms == sorted(kms, reverse=True)
    assert {item["cause"] for item in body["items"]} <= {
        "no_station",
        "not_capable",
        "not_designated",
        "capability_expired",
    }
    worst = int(np.argmax(nearest))
    assert body["items"][0]["code"] == real.towns[worst][0]
    assert body["items"][0]["nearest_station"] == real.able[int(np.argmin(real.km[worst]))][0]
    share = (await asker.json("/summary", service=gauge, within_km=10, on=DAY))["share_within"]
    assert body["weight"] == pytest.approx((1 - share) * real.weight.sum(), rel=1e-5)


async def test_nobody_is_in_reach_of_a_full_station(asker: Asker, gauge: str):
    """Every desk that may be booked is taken for two weeks: nobody has time within five working days."""
    before = await asker.json("/summary", service=gauge, within_km=500, within_days=5)
    assert before["share_within"] == 1
    await asker.database.fetch(
        """INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, created_at, changed_at)
        SELECT gen_random_uuid(), station_id, desk.id,
            extract(epoch FROM timestamptz '2026-12-01 00:00+08')::int / 300 + 288 * day, 288, 'block', '{}',
            now(), now()
        FROM desk, generate_series(0, 13) day""",
        (),
    )
    after = await asker.json("/summary", service=gauge, within_km=500, within_days=5)
    assert after["share_within"] == 0
    assert after["days_to_first_slot"]["p50"] == 10  # two weeks of working days later
    gaps = (await asker.json("/gaps", service=gauge, within_km=500, within_days=5))["items"]
    assert {item["cause"] for item in gaps} == {"no_free_time"}
    assert (await asker.json("/summary", service=gauge, within_km=500, within_days=10))["share_within"] == 1


async def test_capabilities_that_end_soon_are_named_with_what_is_lost(asker: Asker):
    body = await asker.json("/expiring", days=120, on=DAY)
    rows = await asker.database.fetch(
        """SELECT service.code, station.code, valid_until FROM capability
        JOIN station ON station.id = station_id JOIN service ON service.id = service_id
        WHERE valid_until >= %(on)s AND valid_until < %(on)s::date + 120
            AND (designated OR NOT designation_required)""",
        {"on": DAY},
    )
    assert {(i["service_code"], i["station_code"], i["valid_until"]) for i in body["items"]} == {
        (service, station, until.isoformat()) for service, station, until in rows
    }
    untils = [item["valid_until"] for item in body["items"]]
    assert untils == sorted(untils)
    assert all(item["share_without"] <= item["share_within"] for item in body["items"])
    some = body["items"][0]
    day_after = await asker.json("/matrix", rows="county", columns="service", service=some["service_code"], on=DAY)
    assert sum(row[0]["capable"] for row in day_after["cells"]) == some["stations_left"] + 1


async def test_flows_are_where_people_must_go(asker: Asker, gauge: str):
    body = await asker.json("/flows", service=gauge, on=DAY)
    real = await truth(asker.database, gauge, DAY)
    to = [real.able[n][1] for n in real.km.argmin(axis=1)]
    expected: dict[tuple[str, str], float] = {}
    for town, county, weight in zip(real.towns, to, real.weight, strict=True):
        expected[town[1], county] = expected.get((town[1], county), 0.0) + weight
    assert {(i["county"], i["served_in"]): i["weight"] for i in body["items"]} == pytest.approx(expected, abs=0.01)
    across = sum(weight for (home, there), weight in expected.items() if home != there) / real.weight.sum()
    assert body["across"] == pytest.approx(across, abs=1e-6)


async def test_rows_come_as_files_and_as_a_map(asker: Asker, gauge: str):
    rows = (await asker.json("/counties", service=gauge))["items"]
    csv = (await asker.get("/counties", service=gauge, format="csv")).content.decode("utf-8-sig").splitlines()
    assert csv[0].split(",")[:2] == ["stations", "capable_stations"]
    assert len(csv) == len(rows) + 1
    book = (await asker.get("/counties", service=gauge, format="xlsx")).content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    column = sheet[0].index("share_within")
    assert [row[column] for row in sheet[1:]] == [row["share_within"] for row in rows]
    drawn = (await asker.get("/counties", service=gauge, format="geojson")).json()
    assert [feature["properties"]["share_within"] for feature in drawn["features"]] == [r["share_within"] for r in rows]
    assert drawn["features"][0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    gaps = (await asker.get("/gaps", service=gauge, within_km=3, format="geojson")).json()
    assert {feature["geometry"]["type"] for feature in gaps["features"]} == {"Point"}
    nothing = (await asker.get("/gaps", service=gauge, within_km=1000, format="csv")).content.decode("utf-8-sig")
    assert nothing.startswith("code,name_zh")
    for path in ("/summary", "/matrix", "/expiring", "/flows"):
        assert (await asker.get(path, format="xlsx")).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"county": "nowhere"}, "county"),
        ({"service": "MET-NIL-999"}, "service"),
        ({"category": "magic"}, "category"),
        ({"within_km": "0"}, "within_km"),
        ({"within_km": "inf"}, "within_km"),
        ({"within_days": "-1"}, "within_days"),
        ({"on": "tomorrow"}, "on"),
        ({"basis": "wishes"}, "basis"),
        ({"radius": "3"}, "radius"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_field(asker: Asker, query: dict[str, str], field: str):
    answer = await asker.get("/summary", **query)
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]


async def test_demand_can_be_weighed_by_past_requests(asker: Asker, clock: Clock):
    empty = await asker.json("/summary", basis="requests")
    assert (empty["demand_points"], empty["share_within"], empty["gini"]) == (0, None, None)
    assert empty["distance_km"] == {"p50": None, "p90": None, "max": None, "mean": None}
    assert local_date(clock()).isoformat() == empty["asked"]["on"]


async def test_window_staff_and_applicants_see_no_coverage(asker: Asker, people: People):
    for who in (await people.staff("window"), await people.enterprise()):
        answer = await asker.client.get("/api/v1/coverage/summary", headers=who.bearer)
        assert answer.status_code == 403
    assert (await asker.client.get("/api/v1/coverage/summary")).status_code == 401


CELLS = {
    "searches": """INSERT INTO question_count (day, service_id, mode, x, y, outcome, county_adcode, n)
        SELECT '2026-11-30', id, 'station', x, 3131, 'routed', NULL, 10
        FROM service, (VALUES (11836), (11861)) at (x) WHERE code IN (%(gauge)s, (SELECT max(code) FROM service))""",
    "enterprises": """WITH made AS (
            INSERT INTO register (id, name, source, as_of, told, created_at, created_by, taken_at, taken_by)
            VALUES (gen_random_uuid(), 'n', 's', '2026-11-30', '{}', now(), %(who)s, now(), %(who)s) RETURNING id)
        INSERT INTO register_point
            (register_id, line, lon, lat, weight, county_adcode, approximate, industry, code_hash)
        SELECT id, n, lon, 31.31, 5, '340202', false, '', NULL
        FROM made, (VALUES (1, 118.36), (2, 118.36), (3, 118.61), (4, 118.61)) at (n, lon)""",
}


@pytest.mark.parametrize("basis", ["searches", "enterprises"])
async def test_demand_is_weighed_by_what_is_on_record(asker: Asker, gauge: str, basis: str):
    await asker.database.fetch(CELLS[basis], {"gauge": gauge, "who": asker.who.id})  # type: ignore[arg-type]
    found = await asker.json("/summary", basis=basis, service=gauge, within_km=500)
    assert (found["demand_points"], found["demand_weight"], found["share_within"]) == (2, 20, 1)
    gaps = (await asker.json("/gaps", basis=basis, service=gauge, within_km=0.01))["items"]
    assert {(gap["lon"], gap["lat"], gap["weight"]) for gap in gaps} == {(118.36, 31.31, 10), (118.61, 31.31, 10)}
    assert all(gap["name_zh"] for gap in gaps)
    other = await asker.json("/summary", basis=basis, within_km=500)
    assert other["demand_weight"] == (40 if basis == "searches" else 20)
