"""What the portal's own role can't do to the record, tried by really being that role."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from app.audit.guard import grant, guarded
from app.database import migrate
from app.kit.embedded import PORTAL
from tests.audit.support import Connection, as_portal, write
from tests.support import cluster

FORBIDDEN = [
    "UPDATE audit_entry SET reason = ''",
    "UPDATE audit_entry SET reason = '' WHERE false",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (chain, n) DO UPDATE SET reason = ''",
    "MERGE INTO audit_entry e USING station s ON true WHEN MATCHED THEN DELETE",
    "SELECT 1 FROM audit_entry FOR UPDATE",
    "DROP TABLE audit_entry",
    "DROP TABLE audit_entry CASCADE",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_kept",
    "ALTER TABLE audit_entry OWNER TO CURRENT_USER",
    "ALTER TABLE audit_entry ALTER COLUMN reason DROP NOT NULL",
    "CREATE TRIGGER mine BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE RULE mine AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "ALTER FUNCTION audit_chain_entry() SECURITY INVOKER",
    "DROP FUNCTION audit_refuse() CASCADE",
    "SELECT audit_prune(0::smallint, now())",
    "SET onestop.pruning = 'yes'; DELETE FROM audit_entry",
    "SELECT n FROM audit_chain",
    "UPDATE audit_chain SET n = 0",
    "INSERT INTO audit_chain VALUES (16, 0, '', 1, '')",
    "DELETE FROM audit_chain",
    "TRUNCATE audit_chain",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "UPDATE alembic_version SET version_num = 'rates'",
    "CREATE TABLE public.audit_entry_2 ()",
    "CREATE SCHEMA mine",
]


@pytest.fixture(scope="module")
def guarded_url(record_url: str) -> str:
    migrate(record_url, as_portal(record_url))
    return as_portal(record_url)


@pytest.fixture
def portal(owner: Connection, guarded_url: str) -> Iterator[Connection]:
    """The portal's own connection, to a record with some entries."""
    write(owner, 3)
    with psycopg.connect(guarded_url, autocommit=True) as connection:
        yield connection


def test_the_role_of_the_portal_is_an_ordinary_one(portal: Connection) -> None:
    powers = portal.execute(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles "
        "WHERE rolname = CURRENT_USER"
    ).fetchone()
    assert portal.info.user == PORTAL
    assert powers == (False,) * 5
    assert guarded(portal)


def test_an_owner_is_not_mistaken_for_a_guarded_role(owner: Connection) -> None:
    assert not guarded(owner)


def test_the_portal_adds_entries_and_reads_them(portal: Connection, owner: Connection) -> None:
    write(portal, 2)
    assert portal.execute("SELECT count(*) FROM audit_entry").fetchone() == (5,)
    assert owner.execute("SELECT sum(n) FROM audit_chain").fetchone() == (5,)


def test_a_place_of_ones_own_choice_is_not_given(portal: Connection) -> None:
    mine = Jsonb({"chain": 77, "n": 999, "hash": r"\x00", "previous_hash": r"\x00"})
    portal.execute(
        "INSERT INTO audit_entry SELECT (made).* FROM "
        "(SELECT jsonb_populate_record(e, %s) made FROM audit_entry e LIMIT 1) rows",
        (mine,),
    )
    found = portal.execute("SELECT count(*), max(chain) < 16, max(n) <= 4, min(length(hash)) FROM audit_entry")
    assert found.fetchone() == (4, True, True, 32)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_portal_may_not(portal: Connection, owner: Connection, statement: str) -> None:
    before = record(owner)
    with pytest.raises(errors.InsufficientPrivilege):
        portal.execute(statement.encode())
    assert record(owner) == before


def test_the_portal_can_not_give_itself_more(portal: Connection) -> None:
    portal.execute("GRANT ALL ON audit_entry TO CURRENT_USER")
    with pytest.raises(errors.InsufficientPrivilege):
        portal.execute("GRANT ALL ON audit_chain TO CURRENT_USER")
    assert guarded(portal)


def test_nothing_of_ones_own_stands_in_for_what_the_trigger_uses(portal: Connection, owner: Connection) -> None:
    portal.execute("CREATE TEMP TABLE audit_chain (chain int, n bigint, hash bytea)")
    portal.execute("CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'")
    portal.execute("SET search_path = pg_temp, public")
    write(portal, 1)
    assert owner.execute("SELECT sum(n) FROM audit_chain").fetchone() == (4,)
    assert owner.execute("SELECT max(length(hash)), min(length(hash)) FROM audit_entry").fetchone() == (32, 32)


@pytest.mark.parametrize("statement", [FORBIDDEN[0], "DELETE FROM audit_entry", "TRUNCATE audit_entry"])
def test_triggers_stop_the_owner_too_where_one_role_does_all(owner: Connection, statement: str) -> None:
    write(owner, 1)
    with pytest.raises(errors.InsufficientPrivilege, match="only grows"):
        owner.execute(statement.encode())


def test_pruning_can_not_remove_what_is_younger_than_180_days(owner: Connection) -> None:
    write(owner, 1)
    owner.execute("SET onestop.pruning = 'yes'")
    with pytest.raises(errors.InsufficientPrivilege, match="180 days"):
        owner.execute("DELETE FROM audit_entry")
    owner.execute("RESET onestop.pruning")


def test_a_later_migration_leaves_its_tables_to_the_portal_and_the_record_alone(
    database_server: str, database_template: str
) -> None:
    with cluster.copy(database_server, database_template) as url:
        migrate(url, as_portal(url))
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("CREATE TABLE later (id int PRIMARY KEY)")
            grant(owner, PORTAL)
        with psycopg.connect(as_portal(url), autocommit=True) as portal:
            portal.execute("INSERT INTO later VALUES (1)")
            assert guarded(portal)


def test_a_role_that_owns_nothing_can_migrate_when_there_is_nothing_to_do(guarded_url: str) -> None:
    migrate(guarded_url, guarded_url)


def record(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute("SELECT * FROM audit_entry ORDER BY chain, n").fetchall()
