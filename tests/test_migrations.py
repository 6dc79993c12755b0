"""Every migration goes up, down and up again, and what they make is what the models say."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

from app.config import PROJECT
from app.database import migrate
from app.kit.db import driver_url
from tests.support import cluster

SCRIPTS = ScriptDirectory.from_config(Config(PROJECT / "alembic.ini"))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


@pytest.fixture
def empty_database(database_server: str) -> Iterator[str]:
    with cluster.copy(database_server, "template0") as url:
        yield url


@pytest.fixture
def connection(empty_database: str) -> Iterator[Connection]:
    engine = create_engine(driver_url(empty_database), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def run(connection: Connection, action: str, revision: str) -> None:
    config = Config(PROJECT / "alembic.ini")
    config.attributes["connection"] = connection
    getattr(command, action)(config, revision)
    connection.commit()


def test_each_step_can_be_taken_back_and_taken_again(connection: Connection) -> None:
    for revision in REVISIONS:
        run(connection, "upgrade", revision)
        run(connection, "downgrade", "-1")
        run(connection, "upgrade", revision)


def test_nothing_of_ours_is_left_after_the_last_step_down(connection: Connection) -> None:
    run(connection, "upgrade", "head")
    run(connection, "downgrade", "base")
    tables = connection.execute(text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
    assert {name for (name,) in tables} <= {"alembic_version", "alembic_version_pkc"}
    functions = connection.execute(
        text(
            "SELECT count(*) FROM pg_proc p LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' "
            "WHERE pronamespace = 'public'::regnamespace AND d.objid IS NULL"
        )
    ).scalar()
    assert functions == 0


def test_the_models_say_what_the_migrations_make(connection: Connection) -> None:
    run(connection, "upgrade", "head")
    config = Config(PROJECT / "alembic.ini")
    config.attributes["connection"] = connection
    command.check(config)


def test_there_is_one_line_of_migrations() -> None:
    assert len(SCRIPTS.get_heads()) == 1


def test_several_processes_that_migrate_at_once_take_turns(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, [empty_database] * 4))
    engine = create_engine(driver_url(empty_database), poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == REVISIONS[-1:]
