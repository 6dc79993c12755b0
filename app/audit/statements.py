"""One entry of the record as text, for a statement of its own or as one more part of a hot statement.

In a hot statement the entry is made with what it tells of, or not at all:

    WITH made AS (INSERT ... RETURNING id),
    recorded AS (-- record
        FROM made)

with `-- record` replaced by RECORD, and `service.entry(...)` among the parameters.
"""

from typing import LiteralString

RECORD: LiteralString = """
INSERT INTO audit_entry (
    at, actor_kind, actor_id, actor_name, actor_via, address, action, object_kind, object_id, station_id,
    organisation_id, before, after, reason, trace)
SELECT %(audit_at)s::timestamptz, %(audit_actor_kind)s::text, %(audit_actor_id)s::uuid, %(audit_actor_name)s::text,
    %(audit_actor_via)s::text, %(audit_address)s::text, %(audit_action)s::text, %(audit_object_kind)s::text,
    %(audit_object_id)s::text, %(audit_station_id)s::int4, %(audit_organisation_id)s::uuid, %(audit_before)s::jsonb,
    %(audit_after)s::jsonb, %(audit_reason)s::text, %(audit_trace)s::text
"""
