"""People, their roles and how they get in; organisations, who acts for them, and credit codes to be looked at."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "people"
down_revision: str | None = "outbox_and_files"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _people_and_organisations()
    _access()
    _roles_and_cases()


def _people_and_organisations() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(uscc) = 18", name=op.f("organisation_uscc_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("organisation_pkey")),
    )
    op.create_index(
        "organisation_uscc_key", "organisation", ["uscc"], unique=True, postgresql_where=sa.text("closed_at IS NULL")
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mobile", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), server_default=sa.text("'zh-CN'"), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("consent_version", sa.String(length=16), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NOT NULL OR username IS NOT NULL OR email IS NOT NULL", name=op.f("person_reachable_check")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("person_email_check")),
        sa.CheckConstraint("username = lower(username)", name=op.f("person_username_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("person_pkey")),
        sa.UniqueConstraint("email", name=op.f("person_email_key")),
        sa.UniqueConstraint("username", name=op.f("person_username_key")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("sign_in_failure_pkey")),
    )
    op.create_index(op.f("sign_in_failure_last_at_idx"), "sign_in_failure", ["last_at"], unique=False)


def _access() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(length=32)), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("api_key_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("api_key_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("api_key_secret_hash_key")),
    )
    op.create_index(op.f("api_key_person_id_idx"), "api_key", ["person_id"], unique=False)
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("identity_person_id_fkey")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("identity_pkey")),
    )
    op.create_index(op.f("identity_person_id_idx"), "identity", ["person_id"], unique=False)
    op.create_table(
        "mail_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(purpose = 'join') = (organisation_id IS NOT NULL)", name=op.f("mail_token_join_check")),
        sa.CheckConstraint(
            "purpose IN ('register', 'password', 'join', 'address')", name=op.f("mail_token_purpose_check")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("mail_token_made_by_fkey")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("mail_token_organisation_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("mail_token_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("mail_token_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("mail_token_token_hash_key")),
    )
    op.create_index(op.f("mail_token_email_idx"), "mail_token", ["email"], unique=False)
    op.create_index(op.f("mail_token_organisation_id_idx"), "mail_token", ["organisation_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'delegate')", name=op.f("membership_role_check")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("membership_organisation_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("membership_person_id_fkey")),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("membership_pkey")),
    )
    op.create_index(op.f("membership_person_id_idx"), "membership", ["person_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("recovery_code_person_id_fkey")),
        sa.PrimaryKeyConstraint("person_id", "n", name=op.f("recovery_code_pkey")),
    )
    op.create_table(
        "signin_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("proof", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("strong_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('browser', 'token', 'pending')", name=op.f("signin_session_kind_check")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("signin_session_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("signin_session_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("signin_session_token_hash_key")),
    )
    op.create_index(op.f("signin_session_person_id_idx"), "signin_session", ["person_id"], unique=False)


def _roles_and_cases() -> None:
    op.create_table(
        "code_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("organisation_name", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (accepted IS NULL)", name=op.f("code_case_decision_check")),
        sa.CheckConstraint("length(uscc) = 18", name=op.f("code_case_uscc_check")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("code_case_decided_by_fkey")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("code_case_file_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("code_case_person_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("code_case_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("code_case_pkey")),
    )
    op.create_index("code_case_accepted_key", "code_case", ["uscc"], unique=True, postgresql_where=sa.text("accepted"))
    op.create_index(
        "code_case_open_idx", "code_case", ["station_id"], unique=False, postgresql_where=sa.text("decided_at IS NULL")
    )
    op.create_index(op.f("code_case_person_id_idx"), "code_case", ["person_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("county_adcode", sa.String(length=6), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(role IN ('window', 'officer', 'manager')) = (station_id IS NOT NULL)"
            " AND (role = 'county_admin') = (county_adcode IS NOT NULL)",
            name=op.f("role_grant_scope_check"),
        ),
        sa.CheckConstraint(
            "role IN ('window', 'officer', 'manager', 'county_admin', 'city_admin', 'auditor')",
            name=op.f("role_grant_role_check"),
        ),
        sa.ForeignKeyConstraint(["county_adcode"], ["division.adcode"], name=op.f("role_grant_county_adcode_fkey")),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("role_grant_granted_by_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("role_grant_person_id_fkey")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("role_grant_station_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("role_grant_pkey")),
        sa.UniqueConstraint(
            "person_id",
            "role",
            "station_id",
            "county_adcode",
            name=op.f("role_grant_person_id_role_station_id_county_adcode_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("role_grant_station_id_idx"), "role_grant", ["station_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("role_grant_station_id_idx"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(op.f("code_case_person_id_idx"), table_name="code_case")
    op.drop_index("code_case_open_idx", table_name="code_case", postgresql_where=sa.text("decided_at IS NULL"))
    op.drop_index("code_case_accepted_key", table_name="code_case", postgresql_where=sa.text("accepted"))
    op.drop_table("code_case")
    op.drop_index(op.f("signin_session_person_id_idx"), table_name="signin_session")
    op.drop_table("signin_session")
    op.drop_table("recovery_code")
    op.drop_index(op.f("membership_person_id_idx"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("mail_token_organisation_id_idx"), table_name="mail_token")
    op.drop_index(op.f("mail_token_email_idx"), table_name="mail_token")
    op.drop_table("mail_token")
    op.drop_index(op.f("identity_person_id_idx"), table_name="identity")
    op.drop_table("identity")
    op.drop_index(op.f("api_key_person_id_idx"), table_name="api_key")
    op.drop_table("api_key")
    op.drop_index(op.f("sign_in_failure_last_at_idx"), table_name="sign_in_failure")
    op.drop_table("sign_in_failure")
    op.drop_table("person")
    op.drop_index("organisation_uscc_key", table_name="organisation", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_table("organisation")
