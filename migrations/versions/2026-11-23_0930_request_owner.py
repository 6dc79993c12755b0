"""Whose a request is: the organisation that may see it, the person who sent or claimed it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "request_owner"
down_revision: str | None = "people"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("request", sa.Column("organisation_id", sa.Uuid(), nullable=True))
    op.add_column("request", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.add_column("request", sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("request_organisation_id_fkey"), "request", "organisation", ["organisation_id"], ["id"])
    op.create_foreign_key(op.f("request_person_id_fkey"), "request", "person", ["person_id"], ["id"])
    op.create_index("request_organisation_idx", "request", ["organisation_id", "created_at"])
    op.create_index("request_station_idx", "request", ["station_id", "created_at"])
    op.create_index(op.f("request_person_id_idx"), "request", ["person_id"])


def downgrade() -> None:
    op.drop_index(op.f("request_person_id_idx"), "request")
    op.drop_index("request_station_idx", "request")
    op.drop_index("request_organisation_idx", "request")
    op.drop_constraint(op.f("request_person_id_fkey"), "request")
    op.drop_constraint(op.f("request_organisation_id_fkey"), "request")
    op.drop_column("request", "anonymised_at")
    op.drop_column("request", "person_id")
    op.drop_column("request", "organisation_id")
