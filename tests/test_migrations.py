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


BOOKED = """
WITH place AS (
    INSERT INTO reservation (id, station_id, desk_id, starts, ticks, kind, service_ids, created_at, changed_at)
    SELECT gen_random_uuid(), station_id, id, 5900000, 6, 'appointment', ARRAY[1], now(), now() FROM desk LIMIT 1
    RETURNING id, station_id
), asked AS (
    INSERT INTO request (id, station_id, reference, access_hash, status, reservation_id, mode, language,
        organisation_name, uscc, contact_name, mobile, consent_version, consented_at, created_at, changed_at)
    SELECT gen_random_uuid(), station_id, 'ZT-7K3M-9QXD-J', sha256('x'), 'submitted', id, 'station', 'zh-CN',
        '芜湖阀门', '91110000600037341L', '王芳', '13812345678', '2026-11-23', now(), now(), now() FROM place
    RETURNING id, station_id
)
INSERT INTO request_item (request_id, station_id, n, service_id, inputs, status)
SELECT asked.id, asked.station_id, 1, (SELECT min(id) FROM service), '{}', 'submitted' FROM asked
"""
PEOPLE = """
INSERT INTO person (id, username, name, created_at)
    VALUES ('00000000-0000-7000-8000-000000000001', 'wang', '王', now());
INSERT INTO organisation (id, uscc, name, created_at)
    VALUES ('00000000-0000-7000-8000-000000000002', '91110000600037341L', '阀门', now());
INSERT INTO membership (organisation_id, person_id, role, since)
    SELECT organisation.id, person.id, 'owner', now() FROM organisation, person;
INSERT INTO role_grant (person_id, role, station_id, granted_at)
    SELECT person.id, 'window', (SELECT min(id) FROM station), now() FROM person;
INSERT INTO message (id, key, kind, recipient, subject, body, created_at, next_attempt_at)
    VALUES (gen_random_uuid(), 'k', 'x', 'a@example.com', 's', 'b', now(), now());
UPDATE request SET organisation_id = organisation.id, person_id = person.id FROM organisation, person;
"""
KEPT = "SELECT (SELECT count(*) FROM station), reference, status, mobile FROM request JOIN reservation ON true"


def test_data_in_place_survives_every_step_down_to_the_release_before_and_up_again(private_database: str) -> None:
    engine = create_engine(driver_url(private_database), poolclass=NullPool)
    with engine.connect() as connection:
        for statement in (BOOKED, *PEOPLE.split(";\n")):
            if statement.strip():
                connection.execute(text(statement))
        connection.commit()
        before = connection.execute(text(KEPT)).all()
        while current(connection) != "rates":
            run(connection, "downgrade", "-1")
            assert connection.execute(text(KEPT)).all() == before
        run(connection, "upgrade", "head")
        assert connection.execute(text(KEPT)).all() == before
        assert connection.execute(text("SELECT organisation_id, person_id FROM request")).all() == [(None, None)]
        run(connection, "downgrade", "base")


def current(connection: Connection) -> str | None:
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
