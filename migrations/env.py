"""Alembic's door: migrates the database whose connection or URL it is given, with the one driver that we use."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from app.config import load_settings
from app.kit.db import driver_url
from app.metadata import metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


def run_by_url() -> None:
    group = load_settings().database
    url = group.database_owner_url or group.database_url
    if url is None:
        raise SystemExit("Set DATABASE_URL, or use `onestop migrate`, which also knows the embedded database.")
    engine = create_engine(driver_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    run_by_url()
