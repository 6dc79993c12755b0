"""What every test may ask for: a real, migrated and loaded database, a clock of our own, no network but loopback."""

import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import structlog
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from app.catalogue.version import NetworkVersion
from app.config import (
    AccountSettings,
    BookingSettings,
    DatabaseSettings,
    FileSettings,
    LimitSettings,
    MailSettings,
    Settings,
    WebSettings,
)
from app.furnishing import furnish
from app.kit import clock as app_clock
from app.kit.db import Database, WriteSession, driver_url, session_on
from app.kit.i18n import load
from app.main import create_app
from app.stations.snapshot import Network, load_network
from app.web.templating import catalogues
from tests.support import cluster
from tests.support.people import People
from tests.support.portal import Portal, opened
from tests.web.browser import Browser, looking, open_browser, take_back

hypothesis.settings.register_profile("calm", deadline=None)  # on a busy machine an example may take its time
hypothesis.settings.load_profile("calm")
TESTS = Path(__file__).parent
SECRET = "only-for-tests-only-for-tests-only-for-tests"
# In an order that foreign keys allow.
MUTABLE = (
    "webhook_attempt",
    "webhook_delivery",
    "webhook_event",
    "webhook_subscription",
    "rate",
    "idempotency",
    "booking_draft",
    "turn_mail",
    "desk_session",
    "serving",
    "ticket_event",
    "ticket",
    "offline_step",
    "number_lease",
    "question_count",
    "search_count",
    "register_fault",
    "register_point",
    "register",
    "hall_device",
    "hall_day",
    "contingent",
    "forecast",
    "performance_day",
    "performance_capacity",
    "performance_settled",
    "performance_check",
    "rating_answer",
    "rating_call",
    "rating",
    "issued_document",
    "document_number",
    "result",
    "coverage_plan",
    "conversation_read",
    "conversation_file",
    "conversation_message",
    "conversation",
    "custody_photo",
    "custody_link",
    "thing",
    "instrument_reminder",
    "instrument_reminder_choice",
    "instrument_reminder_day",
    "instrument_import_row",
    "instrument_import",
    "instrument_booking",
    "instrument_event",
    "instrument",
    "bundle_item",
    "bundle_move",
    "bundle_step",
    "bundle",
    "request_event",
    "request_item",
    "request",
    "reservation",
    "code_case",
    "stored_file",
    "message",
    "mail_token",
    "calendar_feed",
    "first_view",
    "saved_view",
    "mail_report",
    "membership",
    "organisation",
    "api_key",
    "signin_session",
    "sign_in_failure",
    "recovery_code",
    "policy_change WHERE changed_by IS NOT NULL",
    "role_grant",
    "identity",
    "person",
)
APPS: defaultdict[str, list[FastAPI]] = defaultdict(list)
"""The applications of this process, by the settings that its doors are built from. Each test has it furnished anew: to
build its three hundred routes and compile its templates takes a hundred times as long as most tests."""
READ_BEFORE: dict[str, dict[str, Any]] = {}
"""What the application before has read, by database and by where its stores hold it: each store looks whether that is
still what the database says before it gives it to anybody, so that nobody reads the network a thousand times."""
READ = ("catalogue._seen", "catalogue._rows", "catalogue._catalogue", "network._network", "directory._directory")
FORGET = """
    DELETE FROM audit_entry;
    UPDATE audit_chain SET n = 0, hash = decode(repeat('00', 32), 'hex'), first_n = 1,
        first_previous = decode(repeat('00', 32), 'hex') WHERE n > 0;
"""


@dataclass
class Clock:
    """The time that the application sees; a Tuesday morning in December unless moved."""

    now: datetime = field(default_factory=lambda: datetime(2026, 12, 1, 9, tzinfo=app_clock.LOCAL))

    def __call__(self) -> datetime:
        return self.now

    def move(self, to: datetime | timedelta) -> None:
        self.now = self.now + to if isinstance(to, timedelta) else to


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what takes long and shares most: the whole product, its contract and its rights. At the end of a run short
    tests are left, which the processes share evenly."""
    items.sort(key=lambda item: item.path.parent != TESTS)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def sentences() -> None:
    load(catalogues())


@pytest.fixture(scope="session", autouse=True)
def plain_log() -> None:
    """Tracebacks as text: the rich ones that structlog prefers take eight seconds each, with all locals in them."""
    *before, _renderer = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    with cluster.cluster() as url:
        yield url


@pytest.fixture(scope="session")
def database_template(database_server: str) -> str:
    return cluster.template(database_server)


@pytest.fixture(scope="session")
def database_url(database_server: str, database_template: str) -> Iterator[str]:
    """This worker's database with the reference network; what tests commit in it is emptied after each."""
    with cluster.copy(database_server, database_template) as url:
        yield url


