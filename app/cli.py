"""The `onestop` command."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.supervisors import Multiprocess

from app.accounts.commands import user_commands
from app.audit.commands import audit_commands
from app.config import DatabaseSettings, Settings, SettingsError, load_settings
from app.database import database_url, load_network, load_reference_network, migrate, portal_url
from app.demo.history import load_history
from app.demo.instruments import load_instruments
from app.demo.people import load_people
from app.demo.plant import load_plant
from app.doctor import examine
from app.files.store import store_of
from app.furnishing import letterhead
from app.jobs import work
from app.kit import clock
from app.kit.db import Database
from app.kit.embedded import EmbeddedError
from app.kit.i18n import load, use_locale
from app.kit.logs import configure
from app.main import create_app
from app.performance.commands import stats_commands
from app.retention import retention_commands
from app.stations.transfer import ImportRefused, export_network
from app.web.templating import catalogues

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="OneStop 质站通: the portal and its tools.")
importing = typer.Typer(no_args_is_help=True, help="Take data in.")
exporting = typer.Typer(no_args_is_help=True, help="Give data out.")
cli.add_typer(importing, name="import")
cli.add_typer(exporting, name="export")

Folder = Annotated[Path, typer.Argument(help="A folder with the csv, json and geojson files.")]
Port = Annotated[int | None, typer.Option(help="The port to listen on; else ONESTOP_PORT, else 8000.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes that serve.")]
Past = Annotated[bool, typer.Option("--past/--no-past", help="Make up ninety days of a past for them.")]
Deactivate = Annotated[bool, typer.Option("--deactivate-missing", help="Take out of use what the files don't name.")]
GRACE_SECONDS = 5


@cli.command()
def serve(port: Port = None, workers: Workers = 1) -> None:
    """Serve the portal. Without DATABASE_URL it brings its own PostgreSQL and loads the reference network."""
    if port:
        os.environ["ONESTOP_PORT"] = str(port)  # for what says the portal's own address, in every process
    with _ready_database() as settings:
        chosen = settings.web.port
        _refuse_taken_port(settings.web.host, chosen)
        address = settings.web.public_url or f"http://{settings.web.host}:{chosen}"
        print(f"\n  OneStop 质站通 is ready at {address}  (stop with Ctrl-C)\n", flush=True)  # noqa: T201 - for a person
        if workers == 1:
            _run(uvicorn.Server(_config(create_app(settings, alone=True), settings, chosen)).run)
        else:
            os.environ["DATABASE_URL"] = settings.database.database_url or ""
            os.environ.pop("DATABASE_OWNER_URL", None)
            config = _config("app.main:from_environment", settings, chosen, workers)
            _run(Multiprocess(config, sockets=[config.bind_socket()]).run)


@cli.command()
def worker() -> None:
    """Send the mails, watch over deadlines and end what was kept long enough; ONESTOP_JOBS=off for the others."""
    settings = _settings()
    load(catalogues())
    with (
        _errors_in_plain_words(),
        database_url(settings),
        asyncio.Runner(loop_factory=auto_loop_factory()) as runner,
    ):
        runner.run(work(settings, portal_url(settings), letterhead(settings)))


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema to this program's version."""
    settings = _settings()
    with _errors_in_plain_words(), database_url(settings) as url:
        migrate(url, portal_url(settings))
        typer.echo("The schema is current.")


@cli.command()
def demo(*, past: Past = True) -> None:
    """Load the reference network, labelled as such, into an empty database, people to sign in as, and their past."""
    settings = _settings()
    with _errors_in_plain_words(), database_url(settings) as url:
        if settings.production:
            raise SettingsError(
                "This is a production installation (ONESTOP_ENV): people for a demo don't belong in it."
            )
        migrate(url, portal_url(settings))
        report = asyncio.run(load_reference_network(url))
        typer.echo(str(report) if report else "There is a network already; it was not changed.")
        _load_people(settings, url, past=past)


@importing.command("network")
def import_command(folder: Folder, deactivate_missing: Deactivate = False) -> None:
    """Import a network: all or nothing, row by row checked; importing again updates by code."""
    settings = _settings()
    with _errors_in_plain_words(), database_url(settings) as url:
        migrate(url, portal_url(settings))
        done = load_network(url, folder, deactivate_missing=deactivate_missing, by="onestop import network")
        typer.echo(str(asyncio.run(done)))


