"""The statement by which a desk calls the next one, and those that find tickets: each asserted by a test of its plan.

Places are named, `%(name)s`, for the bare pool. The order is that of rules.calling.order, by the same two times.
"""

from typing import LiteralString

from app.hall.rules.durations import LONGEST_MIN, SHORTEST_MIN

# Whoever is first is taken by one desk only: a row that another desk is just taking is skipped. What a desk may call is
# said by the session of whoever sits there; without one, or during a break, nothing is called, and `seat` says why. It
# is locked, so that nobody leaves a desk which is just calling, and no halt is done before this call is.
# That a desk calls nobody while somebody is there, a unique index sees to.
CALL_NEXT: LiteralString = """
WITH seat AS (
    SELECT desk_id, skills, break_since, halted FROM desk_session
    WHERE station_id = %(station_id)s::int4 AND desk_id = %(desk_id)s::int4 AND person_id = %(person_id)s::uuid
        AND ended_at IS NULL AND started_at >= %(morning)s::timestamptz
    FOR SHARE
), next AS MATERIALIZED (
    SELECT id, for_desk_id, calls, called_at, events FROM ticket, seat
    WHERE station_id = %(station_id)s::int4 AND day = %(day)s::date AND state = 'waiting'
        AND wants & seat.skills <> 0 AND (for_desk_id IS NULL OR for_desk_id = seat.desk_id)
        AND seat.break_since IS NULL AND NOT seat.halted
    ORDER BY first_from > %(now)s::timestamptz, rank_at, number
    LIMIT 1 FOR UPDATE OF ticket SKIP LOCKED
), called AS (
    UPDATE ticket SET state = 'called', desk_id = %(desk_id)s::int4, for_desk_id = NULL, calls = 1,
        called_at = %(now)s::timestamptz, events = ticket.events + 1
    FROM next WHERE ticket.station_id = %(station_id)s::int4 AND ticket.id = next.id
    RETURNING ticket.id
), event AS (
    INSERT INTO ticket_event (ticket_id, station_id, n, at, action, state, desk_id, person_id, before)
    SELECT next.id, %(station_id)s::int4, next.events + 1, %(now)s::timestamptz, 'call', 'called', %(desk_id)s::int4,
        %(person_id)s::uuid, jsonb_build_object('state', 'waiting', 'desk_id', NULL, 'for_desk_id', next.for_desk_id,
            'calls', next.calls, 'called_at', next.called_at)
    FROM next JOIN called USING (id)
    RETURNING ticket_id
), told AS (
    SELECT pg_notify('onestop_live', %(topic)s::text) FROM event
)
SELECT (SELECT id FROM called), (SELECT count(*) FROM seat), (SELECT break_since FROM seat), (SELECT halted FROM seat),
    (SELECT count(*) FROM told)
"""

TICKET: LiteralString = """
SELECT id, number, letter, kind, state, priority, priority_reason, service_ids, open_ids, wants, first_from, rank_at,
    booked_at, desk_id, for_desk_id, calls, events, issued_at, announced_at, called_at, started_at, ended_at,
    request_id, (SELECT reference FROM request WHERE request.id = ticket.request_id), station_id, day
FROM ticket
"""
ONE: LiteralString = f"{TICKET} WHERE id = %(id)s::uuid"
CONTINUED: LiteralString = "SELECT id FROM ticket WHERE moved_from = %(id)s::uuid ORDER BY issued_at DESC LIMIT 1"
BOARD: LiteralString = f"""{TICKET}
WHERE station_id = %(station_id)s::int4 AND day = %(day)s::date
    AND (state IN ('waiting', 'called', 'serving', 'parked') OR ended_at >= %(ended_after)s::timestamptz)
ORDER BY number
"""
# The last calls of the day, whatever has become of them; not of whoever waits again, or has gone. Who was served has no
# desk any more: the step knows it.
CALLED: LiteralString = """
SELECT letter, number, coalesce(desk_id, (
    SELECT e.desk_id FROM ticket_event e
    WHERE e.ticket_id = ticket.id AND e.station_id = ticket.station_id AND e.action = 'call' ORDER BY e.n DESC LIMIT 1
)), calls, called_at, state
FROM ticket
WHERE station_id = %(station_id)s::int4 AND day = %(day)s::date
    AND called_at IS NOT NULL AND state IN ('called', 'serving', 'done', 'no_show')
ORDER BY called_at DESC, number DESC LIMIT %(most)s
"""
# Every step of a ticket raises its `events`, none lowers it: while this stays, nothing on the board has changed.
TRACE: LiteralString = """
SELECT count(*)::int4, coalesce(sum(events), 0)::int4, (
    SELECT string_agg(desk_id || ' ' || person_id || ' ' || skills || ' ' || coalesce(break_since::text, ''), ',')
    FROM desk_session WHERE station_id = %(station_id)s::int4 AND ended_at IS NULL
        AND started_at >= %(morning)s::timestamptz
) FROM ticket WHERE station_id = %(station_id)s::int4 AND day = %(day)s::date
"""
SEATS: LiteralString = """
SELECT desk_id, person_id, person.name, skills, started_at, break_since
FROM desk_session JOIN person ON person.id = person_id
WHERE station_id = %(station_id)s::int4 AND ended_at IS NULL AND started_at >= %(morning)s::timestamptz
"""
# Of each service the past servings in which nothing else was done, as durations.Past wants them.
LEARNT: LiteralString = f"""
SELECT service_id, count(*)::int4, avg(minutes)::float8, (var_pop(minutes) * count(*))::float8
FROM (
    SELECT service_ids[1] AS service_id,
        ln(least(greatest(extract(epoch FROM ended_at - started_at) / 60, {SHORTEST_MIN}), {LONGEST_MIN})) AS minutes
    FROM serving
    WHERE station_id = %(station_id)s::int4 AND ended_at >= %(since)s::timestamptz AND NOT dropped
        AND cardinality(service_ids) = 1
) AS past
GROUP BY service_id
"""  # noqa: S608 - numbers of ours
# Appointments at the station that are near and whose people have no ticket yet, and how many have come of themselves.
EXPECTED: LiteralString = """
SELECT r.visit_starts, r.service_ids, NULL::int4 FROM reservation r
WHERE r.active AND r.station_id = %(station_id)s::int4 AND r.starts >= %(from)s::int4 AND r.starts < %(to)s::int4
    AND r.kind = 'appointment' AND r.mode = 'station'
    AND NOT EXISTS (
        SELECT FROM request JOIN ticket ON ticket.request_id = request.id AND ticket.day = %(day)s::date
        WHERE request.reservation_id = r.id AND request.station_id = r.station_id
    )
UNION ALL
SELECT NULL, NULL, count(*)::int4 FROM ticket
WHERE station_id = %(station_id)s::int4 AND day = %(day)s::date AND kind = 'walk_in' AND moved_from IS NULL
    AND issued_at > %(hour_ago)s::timestamptz
"""
# What somebody of the staff has done last, as far as nothing was done with that ticket since.
LAST_STEP: LiteralString = """
SELECT ticket.id, letter, number, action, at, before IS NOT NULL
FROM ticket JOIN ticket_event ON ticket_id = ticket.id AND ticket_event.station_id = ticket.station_id AND n = events
WHERE ticket.station_id = %(station_id)s::int4 AND day = %(day)s::date AND person_id = %(person_id)s::uuid
ORDER BY at DESC LIMIT 1
"""
BEGUN: LiteralString = """
SELECT service_ids FROM serving
WHERE ticket_id = %(id)s::uuid AND station_id = %(station_id)s::int4 AND ended_at IS NULL
"""
