"""What happened on a day, counted from what was recorded: the one definition, for days that are kept and for today.

Every event counts on the day on which it happened, at the station where it happened, and never again elsewhere: what
happens later to the same request changes no day that is over. So a request that moves on leaves its past where it was:
the step by which it went says from where (`old_station`), though its rows go with it. An appointment counts on its day
unless it was given up before its time, whatever became of its row afterwards.

Of the services of a request all count with which it was sent, also those that have been passed on alone since.
"""

from typing import LiteralString

ZONE: LiteralString = "'Asia/Shanghai'"  # as kit.clock.LOCAL
ASKS: LiteralString = "('submitted', 'rerouted', 'escalated', 'split_off')"
ANSWERS: LiteralString = "('returned', 'accepted', 'declined', 'checked_in', 'no_show')"
COUNTED: LiteralString = (
    "('submitted', 'returned', 'accepted', 'declined', 'checked_in', 'no_show', 'rerouted', 'escalated', "
    "'item_rerouted', 'finished', 'issued', 'item_rejected')"
)

# Every day on which something was asked or answered, or between: with the seconds of working days before it.
WORKED: LiteralString = f"""
    SELECT day, starts, worked, sum(worked::int4) OVER (ORDER BY day) * 86400 - worked::int4 * 86400 AS before
    FROM (
        SELECT d::date AS day, d AT TIME ZONE {ZONE} AS starts,
            coalesce(calendar_day.kind IN ('workday', 'makeup'), extract(isodow FROM d) <= 5) AS worked
        FROM (SELECT min(asked_at) AS first, max(at) AS last FROM answers) span
        CROSS JOIN LATERAL generate_series(
            date_trunc('day', first AT TIME ZONE {ZONE}), last AT TIME ZONE {ZONE}, '1 day'
        ) d
        LEFT JOIN calendar_day ON calendar_day.day = d::date
    ) known
"""  # noqa: S608 - words of ours, here and below
# OFFSET 0 keeps the planner from joining whole tables: it takes the family for as large as all requests ever.
SERVICES_OF_STEPS: LiteralString = """
    WITH RECURSIVE family (root, id) AS (
        SELECT request_id, request_id FROM (
            SELECT request_id FROM steps UNION
            SELECT request_id FROM rating WHERE at >= %(start)s::timestamptz AND at < %(end)s::timestamptz
        ) about
        UNION ALL
        SELECT root, apart.id FROM family CROSS JOIN LATERAL (
            SELECT apart.id FROM request JOIN request apart ON apart.split_from = request.reference
            WHERE request.id = family.id OFFSET 0
        ) apart
    )
    SELECT root, array_agg(DISTINCT service_id) AS service_ids
    FROM family CROSS JOIN LATERAL (SELECT service_id FROM request_item WHERE request_id = family.id OFFSET 0) item
    GROUP BY root
"""
FACTS: LiteralString = f"""
steps AS MATERIALIZED (
    SELECT request_id, n, at, (at AT TIME ZONE {ZONE})::date AS day, kind, data ? 'late_reason' AS late, coalesce((
            SELECT station.id FROM request_event moved JOIN station ON station.code = moved.data ->> 'old_station'
            WHERE moved.request_id = event.request_id AND moved.n >= event.n AND moved.data ? 'old_station'
            ORDER BY moved.n LIMIT 1
        ), station_id) AS station_id
    FROM request_event event
    WHERE at >= %(start)s::timestamptz AND at < %(end)s::timestamptz AND kind IN {COUNTED}
), own AS (-- services of steps
), answers AS MATERIALIZED (
    SELECT done.*, asked.at AS asked_at
    FROM steps done CROSS JOIN LATERAL (
        SELECT at, kind FROM request_event earlier
        WHERE earlier.request_id = done.request_id AND earlier.n < done.n AND (kind IN {ASKS} OR kind IN {ANSWERS})
        ORDER BY earlier.n DESC LIMIT 1
    ) asked
    WHERE done.kind IN {ANSWERS} AND asked.kind IN {ASKS}
), worked AS MATERIALIZED ({WORKED}), answered AS (
    SELECT answers.*, greatest(floor((
        ended.before + CASE WHEN ended.worked THEN extract(epoch FROM answers.at - ended.starts) ELSE 0 END
        - begun.before - CASE WHEN begun.worked THEN extract(epoch FROM asked_at - begun.starts) ELSE 0 END
    ) / 60), 0)::int4 AS minutes
    FROM answers LEFT JOIN worked begun ON begun.day = (asked_at AT TIME ZONE {ZONE})::date
    LEFT JOIN worked ended ON ended.day = answers.day
), visits AS (
    SELECT station_id, (to_timestamp(visit_starts * 300.0) AT TIME ZONE {ZONE})::date AS day, service_ids,
        CASE mode WHEN 'onsite' THEN ticks * 300 END AS busy
    FROM reservation
    WHERE active AND kind = 'appointment' AND station_id = ANY (%(stations)s::int4[])
        AND starts >= %(from_tick)s::int4 - 288 AND starts < %(to_tick)s::int4
        AND visit_starts >= %(from_tick)s::int4 AND visit_starts < %(to_tick)s::int4
    UNION ALL
    SELECT station_id, (to_timestamp(visit_starts * 300.0) AT TIME ZONE {ZONE})::date, service_ids,
        CASE mode WHEN 'onsite' THEN ticks * 300 END
    FROM reservation
    WHERE NOT active AND kind = 'appointment' AND station_id = ANY (%(stations)s::int4[])
        AND starts >= %(from_tick)s::int4 - 288 AND starts < %(to_tick)s::int4
        AND visit_starts >= %(from_tick)s::int4 AND visit_starts < %(to_tick)s::int4
        AND changed_at >= to_timestamp(visit_starts * 300.0)
), here AS (
    SELECT ticket.station_id, day, service_ids, kind = 'walk_in' AND moved_from IS NULL AS walked_in,
        floor(extract(epoch FROM least(called_at, (
            SELECT min(started_at) FROM serving
            WHERE serving.ticket_id = ticket.id AND serving.station_id = ticket.station_id
        )) - greatest(issued_at, booked_at)) / 60)::int4 AS waited
    FROM ticket
    WHERE station_id = ANY (%(stations)s::int4[]) AND day >= %(first)s::date AND day <= %(last)s::date
), served AS (
    SELECT station_id, (ended_at AT TIME ZONE {ZONE})::date AS day, service_ids, ticket_id,
        extract(epoch FROM ended_at - started_at)::int4 AS seconds
    FROM serving
    WHERE station_id = ANY (%(stations)s::int4[]) AND NOT dropped
        AND ended_at >= %(start)s::timestamptz AND ended_at < %(end)s::timestamptz
), facts (day, station_id, service_ids, what, value, also) AS (
    SELECT day, station_id, service_ids, kind, NULL::int4, NULL::text FROM steps LEFT JOIN own ON root = request_id
    UNION ALL
    SELECT day, station_id, service_ids, 'answer', minutes, CASE WHEN late THEN 'late' END
    FROM answered LEFT JOIN own ON root = request_id
    UNION ALL
    SELECT day, station_id, service_ids, 'work', NULL, CASE WHEN late THEN 'late' END
    FROM steps LEFT JOIN own ON root = request_id WHERE kind IN ('finished', 'issued', 'item_rejected')
    UNION ALL
    SELECT day, station_id, service_ids, 'appointment', busy, NULL FROM visits
    UNION ALL
    SELECT day, station_id, service_ids, 'walk_in', NULL, NULL FROM here WHERE walked_in
    UNION ALL
    SELECT day, station_id, service_ids, 'wait', greatest(waited, 0), NULL FROM here WHERE waited IS NOT NULL
    UNION ALL
    SELECT day, station_id, service_ids, 'serving', seconds, ticket_id::text FROM served
    UNION ALL
    SELECT (at AT TIME ZONE {ZONE})::date, station_id, service_ids, 'rating', level, NULL
    FROM rating LEFT JOIN own ON root = request_id
    WHERE at >= %(start)s::timestamptz AND at < %(end)s::timestamptz
)
"""  # noqa: S608
SUMS: LiteralString = """
    count(*) FILTER (WHERE what = 'submitted')::int4 AS requests,
    count(*) FILTER (WHERE what = 'appointment')::int4 AS appointments,
    count(*) FILTER (WHERE what = 'walk_in')::int4 AS walk_ins,
    count(DISTINCT also) FILTER (WHERE what = 'serving')::int4 AS served,
    count(*) FILTER (WHERE what = 'no_show')::int4 AS no_shows,
    count(*) FILTER (WHERE what IN ('answer', 'work'))::int4 AS judged,
    count(*) FILTER (WHERE also = 'late')::int4 AS late,
    count(*) FILTER (WHERE what = 'returned')::int4 AS returns,
    count(*) FILTER (WHERE what IN ('rerouted', 'escalated', 'item_rerouted'))::int4 AS reroutes,
    coalesce(sum(value) FILTER (WHERE what IN ('appointment', 'serving')), 0)::int4 AS busy_s,
    count(*) FILTER (WHERE what = 'rating')::int4 AS ratings,
    coalesce(sum(value) FILTER (WHERE what = 'rating'), 0)::int4 AS rating_sum,
    coalesce(array_agg(value ORDER BY value) FILTER (WHERE what = 'wait'), '{}') AS wait_min,
    coalesce(array_agg(value / 60 ORDER BY value) FILTER (WHERE what = 'serving'), '{}') AS service_min,
    coalesce(array_agg(value ORDER BY value) FILTER (WHERE what = 'answer'), '{}') AS answer_min
"""
COLUMNS: LiteralString = (
    "day, station_id, service_id, requests, appointments, walk_ins, served, no_shows, judged, late, returns, reroutes, "
    "busy_s, ratings, rating_sum, wait_min, service_min, answer_min"
)
# The days from `first` to `last` of these stations as rows like those of performance_day, of all services together or
# of each one too.
_EVENTS: LiteralString = f"""
WITH {FACTS}
SELECT day, station_id, service_id, {SUMS}
FROM facts CROSS JOIN LATERAL (-- for services
) counted (service_id)
WHERE station_id = ANY (%(stations)s::int4[])
    AND what NOT IN ('accepted', 'declined', 'checked_in', 'finished', 'issued', 'item_rejected')
GROUP BY day, station_id, service_id
"""  # noqa: S608
ALTOGETHER: LiteralString = _EVENTS.replace(
    "-- services of steps", "SELECT NULL::uuid AS root, NULL::int4[] AS service_ids WHERE false"
).replace("-- for services", "SELECT 0")
EVENTS: LiteralString = _EVENTS.replace("-- services of steps", SERVICES_OF_STEPS).replace(
    "-- for services",
    """SELECT unnest(CASE WHEN cardinality(service_ids) > 1 THEN ARRAY(SELECT 0 UNION SELECT unnest(service_ids))
        ELSE 0 || service_ids END)""",
)

