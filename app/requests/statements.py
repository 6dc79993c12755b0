"""The hot statements of this room, as text: each is a whole decision in one transaction of its own."""

import re
from typing import LiteralString

from app.audit.statements import RECORD
from app.notify.statements import POST
from app.slots.statements import CONFIRM


def _for_the_pool(statement: str) -> LiteralString:
    """Places named for a session (`:name`) as the bare pool has them (`%(name)s`)."""
    return re.sub(r"(?<![:\w]):(\w+)", r"%(\1)s", statement)


HELD: LiteralString = """
SELECT id, token_hash, station_id, visit_starts, visit_ticks, travel_before, mode, service_ids FROM reservation
WHERE id = ANY (%s::uuid[]) AND active AND kind = 'hold'
"""

# The hold becomes an appointment and the request is made of it, both or neither: without a hold to confirm no row is
# made, and a reference that is taken, or a key that was used, undoes the confirmation with everything else.
# `recorded` stands first of the parts that nobody reads: PostgreSQL runs these from the last to the first, so the chain
# of the record, which others wait for, is taken when all else is done. Letters are `posted` without a NOTIFY of their
# own: they leave a few seconds later.
_SUBMIT: LiteralString = (
    """
WITH booked AS (-- confirm
), made AS (
    INSERT INTO request (
        id, station_id, reference, access_hash, status, reservation_id, mode, use, language, organisation_name, uscc,
        contact_name, mobile, email, lon, lat, given_lon, given_lat, crs, note, consent_version, consented_at,
        organisation_id, person_id, created_at, changed_at, due_at, due_provisional, site)
    SELECT %(request_id)s::uuid, booked.station_id, %(reference)s, %(access_hash)s::bytea, %(status)s, booked.id,
        booked.mode, %(use)s, %(language)s, %(organisation_name)s, %(uscc)s, %(contact_name)s, %(mobile)s, %(email)s,
        %(lon)s::float8, %(lat)s::float8, %(given_lon)s::float8, %(given_lat)s::float8, %(crs)s, %(note)s,
        %(consent_version)s, %(now)s, %(organisation_id)s::uuid, %(person_id)s::uuid, %(now)s, %(now)s,
        %(due_at)s::timestamptz, %(due_provisional)s::bool, %(site)s::jsonb
    FROM booked
    RETURNING id, station_id
), recorded AS (-- record
    FROM made
), items AS (
    INSERT INTO request_item (
        request_id, station_id, n, service_id, inputs, status, clock, due_at, due_provisional)
    SELECT made.id, made.station_id, item.n, item.service_id, item.inputs, %(status)s, item.clock, item.due_at,
        item.provisional
    FROM made, unnest(%(service_ids)s::int4[], %(inputs)s::jsonb[], %(clocks)s::jsonb[], %(dues)s::timestamptz[],
        %(provisionals)s::bool[]) WITH ORDINALITY item (service_id, inputs, clock, due_at, provisional, n)
), told AS (
    INSERT INTO request_event (request_id, station_id, n, at, kind, data)
    SELECT made.id, made.station_id, 1, %(now)s, %(event)s, %(told)s::jsonb FROM made
), posted AS (-- post
    CROSS JOIN made ON CONFLICT (key) DO NOTHING
), answered AS (
    INSERT INTO idempotency (caller, key, body_hash, request_id, answer, created_at)
    SELECT %(caller)s::text, %(key)s::text, %(content)s::bytea, made.id, %(answer)s::json, %(now)s
    FROM made WHERE %(key)s::text IS NOT NULL
) -- along
SELECT id, pg_notify('onestop_live', 'station:' || station_id) FROM made
""".replace("-- confirm", _for_the_pool(CONFIRM))
    .replace("-- record", RECORD)
    .replace("-- post", _for_the_pool(POST))
)


def submitting(along: LiteralString) -> LiteralString:
    """SUBMIT with further parts of its WITH clause, see along.Along."""
    return _SUBMIT.replace("-- along", along)


SUBMIT = submitting("")

# All items of a step at once, however many they are.
CHANGE_ITEMS: LiteralString = """
UPDATE request_item SET status = new.status, before = new.before, clock = new.clock::jsonb, due_at = new.due_at,
    due_provisional = new.due_provisional, returns = new.returns, faults = new.faults::jsonb,
    inputs = new.inputs::jsonb
FROM unnest(CAST(:n AS int2[]), CAST(:status AS text[]), CAST(:before AS text[]), CAST(:clock AS text[]),
    CAST(:due_at AS timestamptz[]), CAST(:due_provisional AS bool[]), CAST(:returns AS int2[]),
    CAST(:faults AS text[]), CAST(:inputs AS text[]))
    new (n, status, before, clock, due_at, due_provisional, returns, faults, inputs)
WHERE request_item.request_id = :request_id AND request_item.n = new.n
"""

# Whose it is and what was said of it stays the same; a complaint stays with the first request.
COPIED: LiteralString = """mode, use, language, organisation_name, uscc, contact_name, mobile, email, lon, lat,
    given_lon, given_lat, crs, note, site, consent_version, consented_at, organisation_id, person_id"""
SPLIT_OFF: LiteralString = (
    """
INSERT INTO request (id, station_id, reference, access_hash, status, reservation_id, due_at, due_provisional,
    created_at, changed_at, split_from, -- copied
)
SELECT :id, :station_id, :reference, :access_hash, :status, :reservation_id, CAST(:due_at AS timestamptz),
    CAST(:due_provisional AS bool), :now, :now, reference, -- copied
FROM request WHERE id = :of
ON CONFLICT (reference) DO NOTHING RETURNING reference
"""
).replace("-- copied", COPIED)
MOVE_ITEMS: LiteralString = """
UPDATE request_item SET request_id = :id, station_id = :station_id, n = new.new_n
FROM unnest(CAST(:n AS int2[]), CAST(:new_n AS int2[])) new (n, new_n)
WHERE request_item.request_id = :of AND request_item.n = new.n
"""
