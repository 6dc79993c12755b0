"""The statements that take and give back places, as text: each is a whole decision, and its plan is asserted in a test.

Places are named, `%(name)s` for the bare pool and `:name` for a session. Nobody is longer than a day (288 ticks) at a
desk, so what reaches into a time begins at most so much earlier. 715001 is the first key of the stations' advisory
locks (see the migration that makes the table).
"""

from typing import LiteralString

# One place for one client, or none: `desk` the first wished desk that is free, `place` the client's first free place
# of 1..places (NULL without a limit). Expired holds count as free; those in the way are `cleared` first, in the order
# of their ids, so that two who clear the same don't wait for each other. The count makes PostgreSQL clear before it
# inserts. When another transaction is faster, the exclusion constraint or the unique index lets nothing in: both
# `desk` and `place` were found and nothing was made.
HOLD: LiteralString = """
WITH cleared AS (
    DELETE FROM reservation WHERE id IN (
        SELECT id FROM reservation
        WHERE active AND expires_at <= %(now)s::timestamptz AND id = ANY (ARRAY(
            SELECT r.id FROM reservation r
            WHERE r.active AND r.station_id = %(station_id)s::int4 AND r.desk_id = ANY (%(desks)s::int4[])
                AND r.starts > %(starts)s::int4 - 288 AND r.starts < %(starts)s::int4 + %(ticks)s::int2
                AND r.starts + r.ticks > %(starts)s::int4 AND r.expires_at <= %(now)s::timestamptz
        ) || ARRAY(
            SELECT r.id FROM reservation r
            WHERE r.active AND r.kind = 'hold' AND r.client = %(client)s::text
                AND r.expires_at <= %(now)s::timestamptz
        ))
        ORDER BY id FOR UPDATE
    )
    RETURNING id
), desk AS (
    SELECT wished.id FROM unnest(%(desks)s::int4[]) WITH ORDINALITY wished (id, n)
    WHERE wished.id <> ALL (ARRAY(
        SELECT r.desk_id FROM reservation r
        WHERE r.active AND r.station_id = %(station_id)s::int4
            AND r.starts > %(starts)s::int4 - 288 AND r.starts < %(starts)s::int4 + %(ticks)s::int2
            AND r.starts + r.ticks > %(starts)s::int4
            AND (r.expires_at IS NULL OR r.expires_at > %(now)s::timestamptz)
    ))
    ORDER BY wished.n LIMIT 1
), place AS (
    (SELECT places.n FROM generate_series(1, %(places)s::int4) places (n)
    WHERE places.n <> ALL (ARRAY(
        SELECT r.client_place FROM reservation r
        WHERE r.active AND r.kind = 'hold' AND r.client = %(client)s::text AND r.client_place IS NOT NULL
            AND r.expires_at > %(now)s::timestamptz
    ))
    ORDER BY places.n LIMIT 1)
    UNION ALL SELECT NULL WHERE %(places)s::int4 IS NULL
), made AS (
    INSERT INTO reservation (
        id, station_id, desk_id, starts, ticks, travel_before, travel_after, kind, mode, service_ids, client,
        client_place, token_hash, expires_at, hours_version, created_at, changed_at)
    SELECT %(id)s::uuid, %(station_id)s::int4, desk.id, %(starts)s::int4, %(ticks)s::int2, %(travel)s::int2,
        %(travel)s::int2, 'hold', %(mode)s::text, %(service_ids)s::int4[], %(client)s::text, place.n,
        %(token_hash)s::bytea, %(expires_at)s::timestamptz, %(hours_version)s::int4, %(now)s::timestamptz,
        %(now)s::timestamptz
    FROM desk, place WHERE (SELECT count(*) FROM cleared) >= 0
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT EXISTS (SELECT FROM made), EXISTS (SELECT FROM desk), EXISTS (SELECT FROM place)
"""

FIND: LiteralString = """
SELECT station_id, visit_starts, visit_ticks, travel_before, mode, service_ids, created_at, expires_at
FROM reservation WHERE id = %s
"""

OPEN_HOLDS: LiteralString = """
SELECT expires_at FROM reservation WHERE active AND kind = 'hold' AND client = %s AND expires_at > %s
"""

RELEASE: LiteralString = """
DELETE FROM reservation WHERE id = %s AND kind = 'hold' AND active AND token_hash = %s RETURNING id
"""

# The station's lock comes before the row's, as whoever enters a closure and then moves its appointments takes them.
CONFIRM = """
WITH locked AS MATERIALIZED (
    SELECT id, station_id, pg_advisory_xact_lock_shared(715001, station_id) FROM reservation WHERE id = :id
)
UPDATE reservation r
SET kind = 'appointment', expires_at = NULL, client_place = NULL, changed_at = :now
FROM locked
WHERE r.id = locked.id AND r.station_id = locked.station_id
    AND r.active AND r.kind = 'hold' AND r.token_hash = :token_hash AND r.expires_at > :now
RETURNING r.id, r.station_id, r.desk_id, r.visit_starts, r.visit_ticks, r.travel_before, r.mode, r.service_ids
"""

WHAT_BECAME = "SELECT kind, token_hash FROM reservation WHERE id = :id"

CANCEL = """
UPDATE reservation SET active = false, changed_at = :now
WHERE id = :id AND active AND kind = 'appointment'
RETURNING id, station_id, desk_id, visit_starts, visit_ticks, travel_before, mode, service_ids
"""