# Who settles a day waits for those who just write something late on it, and they for whoever settles it.
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(715006, %(first)s::date - date '2000-01-01')"
STILL_OPEN: LiteralString = "SELECT NOT EXISTS (SELECT FROM performance_settled WHERE day = %(first)s::date)"
FORGET: LiteralString = "DELETE FROM performance_day WHERE day = %(first)s::date"
KEEP: LiteralString = f"INSERT INTO performance_day ({COLUMNS}) {EVENTS}"
KEEP_CAPACITY: LiteralString = """
INSERT INTO performance_capacity (day, station_id, minutes)
SELECT %(first)s::date, given.* FROM unnest(%(stations)s::int4[], %(minutes)s::int4[]) given
ON CONFLICT DO NOTHING
"""
SETTLE: LiteralString = "INSERT INTO performance_settled (day, settled_at) VALUES (%(first)s::date, %(now)s)"
# Rows of a kept day that aren't what the events say, as they are kept and as they should be.
DIFFERENT: LiteralString = f"""
SELECT coalesce(kept.station_id, fresh.station_id), coalesce(kept.service_id, fresh.service_id),
    to_jsonb(kept), to_jsonb(fresh)
FROM (SELECT {COLUMNS} FROM performance_day WHERE day = %(first)s::date) kept
FULL JOIN ({EVENTS}) fresh USING (station_id, service_id)
WHERE kept IS DISTINCT FROM fresh AND EXISTS (SELECT FROM performance_settled WHERE day = %(first)s::date)
"""  # noqa: S608
# The first day on which anything is on record.
FIRST: LiteralString = """
SELECT least((SELECT min(created_at) AT TIME ZONE 'Asia/Shanghai' FROM request)::date, (SELECT min(day) FROM hall_day))
"""
SETTLED: LiteralString = """
SELECT day FROM performance_settled WHERE day >= %(first)s::date AND day <= %(last)s::date
"""
# Statements with a shape that depends much on how long a time is asked for are planned for what is asked.
CALM: LiteralString = """
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
    set_config('work_mem', '64MB', true)
"""
