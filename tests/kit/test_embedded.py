"""The embedded server: made, joined, left, and found again after a kill -9."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from app.config import default_home
from app.kit.embedded import PORTAL, EmbeddedPostgres

OPTIONS = {"fsync": "off", "shared_buffers": "16MB"}
HOLDER = """
import sys, time
from pathlib import Path
from app.kit.embedded import PORTAL, EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1]), options={"shared_buffers": "16MB"}).start()
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the database's own user may enter, also when the tests run as root."""
    base = default_home()
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="embedded-", dir=base))
    folder.chmod(0o755)
    yield folder
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    subprocess.run(["rm", "-rf", folder], check=True)


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_it_makes_a_utf8_database_with_what_the_schema_needs(home: Path) -> None:
    with EmbeddedPostgres(home, options=OPTIONS) as url:
        assert rows(url, "SELECT upper('ä'), pg_encoding_to_char(encoding) FROM pg_database LIMIT 1") == [("Ä", "UTF8")]
        assert rows(url, "SELECT 1 FROM pg_available_extensions WHERE name = 'btree_gist'") == [(1,)]


def test_the_last_one_out_stops_it_and_nobody_earlier(home: Path) -> None:
    first, second = EmbeddedPostgres(home, options=OPTIONS), EmbeddedPostgres(home)
    assert first.start() == second.start()
    first.stop()
    assert second.running()
    second.stop()
    assert not second.running()


def test_after_a_kill_the_server_is_joined_and_then_stopped_by_who_joined(home: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(home)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout as output:
        assert output.readline() == "started\n"
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    server = EmbeddedPostgres(home)
    assert server.running()
    with server as url:
        assert rows(url, "SELECT 1") == [(1,)]
    assert not server.running()


def test_a_killed_server_recovers_with_what_was_committed(home: Path) -> None:
    with EmbeddedPostgres(home) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        postmaster = int((home / "postgresql" / "postmaster.pid").read_text().split()[0])
        subprocess.run(["kill", "-9", str(postmaster)], check=True)
    with EmbeddedPostgres(home) as url:
        assert rows(url, "SELECT n FROM kept") == [(7,)]


def test_it_has_an_ordinary_role_for_the_portal_also_when_joined_again(home: Path) -> None:
    server = EmbeddedPostgres(home, options=OPTIONS)
    mine = "SELECT CURRENT_USER, rolsuper FROM pg_roles WHERE rolname = CURRENT_USER"
    for _start in range(2):
        with server:
            assert rows(server.url(user=PORTAL), mine) == [(PORTAL, False)]
