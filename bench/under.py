"""The application under test, in a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

MEGABYTE = 1024


class Server:
    """The application under test in its own process."""

    def __init__(self, url: str, jobs: str = "on") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process = subprocess.Popen([sys.executable, "-m", "bench.server", url, str(self.port), jobs])
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=120)
        self._wait()

    def _wait(self) -> None:
        for _attempt in range(1200):
            try:
                if self.client.get("/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        self.stop()
        raise RuntimeError("the server did not become ready")

    @property
    def megabytes(self) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / MEGABYTE

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def server(url: str, *, jobs: str = "on") -> Iterator[Server]:
    """`jobs` "off" leaves out all that runs beside answering."""
    running = Server(url, jobs)
    try:
        yield running
    finally:
        running.stop()
