"""Deliveries as those see them who carry them out: single statements that several workers may run at once."""

from typing import LiteralString

BY_KEY: LiteralString = "subscription_id = %(subscription_id)s AND event_n = %(event_n)s"

# Of a few subscribers that nobody here is busy with, to each a few, in the order in which they happened. Rows that
# another worker is just taking are skipped; what was taken is due again when the lease ends. Who takes for a robot
# has it rest first, under its lock, so that of several workers one does, and a burst becomes one message.
CLAIM: LiteralString = """
    WITH due AS (
        SELECT DISTINCT subscription_id FROM (
            SELECT subscription_id FROM webhook_delivery JOIN webhook_subscription own ON own.id = subscription_id
            WHERE state = 'waiting' AND due_at <= %(now)s AND subscription_id <> ALL (%(busy)s::uuid[])
                AND (own.rests_until IS NULL OR own.rests_until <= %(now)s)
            ORDER BY due_at LIMIT 1000) AS first
        LIMIT %(lanes)s
    ), robot AS (
        UPDATE webhook_subscription SET rests_until = %(rested)s WHERE id = ANY (ARRAY(
            SELECT own.id FROM webhook_subscription own JOIN due ON due.subscription_id = own.id
            WHERE own.via <> 'webhook' AND (own.rests_until IS NULL OR own.rests_until <= %(now)s)
            FOR UPDATE OF own SKIP LOCKED))
        RETURNING id
    ), taker AS (
        SELECT id FROM robot
        UNION ALL SELECT own.id FROM webhook_subscription own JOIN due ON due.subscription_id = own.id
        WHERE own.via = 'webhook'
    ), taken AS (
        SELECT one.subscription_id, one.event_n FROM taker CROSS JOIN LATERAL (
            SELECT subscription_id, event_n FROM webhook_delivery
            WHERE subscription_id = taker.id AND state = 'waiting' AND due_at <= %(now)s
            ORDER BY event_n LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS one
    )
    UPDATE webhook_delivery SET lease = %(lease)s, due_at = %(until)s FROM taken
    WHERE webhook_delivery.subscription_id = taken.subscription_id AND webhook_delivery.event_n = taken.event_n
    RETURNING webhook_delivery.subscription_id, webhook_delivery.event_n
"""
# The last look before sending: still ours, and the subscription as it is now. The lease begins anew.
HOLD: LiteralString = """
    UPDATE webhook_delivery SET attempts = attempts + 1, due_at = %(until)s
    FROM webhook_subscription own, webhook_event event
    WHERE subscription_id = %(subscription_id)s AND event_n = %(event_n)s AND lease = %(lease)s AND state = 'waiting'
        AND own.id = subscription_id AND own.ended_at IS NULL AND event.n = event_n
    RETURNING event.id, event.type, event.at, event.data, attempts, begun_at, own.url, own.secret,
        CASE WHEN own.old_until > %(now)s THEN own.old_secret END, own.via, own.language, own.organisation_id,
        (SELECT CASE own.language WHEN 'en' THEN coalesce(nullif(name_en, ''), name_zh) ELSE name_zh END
            FROM station WHERE own.via <> 'webhook' AND code = event.data ->> 'station_code')
"""
# What was answered is written down whoever has the lease by now; only who has it, or has delivered, changes the state.
ATTEMPTED: LiteralString = """
    INSERT INTO webhook_attempt (subscription_id, event_n, at, took_ms, status, fault)
    SELECT subscription_id, event_n, %(at)s, %(took_ms)s, %(status)s, %(fault)s FROM webhook_delivery
    WHERE subscription_id = %(subscription_id)s AND event_n = %(event_n)s
"""
SETTLED: LiteralString = """
    UPDATE webhook_delivery SET state = %(state)s, due_at = coalesce(%(due)s, due_at), lease = NULL,
        ended_at = CASE WHEN %(state)s <> 'waiting' THEN %(now)s::timestamptz END
    WHERE subscription_id = %(subscription_id)s AND event_n = %(event_n)s AND state = 'waiting'
        AND (lease = %(lease)s OR %(state)s = 'delivered')
    RETURNING 1
"""
# What was taken and not tried is given back; of a subscription that has ended meanwhile nothing is.
RELEASED: LiteralString = """
    UPDATE webhook_delivery SET due_at = %(due)s, lease = NULL,
        state = CASE WHEN own.ended_at IS NULL THEN state ELSE 'dropped' END,
        ended_at = CASE WHEN own.ended_at IS NULL THEN NULL ELSE %(now)s::timestamptz END
    FROM webhook_subscription own
    WHERE own.id = subscription_id AND subscription_id = %(subscription_id)s AND event_n = ANY (%(events)s)
        AND lease = %(lease)s AND state = 'waiting'
"""
# Whoever is never reached gets fewer tries than there are events: what has waited for longest is given up untried.
TOO_OLD: LiteralString = """
    UPDATE webhook_delivery SET state = 'dead', lease = NULL, ended_at = %(now)s
    WHERE (subscription_id, event_n) IN (
        SELECT subscription_id, event_n FROM webhook_delivery
        WHERE state = 'waiting' AND due_at <= %(now)s AND begun_at < %(before)s LIMIT 1000 FOR UPDATE SKIP LOCKED)
    RETURNING subscription_id
"""
RESTS: LiteralString = """
    UPDATE webhook_subscription SET rests_until = greatest(rests_until, %(until)s) WHERE id = %(subscription_id)s
"""
DROP_ALL: LiteralString = """
    UPDATE webhook_delivery SET state = 'dropped', lease = NULL, ended_at = :now
    WHERE subscription_id = :subscription_id AND state = 'waiting'
"""
# Of what is on its way at this very moment (it has a lease) nothing is touched.
REPLAY: LiteralString = """
    UPDATE webhook_delivery SET state = 'waiting', begun_at = :now, due_at = :now, attempts = 0, ended_at = NULL
    FROM webhook_event event
    WHERE event.n = event_n AND subscription_id = :subscription_id AND lease IS NULL AND event.type <> :ping
        AND (CAST(:event AS uuid) IS NULL OR event.id = :event)
        AND (CAST(:since AS timestamptz) IS NULL OR event.at >= :since)
    RETURNING 1
"""
