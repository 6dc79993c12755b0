"""The server under test: the real application with one empty endpoint more, on a database of its own.

python -m bench.server DATABASE_URL PORT JOBS
"""

import sys
import tempfile
from pathlib import Path
from typing import Literal

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response

from app.config import DatabaseSettings, LimitSettings, Settings, WebSettings
from app.kit.logs import configure
from app.main import create_app


def build(url: str, home: Path, jobs: Literal["on", "off"] = "on") -> FastAPI:
    """The application with limits off, as a load test needs it."""
    app = create_app(
        Settings(
            database=DatabaseSettings(database_url=url),
            web=WebSettings(home=home, jobs=jobs),
            limits=LimitSettings(limits="off"),
        ),
        alone=True,
    )

    async def empty() -> Response:
        return Response(b"{}", media_type="application/json")

    app.add_api_route("/bench/empty", empty)
    app.router.routes.insert(0, app.router.routes.pop())  # found first: an empty endpoint has no long way
    return app


def main() -> None:
    url, port = sys.argv[1], int(sys.argv[2])
    configure("WARNING", "json")
    with tempfile.TemporaryDirectory() as home:
        app = build(url, Path(home), "off" if sys.argv[3] == "off" else "on")
        uvicorn.run(app, port=port, access_log=False, log_config=None, timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
