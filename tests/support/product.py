"""The whole product in a process of its own, started as a person starts it, with a home of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

import httpx

from app.config import default_home
from app.kit.embedded import EmbeddedPostgres

ATTEMPTS = 600


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def home() -> Iterator[Path]:
    """A folder for an installation, which the database's own user may enter; nothing runs in it afterwards."""
    base = default_home()
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="product-", dir=base))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        if (folder / "postgresql" / "PG_VERSION").exists():
            with EmbeddedPostgres(folder):
                pass  # joined and left: whatever was left running is stopped
        shutil.rmtree(folder)


def onestop(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env=environment(folder, variables), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def environment(folder: Path, variables: dict[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ONESTOP_", "DATABASE_"))}
    return inherited | {"ONESTOP_HOME": str(folder), "PYTHONUNBUFFERED": "1"} | variables


class Product:
    """`onestop serve`, ready to be called by `client`."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "serve.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)],
                env=environment(folder, variables), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        try:
            self.wait()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing of it is left, however the test went."""
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)

    def wait(self) -> None:
        for _attempt in range(ATTEMPTS):
            if self.process.poll() is not None:
                break
            try:
                if self.client.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready:\n{self.log.read_text()}")

    def interrupt(self) -> int:
        """Ctrl-C, as a terminal sends it: to the whole group. The exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def kill_database(self) -> None:
        postmaster = int((self.folder / "postgresql" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)

    def left_processes(self) -> list[str]:
        """Command lines of processes that still have to do with this installation."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.folder) in line:
                found.append(line)
        return found
