"""`onestop audit` as a person meets it, and what the roles of an installation can do."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from typer.testing import CliRunner

from app.audit.commands import audit_commands
from app.config import DatabaseSettings, Settings, SettingsError
from app.database import REFERENCE, database_url, load_network, migrate
from app.doctor import Finding, examine
from app.kit.embedded import PORTAL
from app.stations.transfer import ImportRefused
from tests.audit.support import as_owner, as_portal, write
from tests.support.product import Product, onestop

pytestmark = pytest.mark.anyio
Audit = Callable[..., tuple[int, str]]


@pytest.fixture
def url(private_database: str) -> str:
    return private_database


@pytest.fixture
def audit(url: str) -> Audit:
    """`onestop audit …` on the test's own database: the exit status and what was said."""
    commands = audit_commands(lambda: nullcontext(url))

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(commands, arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.exit_code, done.output

    return run


def test_an_untouched_record_is_said_to_be_so(audit: Audit) -> None:
    status, out = audit("verify")
    assert status == 0
    assert "The record is as it was written" in out


def test_a_touched_record_is_exit_status_1_and_names_the_entry(audit: Audit, url: str) -> None:
    with as_owner(url) as hand:
        hand.execute("SET session_replication_role = origin")
        chain = write(hand, 3)
        [(last,)] = hand.execute("SELECT max(n) FROM audit_entry WHERE chain = %s", (chain,)).fetchall()
        hand.execute("SET session_replication_role = replica")
        hand.execute("UPDATE audit_entry SET reason = '' WHERE chain = %s AND n = %s", (chain, last))
    status, out = audit("verify")
    assert status == 1
    assert f"First entry {last} of chain {chain} (request.changed 2026-12-01 01:02:00 UTC) was changed" in out


def test_printed_heads_find_a_cut_chain(audit: Audit, url: str, tmp_path: Path) -> None:
    with as_owner(url) as hand:
        hand.execute("SET session_replication_role = origin")
        chain = write(hand, 1)
        kept = tmp_path / "heads.txt"
        kept.write_text(audit("head")[1])
        assert audit("verify", "--against", str(kept))[0] == 0
        hand.execute("SET session_replication_role = replica")
        hand.execute("DELETE FROM audit_entry WHERE chain = %s", (chain,))
        hand.execute("UPDATE audit_chain SET n = 0, hash = decode(repeat('00', 32), 'hex') WHERE chain = %s", (chain,))
    assert audit("verify")[0] == 0
    status, out = audit("verify", "--against", str(kept))
    assert (status, f"entry 1 of chain {chain} is missing" in out) == (1, True)


@pytest.mark.parametrize("content", ["", "hello", "digest"])
def test_a_file_that_is_no_print_of_heads_is_refused(audit: Audit, tmp_path: Path, content: str) -> None:
    kept = tmp_path / "heads.txt"
    kept.write_text(content)
    status, err = audit("verify", "--against", str(kept))
    assert (status, "isn't what `onestop audit head` prints" in err) == (2, True)


def test_a_mistyped_print_of_heads_is_noticed(audit: Audit, tmp_path: Path) -> None:
    kept = tmp_path / "heads.txt"
    kept.write_text(re.sub(r"\n07 (\d+) ", r"\n07 9\1 ", audit("head")[1]))
    status, err = audit("verify", "--against", str(kept))
    assert (status, "digest doesn't fit" in err) == (2, True)


def test_pruning_is_refused_below_180_days(audit: Audit) -> None:
    status, err = audit("prune", "--keep-days", "179")
    assert (status, "180 days" in err) == (1, True)
    status, out = audit("prune", "--dry-run")
    assert (status, "0 entries would be removed" in out) == (0, True)


async def test_a_network_that_is_imported_is_on_record(url: str) -> None:
    report = await load_network(url, REFERENCE, by="onestop import network")
    with psycopg.connect(url) as connection:
        [found] = connection.execute(
            "SELECT actor_kind, object_kind, after -> 'stations' -> 'unchanged' FROM audit_entry "
            "WHERE action = 'network.imported' AND actor_name = 'onestop import network'"
        ).fetchall()
    assert found == ("system", "network", report.counts["stations"].unchanged)


async def test_a_network_that_is_refused_is_not_on_record(url: str, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused):
        await load_network(url, tmp_path, by="onestop import network")
    with psycopg.connect(url) as connection:
        assert not connection.execute("SELECT 1 FROM audit_entry WHERE actor_name LIKE '%import%'").fetchall()


def test_with_an_owner_of_its_own_the_portal_serves_as_the_other_role(url: str, tmp_path: Path) -> None:
    roles = {"DATABASE_URL": as_portal(url), "DATABASE_OWNER_URL": url}
    with Product(tmp_path, **roles) as product:
        assert product.client.get("/api/v1/stations").is_success
        with psycopg.connect(url) as connection:
            serving = connection.execute(
                "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchall()
    assert serving == [(PORTAL,)]
    with psycopg.connect(as_portal(url)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("DELETE FROM audit_entry")
    done = onestop(tmp_path, "audit", "verify", **roles)
    assert (done.returncode, "The record is as it was written" in done.stdout) == (0, True)


def test_the_portals_role_alone_can_start_on_a_schema_that_is_current(url: str) -> None:
    migrate(url, as_portal(url))
    migrate(as_portal(url), as_portal(url))


def test_the_portals_role_is_told_who_must_migrate_an_older_schema(url: str) -> None:
    migrate(url, as_portal(url))
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'rates'")
    with pytest.raises(SettingsError, match="DATABASE_OWNER_URL"):
        migrate(as_portal(url))


def test_an_owner_without_a_role_for_the_portal_is_refused(url: str) -> None:
    settings = Settings(database=DatabaseSettings(database_url=None, database_owner_url=url))
    with pytest.raises(SettingsError, match="DATABASE_URL isn't"), database_url(settings):
        pass


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[Finding]]:
    """What `onestop doctor` finds out about the record, with these variables set."""

    def examine_with(**variables: str) -> list[Finding]:
        for name, value in {"ONESTOP_HOME": str(tmp_path), **variables}.items():
            monkeypatch.setenv(name, value)
        return [finding for finding in examine() if "record" in finding.sentence]

    return examine_with


@pytest.mark.parametrize("env", ["local", "production"])
def test_doctor_says_when_one_role_does_all_and_calls_it_wrong_in_production(
    examined: Callable[..., list[Finding]], url: str, env: str
) -> None:
    secret = {"ONESTOP_SECRET_KEY": "s" * 40, "ONESTOP_PUBLIC_URL": "https://example.com"}
    [finding] = examined(DATABASE_URL=url, ONESTOP_ENV=env, **secret)
    assert "guarded by triggers only" in finding.sentence
    assert finding.well is (env == "local")


def test_doctor_is_content_with_two_roles(examined: Callable[..., list[Finding]], url: str) -> None:
    migrate(url, as_portal(url))
    [finding] = examined(DATABASE_URL=as_portal(url))
    assert "can add to the record" in finding.sentence
    assert finding.well
