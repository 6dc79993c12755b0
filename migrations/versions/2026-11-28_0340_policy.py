"""What the operator decides: a history to which is only added, and the deadlines that come with the product.

The rule about work on instruments is 安徽省计量监督管理条例 第十五条: verification within 15 days of receipt unless
agreed otherwise. The other two are the network's own.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "policy"
down_revision: str | None = "request_owner"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DEFAULTS = """
INSERT INTO policy_change (scope, kind, key, value, reason, changed_at) VALUES
    ('network', 'deadline', 'first_answer/*/*/*', '{"days": 2}', '', now()),
    ('network', 'deadline', 'work/*/metrology/*', '{"days": 15}', '', now()),
    ('network', 'deadline', 'complaint/*/*/*', '{"days": 15}', '', now())
"""
GUARD = """
CREATE FUNCTION policy_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was decided stays on record' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER policy_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_change
    FOR EACH STATEMENT EXECUTE FUNCTION policy_kept();
CREATE TRIGGER network_changed AFTER INSERT ON policy_change
    FOR EACH STATEMENT EXECUTE FUNCTION network_changed();
"""


def upgrade() -> None:
    op.create_table(
        "policy_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('deadline', 'booking', 'text', 'calendar')", name=op.f("policy_change_kind_check")
        ),
        sa.CheckConstraint(
            "scope ~ '^(network|county:[0-9]{6}|station:[0-9]+)$'", name=op.f("policy_change_scope_check")
        ),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("policy_change_changed_by_fkey")),
        sa.ForeignKeyConstraint(["previous_id"], ["policy_change.id"], name=op.f("policy_change_previous_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("policy_change_pkey")),
        sa.UniqueConstraint(
            "scope",
            "kind",
            "key",
            "previous_id",
            name=op.f("policy_change_scope_kind_key_previous_id_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("policy_change_scope_kind_key_id_idx"), "policy_change", ["scope", "kind", "key", "id"])
    op.execute(DEFAULTS)
    op.execute(GUARD)


def downgrade() -> None:
    op.drop_index(op.f("policy_change_scope_kind_key_id_idx"), "policy_change")
    op.drop_table("policy_change")
    op.execute("DROP FUNCTION policy_kept")
