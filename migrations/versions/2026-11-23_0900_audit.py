"""The record of what was done: entries that only grow, in chains of hashes that show what was touched.

A trigger gives each entry its place: it takes a chain whose head nobody else holds (so that bookings don't wait for
one another), numbers the entry there, and hashes the head's hash with the entry's text. docs/audit.md describes the
text; app/audit/rules.py makes the same one outside of the database.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "audit"
down_revision: str | None = "rates"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FUNCTIONS = ("audit_field(text)", "audit_text(audit_entry)", "audit_chain_entry()", "audit_refuse()")

# A field with its length before it, so that no two entries have one text; nothing is "-", which is not empty ("0:").
FIELD = """
CREATE FUNCTION audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(octet_length(value)::text || ':' || value, '-') || ','
"""

TEXT = """
CREATE FUNCTION audit_text(e audit_entry) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'onestop-audit-1,' || audit_field(e.chain::text) || audit_field(e.n::text)
    || audit_field((extract(epoch FROM e.at) * 1000000)::bigint::text)
    || audit_field(e.actor_kind) || audit_field(e.actor_id::text) || audit_field(e.actor_name)
    || audit_field(e.actor_via) || audit_field(e.address) || audit_field(e.action)
    || audit_field(e.object_kind) || audit_field(e.object_id) || audit_field(e.station_id::text)
    || audit_field(e.organisation_id::text) || audit_field(e.before::text) || audit_field(e.after::text)
    || audit_field(e.reason) || audit_field(e.trace)
"""

# The own chain of a transaction first, else the next that nobody holds; only when all are held does it wait. Who holds
# a chain already finds it free, so nobody waits for a second one, and there is no deadlock between chains. By index
# only: while somebody keeps an old snapshot (a dump, a verification), old heads pile up, and a scan reads all of them.
CHAIN_ENTRY = """
CREATE FUNCTION audit_chain_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    own constant smallint := pg_current_xact_id()::text::numeric % 16;
    head public.audit_chain%ROWTYPE;
BEGIN
    SELECT * INTO head FROM public.audit_chain WHERE chain = own FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        SELECT * INTO head FROM public.audit_chain
        ORDER BY (chain - own + 16) % 16 LIMIT 1 FOR UPDATE SKIP LOCKED;
    END IF;
    IF NOT FOUND THEN
        SELECT * INTO STRICT head FROM public.audit_chain WHERE chain = own FOR UPDATE;
    END IF;
    NEW.chain := head.chain;
    NEW.n := head.n + 1;
    NEW.previous_hash := head.hash;
    NEW.hash := sha256(head.hash || convert_to(public.audit_text(NEW), 'UTF8'));
    UPDATE public.audit_chain SET n = NEW.n, hash = NEW.hash WHERE chain = head.chain;
    RETURN NEW;
END $$
"""

REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('onestop.pruning', true) = 'yes' THEN
        IF OLD.at < now() - interval '180 days' THEN
            RETURN OLD;
        END IF;
        RAISE insufficient_privilege USING MESSAGE = 'entries of the record are kept for 180 days at least';
    END IF;
    RAISE insufficient_privilege USING MESSAGE = 'the record only grows: entries are neither changed nor removed';
END $$
"""

# Removes the oldest entries of one chain and lets its head remember where the chain begins now. The answer is the
# number of entries removed and the first one left.
PRUNE = """
CREATE FUNCTION audit_prune(pruned smallint, older timestamptz, OUT removed bigint, OUT begins bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET onestop.pruning = 'yes' AS $$
DECLARE
    head public.audit_chain%ROWTYPE;
    previous bytea;
BEGIN
    SELECT * INTO STRICT head FROM public.audit_chain WHERE chain = pruned FOR UPDATE;
    SELECT n, previous_hash INTO begins, previous FROM public.audit_entry
    WHERE chain = pruned AND at >= older ORDER BY n LIMIT 1;
    IF NOT FOUND THEN
        begins := head.n + 1;
        previous := head.hash;
    END IF;
    DELETE FROM public.audit_entry WHERE chain = pruned AND n < begins;
    GET DIAGNOSTICS removed = ROW_COUNT;
    UPDATE public.audit_chain SET first_n = begins, first_previous = previous WHERE chain = pruned;
END $$
"""

TRIGGERS = (
    "CREATE TRIGGER audit_entry_chain BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_chain_entry()",
    "CREATE TRIGGER audit_entry_kept BEFORE UPDATE OR DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_entry_whole BEFORE TRUNCATE ON audit_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)


def upgrade() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("chain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("first_n", sa.BigInteger(), nullable=False),
        sa.Column("first_previous", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("audit_chain_pkey")),
        postgresql_with={"fillfactor": 20},
    )
    op.create_table(
        "audit_entry",
        sa.Column("chain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("actor_via", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=128), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("trace", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('person', 'key', 'visitor', 'system')", name=op.f("audit_entry_actor_kind_check")
        ),
        sa.PrimaryKeyConstraint("chain", "n", name=op.f("audit_entry_pkey")),
    )
    op.create_index(op.f("audit_entry_at_chain_n_idx"), "audit_entry", ["at", "chain", "n"])
    op.create_index(op.f("audit_entry_object_id_object_kind_idx"), "audit_entry", ["object_id", "object_kind"])
    op.create_index(
        op.f("audit_entry_actor_id_at_idx"), "audit_entry", ["actor_id", "at"], postgresql_where="actor_id IS NOT NULL"
    )
    op.create_index(
        op.f("audit_entry_station_id_at_idx"),
        "audit_entry",
        ["station_id", "at"],
        postgresql_where="station_id IS NOT NULL",
    )
    op.execute(
        "INSERT INTO audit_chain (chain, n, hash, first_n, first_previous) "
        "SELECT chain, 0, decode(repeat('00', 32), 'hex'), 1, decode(repeat('00', 32), 'hex') "
        "FROM generate_series(0, 15) chain"
    )
    for statement in (FIELD, TEXT, CHAIN_ENTRY, REFUSE, PRUNE, *TRIGGERS):
        op.execute(statement)
    for function in (*FUNCTIONS, "audit_prune(smallint, timestamptz)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")


def downgrade() -> None:
    # The chain and its heads go with everything that was on record: a record can't be kept in half a schema.
    op.execute("DROP FUNCTION audit_prune(smallint, timestamptz)")
    op.execute("DROP FUNCTION audit_text(audit_entry)")
    op.drop_table("audit_entry")
    op.drop_table("audit_chain")
    for function in ("audit_chain_entry()", "audit_refuse()", "audit_field(text)"):
        op.execute(f"DROP FUNCTION {function}")