@pytest.fixture
def private_database(database_server: str, database_template: str) -> Iterator[str]:
    """A database of this test alone: for races, and for changes to the network."""
    with cluster.copy(database_server, database_template) as url:
        yield url


@pytest.fixture
async def session(database_url: str) -> AsyncIterator[WriteSession]:
    """A writing session inside a transaction that is rolled back; what it commits are savepoints."""
    engine = create_async_engine(driver_url(database_url), poolclass=NullPool)
    async with engine.connect() as connection, connection.begin() as outer:
        async with session_on(connection) as session:
            yield session
        await outer.rollback()
    await engine.dispose()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The worker's database as the application holds it; emptied of bookings after the test."""
    database = Database(database_url, pool_size=4)
    await database.open()
    yield database
    await empty(database)
    await database.close()


@pytest.fixture
async def network(database: Database) -> Network:
    return await load_network(database)


@pytest.fixture
def network_version(database: Database) -> NetworkVersion:
    return NetworkVersion(database)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make_settings(url: str, home: Path, **groups: object) -> Settings:
    """Settings that no environment variable of the machine can change."""
    own = {"database": {"database_url": url}, "web": {"home": home, "jobs": groups.pop("jobs", "off")}}
    usual = {name: group.model_copy(update=own.get(name)) for name, group in usual_groups().items()}
    return Settings(**(usual | groups))  # type: ignore[arg-type]


@cache
def usual_groups() -> dict[str, BaseModel]:
    """Read once: to look through the environment takes longer than many a test."""
    return {
        "database": DatabaseSettings(database_pool_size=10),
        "web": WebSettings(secret_key=SECRET),  # type: ignore[arg-type]  # pydantic makes a SecretStr
        "booking": BookingSettings(),
        "limits": LimitSettings(),
        "mail": MailSettings(deliver="off"),
        "accounts": AccountSettings(),
        "files": FileSettings(),
    }


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, tmp_path)


@pytest.fixture
async def app(settings: Settings, clock: Clock) -> AsyncIterator[FastAPI]:
    """The real application, its lifespan run, on this worker's database.

    Its streams end at once: a caller in process waits for the end of an answer. See test_live_pages for real ones.
    """
    app = furnished(settings)
    app.dependency_overrides[app_clock.now] = clock
    read = READ_BEFORE.setdefault(str(settings.database.database_url), {})
    for place, value in read.items():
        store, name = place.split(".")
        setattr(getattr(app.state, store), name, value)
    async with app.router.lifespan_context(app):
        read |= {place: attrgetter(place)(app.state) for place in READ}
        app.state.live.end()
        yield app
        await app.state.questions.write()  # else it does when the lifespan ends, after its table was emptied
        await empty(app.state.database)


def furnished(settings: Settings) -> FastAPI:
    """The application as `create_app` makes it; built once for settings that make the same doors, and for each that
    runs at the same time."""
    doors = repr((settings.web.model_copy(update={"home": None}), settings.files))
    for app in APPS[doors]:
        if app.state.database.pool.closed:
            app.dependency_overrides.clear()
            furnish(app, settings)
            return app
    APPS[doors].append(create_app(settings))
    return APPS[doors][-1]


def without_database() -> FastAPI:
    """The application for whoever only looks at how it is built."""
    return furnished(make_settings("postgresql://nowhere/nothing", Path("/nonexistent")))


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the application, in process. Answers in Chinese unless asked otherwise."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
async def people(app: FastAPI, clock: Clock) -> People:
    """Makes staff and enterprises, signed in."""
    return People(app.state.database, clock, app.state.callers.timeouts)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
async def opened_portal(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Portal]:
    async with opened(make_settings(database_url, tmp_path_factory.mktemp("portal"))) as portal:
        yield portal


@pytest.fixture
async def portal(opened_portal: Portal, clock: Clock) -> AsyncIterator[Portal]:
    """The application on a port, as browsers see it: one server for the process, this test's clock, nobody's past."""
    opened_portal.clock = clock
    yield opened_portal
    await empty(opened_portal.database)


@pytest.fixture
async def browser(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """This process's one Chromium; what a test opens in it, the next one doesn't see."""
    with looking(request.node):
        yield chromium
    await take_back(chromium)


@pytest.fixture
def address(portal: Portal) -> str:
    return portal.url


async def empty(database: Database) -> None:
    """Everything that tests have written, in one statement; the record too, whose triggers would refuse that."""
    deletions = "".join(f"DELETE FROM {table};" for table in MUTABLE)  # noqa: S608 - names of ours
    triggers_off = "PERFORM set_config('session_replication_role', 'replica', true);"
    await database.fetch(f"DO $$ BEGIN {triggers_off} {deletions} {FORGET} END $$", ())  # type: ignore[arg-type]
