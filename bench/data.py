"""What is measured on: the reference network half booked, and the country's 41,352 places as stations."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from app.accounts.sessions import TOKEN_PREFIX
from app.kit.db import libpq_url
from app.kit.ids import hash_secret, new_secret

PLACES = Path(__file__).resolve().parent / "data" / "national_places.csv.gz"
HALF = 0.5
TAKEN_TICKS = 6  # places of half an hour

FILL = """
    INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, created_at, changed_at)
    SELECT gen_random_uuid(), d.station_id, d.id,
        (extract(epoch FROM (day + h.opens) AT TIME ZONE 'Asia/Shanghai') / 300)::int + n * %(ticks)s, %(ticks)s,
        'appointment', '{}', now(), now()
    FROM desk d
    JOIN opening_hours h USING (station_id)
    CROSS JOIN generate_series(current_date, current_date + 32, interval '1 day') day
    CROSS JOIN generate_series(0, 6) n
    WHERE h.iso_weekday = extract(isodow FROM day) AND h.opens + (n + 1) * interval '30 minutes' <= h.closes
      AND d.channel = 'public' AND random() < %(share)s
"""


def half_book(url: str) -> int:
    """Take half of all public places of the coming month, at random; how many."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SELECT setseed(0.42)")
        taken = connection.execute(FILL, {"ticks": TAKEN_TICKS, "share": HALF}).rowcount
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        return taken


MEMBER = """
    WITH made AS (
        INSERT INTO person (id, email, name, created_at)
        VALUES (gen_random_uuid(), 'bench@example.com', '测速', now()) RETURNING id
    ), firm AS (
        INSERT INTO organisation (id, uscc, name, created_at)
        VALUES (gen_random_uuid(), '91110108551385082Q', '芜湖市测速有限公司', now()) RETURNING id
    ), acts AS (
        INSERT INTO membership (organisation_id, person_id, role, since)
        SELECT firm.id, made.id, 'owner', now() FROM firm, made
    ), signed_in AS (
        INSERT INTO signin_session
            (id, token_hash, person_id, kind, proof, address, agent, created_at, last_seen_at, expires_at)
        SELECT gen_random_uuid(), %(token_hash)s, made.id, 'token', 'password', '127.0.0.1', 'bench', now(), now(),
            now() + interval '1 day'
        FROM made
    ), asked AS (
        INSERT INTO request (id, station_id, reference, access_hash, status, reservation_id, mode, language,
            organisation_name, uscc, contact_name, mobile, consent_version, consented_at, organisation_id, person_id,
            created_at, changed_at)
        SELECT gen_random_uuid(), r.station_id, 'ZT-' || lpad(r.n::text, 4, '0') || '-' || lpad(r.n::text, 4, '0'),
            decode(repeat('00', 32), 'hex'), 'submitted', r.id, 'station', 'zh-CN', '芜湖市测速有限公司',
            '91110108551385082Q', '王五', '13800138000', '2026-11-28', now(), CASE WHEN r.n <= %(own)s THEN firm.id END,
            CASE WHEN r.n <= %(own)s THEN made.id END, now(), now()
        FROM firm, made, (
            SELECT row_number() OVER (ORDER BY id) AS n, id, station_id FROM reservation
            WHERE active AND kind = 'appointment' ORDER BY id LIMIT %(all)s
        ) r
        RETURNING id, station_id, status
    )
    INSERT INTO request_item (request_id, station_id, n, service_id, inputs, status)
    SELECT asked.id, asked.station_id, 1, service.id, '{}', asked.status
    FROM asked, (SELECT id FROM service ORDER BY code LIMIT 1) service
"""
ALL_REQUESTS, OWN_REQUESTS = 5_000, 20


@dataclass(frozen=True)
class Member:
    """Somebody who has signed in, and the organisation that has requests."""

    token: str
    organisation_id: UUID


def make_member(url: str) -> Member:
    """An enterprise with 20 of 5,000 requests, and somebody of it with a bearer token. After `half_book`."""
    token = TOKEN_PREFIX + new_secret()
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        values = {"token_hash": hash_secret(token), "own": OWN_REQUESTS, "all": ALL_REQUESTS}
        connection.execute(MEMBER, values)
        connection.execute("VACUUM ANALYZE")
        [(organisation_id,)] = connection.execute("SELECT id FROM organisation").fetchall()
    return Member(token, organisation_id)


NATIONAL = """
    INSERT INTO division (adcode, position, name_zh, name_en)
        SELECT DISTINCT left(code, 6), 1000, left(code, 6), left(code, 6) FROM place ON CONFLICT DO NOTHING;
    CREATE TEMPORARY TABLE pattern AS SELECT id, row_number() OVER (ORDER BY code) - 1 AS n FROM station;
    CREATE TEMPORARY TABLE copied AS
        SELECT place.*, pattern.id AS pattern_id FROM place JOIN pattern ON pattern.n = place.n % 79;
    INSERT INTO station (code, position, name_zh, name_en, county_adcode, division_code, town_code, lon, lat,
            coord_class, coord_precision, address_zh, model, level, provenance)
        SELECT 'N' || c.code, 1000 + c.n, c.name, c.name, left(c.code, 6), left(c.code, 6), c.code, c.lon, c.lat,
            c.kind, '', '', s.model, s.level, 'scale test' FROM copied c JOIN station s ON s.id = c.pattern_id;
    CREATE TEMPORARY TABLE pair AS
        SELECT s.id, c.pattern_id FROM copied c JOIN station s ON s.code = 'N' || c.code;
    INSERT INTO desk (station_id, code, name_zh, name_en, categories, channel)
        SELECT p.id, d.code, d.name_zh, d.name_en, d.categories, d.channel
        FROM pair p JOIN desk d ON d.station_id = p.pattern_id;
    INSERT INTO opening_hours (station_id, iso_weekday, opens, closes)
        SELECT p.id, h.iso_weekday, h.opens, h.closes FROM pair p JOIN opening_hours h ON h.station_id = p.pattern_id;
    INSERT INTO capability (station_id, service_id, modes, designated, marks, valid_until)
        SELECT p.id, c.service_id, c.modes, c.designated, c.marks, c.valid_until
        FROM pair p JOIN capability c ON c.station_id = p.pattern_id;
    UPDATE station SET active = false WHERE code LIKE 'WH-%';
"""


def make_national(url: str) -> int:
    """Every place of the country as a station with the desks, hours and capabilities of one of the 79, in turn."""
    with gzip.open(PLACES, "rt", encoding="utf-8") as file, psycopg.connect(libpq_url(url)) as connection:
        connection.execute(
            "CREATE TEMPORARY TABLE place (n int, code text, name text, lon float8, lat float8, kind text)"
        )
        with connection.cursor().copy("COPY place FROM STDIN") as copy:
            count = 0
            for row in csv.DictReader(file):
                copy.write_row(
                    (count, row["code"], row["name"], float(row["lon"]), float(row["lat"]), row["coord_kind"])
                )
                count += 1
        connection.execute(NATIONAL)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        return count