@exporting.command("network")
def export_command(folder: Folder) -> None:
    """Write the network as the files that `import network` reads."""
    settings = _settings()
    with _errors_in_plain_words(), database_url(settings) as url:
        asyncio.run(_export(url, folder))
        typer.echo(f"Written to {folder}.")


@cli.command()
def doctor() -> None:
    """Say in plain words what is wrong with this installation."""
    findings = examine()
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.well else 'WRONG'} {finding.sentence}")
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


def main() -> None:
    """Faults of a file are told in the language of the terminal: Chinese where LANG says so, else English."""
    load(catalogues())
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    with use_locale("zh-CN" if spoken.startswith("zh") else "en"):
        cli()


def _settings() -> Settings:
    configure("INFO", "console")
    try:
        settings = load_settings()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    configure(settings.web.log_level, settings.web.log_format or ("json" if settings.production else "console"))
    return settings


@contextmanager
def _ready_database() -> Iterator[Settings]:
    """Settings that name a database with the schema and, where it is our own and empty, the reference network."""
    settings = _settings()
    with _errors_in_plain_words(), database_url(settings) as url:
        own = settings.database.database_url is None
        if own:
            logging.getLogger(__name__).info("Data and settings of this installation are in %s", settings.home)
        migrate(url, portal_url(settings))
        if asyncio.run(load_reference_network(url)) and own:
            _load_people(settings, url)
        group = settings.database.model_dump(exclude={"database_url", "database_owner_url"})
        database = DatabaseSettings(database_url=portal_url(settings), database_owner_url=None, **group)
        yield Settings(database=database, web=settings.web, booking=settings.booking, limits=settings.limits)


def _load_people(settings: Settings, url: str, *, past: bool = True) -> None:
    """People for a demo; a password that was made up is told here, once."""
    given = settings.accounts.demo_password
    password = asyncio.run(load_people(url, given.get_secret_value() if given else None))
    asyncio.run(load_instruments(url, asyncio.run(clock.now())))
    written = past and asyncio.run(load_history(url, settings.secret_key, asyncio.run(clock.now())))
    if written:
        asyncio.run(load_plant(url, settings.secret_key, asyncio.run(clock.now())))
        typer.echo(f"A past of 90 days was made up for them: {written:,} rows.")
    typer.echo("Demo people: admin, auditor, county.340202, officer.<station code>, manager.…, window.…, sme")
    typer.echo(f"Their password: {'as in ONESTOP_DEMO_PASSWORD' if given else f'{password}   (shown only now)'}")


@contextmanager
def _errors_in_plain_words() -> Iterator[None]:
    try:
        yield
    except (EmbeddedError, SettingsError, ImportRefused) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@contextmanager
def _owned_database() -> Iterator[str]:
    """The database of this installation as its owner, for the tools of the record."""
    with _errors_in_plain_words(), database_url(_settings()) as url:
        yield url


cli.add_typer(audit_commands(_owned_database), name="audit")
cli.add_typer(stats_commands(_owned_database), name="stats")
cli.add_typer(user_commands(_owned_database), name="user")
cli.add_typer(retention_commands(_owned_database, lambda: store_of(_settings())), name="retention")


def _config(app: FastAPI | str, settings: Settings, port: int, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        host=settings.web.host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        forwarded_allow_ips=settings.web.trusted_proxies,
    )


def _run(serving: Callable[[], object]) -> None:
    """Serve until told to stop. uvicorn raises the signal again at the end: a Ctrl-C is a wish, not a trace to show."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        serving()
    except KeyboardInterrupt:
        typer.echo("Stopped.")


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            typer.echo(
                f"Port {port} on {host} can't be used ({error.strerror}). Choose another: make run PORT=8137", err=True
            )
            raise typer.Exit(1) from None


async def _export(url: str, folder: Path) -> None:
    database = Database(url, pool_size=2)
    await database.open()
    try:
        async with database.pool.connection() as connection:
            await export_network(connection, folder)
    finally:
        await database.close()


if __name__ == "__main__":
    main()
