"""What the portal's own database role may do: everything with the tables, except to what is on record.

The role may add entries and read them. It may not change or remove one, nor see the heads of the chains: a trigger
that runs with the owner's rights moves those.
"""

from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

GRANTS: tuple[LiteralString, ...] = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    "REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON audit_entry FROM {role}",
    "REVOKE ALL ON audit_chain FROM {role}",
)
POWERS: LiteralString = """
SELECT has_table_privilege('audit_entry', 'UPDATE, DELETE, TRUNCATE, TRIGGER')
    OR has_table_privilege('audit_chain', 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
    OR bool_or(pg_has_role(relowner, 'MEMBER'))
FROM pg_class WHERE oid IN ('audit_entry'::regclass, 'audit_chain'::regclass)
"""


def grant(connection: psycopg.Connection[Any], role: str) -> None:
    """Give `role` what the portal needs and no more; by the owner, after every migration, in one transaction."""
    with connection.transaction():
        for statement in GRANTS:
            connection.execute(SQL(statement).format(role=Identifier(role)))


def guarded(connection: psycopg.Connection[Any]) -> bool:
    """Whether this connection's role can't touch what is on record (nor become a role that can)."""
    row = connection.execute(POWERS).fetchone()
    return row is not None and not row[0]
