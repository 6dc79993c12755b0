"""The application, put together: the only place that knows every room."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog
from asgi_correlation_id import CorrelationIdMiddleware
from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import Depends, FastAPI
from psycopg_pool import PoolTimeout
from starlette.middleware import Middleware

from app.accounts.api import router as accounts_api
from app.accounts.callers import caller, to_enrolment, to_sign_in
from app.accounts.errors import SecondFactorMissing, SignInNeeded
from app.accounts.pages import router as accounts_pages
from app.booking.pages import router as booking_pages
from app.bundles.api import router as bundles_api
from app.bundles.pages import router as bundles_pages
from app.catalogue.api import router as catalogue_api
from app.catalogue.pages import router as catalogue_pages
from app.closing.pages import router as closing_pages
from app.config import Settings, load_settings
from app.conversation.rules import MOST_FILES
from app.coverage.api import router as coverage_api
from app.coverage.pages import router as coverage_pages
from app.coverage.unmet.api import router as unmet_api
from app.coverage.unmet.pages import router as unmet_pages
from app.demand.registers.pages import router as registers_pages
from app.demand.registers.reading import MOST_BYTES as MOST_REGISTER
from app.demo.people import is_demo
from app.developers.pages import router as developers_pages
from app.enterprise.api import router as enterprise_api
from app.enterprise.pages import router as enterprise_pages
from app.feeds.pages import router as feeds_pages
from app.furnishing import NETWORK_EN, NETWORK_ZH, furnish
from app.hall.api import router as hall_api
from app.hall.day.api import router as day_api
from app.hall.day.pages import router as day_pages
from app.hall.kiosk.api import router as kiosk_api
from app.hall.kiosk.managing import router as kiosks_pages
from app.hall.kiosk.pages import router as kiosk_pages
from app.hall.offline.api import router as offline_api
from app.hall.offline.pages import router as offline_pages
from app.hall.pages import router as hall_pages
from app.hall.public.api import router as display_api
from app.hall.public.mail import router as turn_mails
from app.hall.public.pages import router as display_pages
from app.health import router as health
from app.inbox.api import router as inbox_api
from app.inbox.pages import router as inbox_pages
from app.jobs import running
from app.kit.db import Database
from app.kit.doors import Door
from app.kit.exits import before_exit
from app.kit.i18n import LocaleMiddleware, lazy, load
from app.kit.logs import AccessLog, configure
from app.kit.metrics import Metrics
from app.kit.openapi import install_openapi, operation_id
from app.kit.problems import Invalid, TooLarge, Unavailable, UnsupportedMedia, problem_responses
from app.kit.watch import WatchMiddleware
from app.ledger.api import router as ledger_api
from app.ledger.files.checking import MOST_BYTES as MOST_LEDGER
from app.ledger.pages import router as ledger_pages
from app.metadata import ROOMS  # noqa: F401 - a key must find the table that it names, in whichever room
from app.office.api import router as office_api
from app.office.pages import router as office_pages
from app.performance.api import router as performance_api
from app.performance.pages import router as performance_pages
from app.policy.pages import router as policy_pages
from app.ratings.api import router as ratings_api
from app.ratings.pages import router as ratings_pages
from app.reception.api import router as reception_api
from app.reception.pages import router as reception_pages
from app.reception.service import MOST_PHOTOS
from app.reports.pages import router as reports_pages
from app.requests.api import router as requests_api
from app.requests.pages import router as requests_pages
from app.results.api import router as results_api
from app.results.pages import router as results_pages
from app.routing.api import router as routing_api
from app.siting.api import router as siting_api
from app.siting.pages import router as siting_pages
from app.slots.api import router as slots_api
from app.stations.api import router as stations_api
from app.stations.pages import router as stations_pages
from app.web.errors import BadRequest, BodySizeMiddleware, LastResortMiddleware, install_errors, refuse_cross_origin
from app.web.heads import HeadMiddleware
from app.web.hosts import HostMiddleware
from app.web.pages import router as web_pages
from app.web.security import SecurityHeadersMiddleware
from app.web.templating import Look, NavLink, Site, catalogues, install_look
from app.web.wellknown import security_txt
from app.webhooks.api import router as webhooks_api
from app.webhooks.pages import router as webhooks_pages

logger = structlog.get_logger(__name__)
API = "/api/v1"
KIB = 1024
UPLOADS = r"/register/evidence|/organisations?/[^/]+/evidence|/office/requests/[^/]+/results/[0-9]+/enter"
MESSAGES = r"/r/[^/]+/messages|/office/requests/[^/]+/(messages|notes)|/api/v1/requests/[^/]+/messages"
CUSTODY = r"(/office|/api/v1)/reception/[^/]+/things/[^/]+/[^/]+"
REGISTERS = r"/office/registers/new"
LEDGERS = r"/organisation/[^/]+/instruments/import|/api/v1/organisations/[^/]+/instruments/imports"
FORM_KIB = 64  # what a form says around the file
GC_THRESHOLDS = 20_000, 10, 20
COMMON = problem_responses(BadRequest, Invalid, TooLarge, UnsupportedMedia, Unavailable)
# Routes are tried one after the other: those that are called most stand first.
JSON_DOORS: tuple[Door, ...] = (
    slots_api,
    routing_api,
    catalogue_api,
    results_api,  # before the steps that an address names in general
    requests_api,
    inbox_api,
    hall_api,
    day_api,
    display_api,
    kiosk_api,
    offline_api,
    reception_api,
    ratings_api,
    stations_api,
    bundles_api,
    accounts_api,
    enterprise_api,
    ledger_api,
    office_api,
    coverage_api,
    unmet_api,
    performance_api,
    siting_api,
    webhooks_api,
)
PAGES: tuple[Door, ...] = (
    web_pages,
    catalogue_pages,
    stations_pages,
    accounts_pages,
    booking_pages,
    display_pages,
    turn_mails,
    kiosk_pages,
    requests_pages,
    results_pages,
    inbox_pages,
    reception_pages,
    ratings_pages,
    hall_pages,
    closing_pages,
    kiosks_pages,
    offline_pages,
    day_pages,
    bundles_pages,
    feeds_pages,
    developers_pages,
    webhooks_pages,
    enterprise_pages,
    ledger_pages,
    policy_pages,
    unmet_pages,
    registers_pages,
    office_pages,
    coverage_pages,
    performance_pages,
    reports_pages,
    siting_pages,
)


def create_app(settings: Settings, *, alone: bool = False) -> FastAPI:
    """The application on the database that the settings name. Raises SettingsError when they name none.

    `alone` says that it has its process to itself, whose garbage collector may then be told what will stay.
    """
    load(catalogues())
    metrics = Metrics()
    app = FastAPI(
        title="OneStop 质站通",
        version="1",
        summary="Book a quality-infrastructure service at the nearest station that may do it.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
        middleware=middleware(settings, metrics),
    )
    app.state.metrics = metrics
    app.state.alone = alone
    furnish(app, settings)
    install_errors(app)
    app.add_exception_handler(SignInNeeded, to_sign_in)  # type: ignore[arg-type]  # Starlette's handlers are wider
    app.add_exception_handler(SecondFactorMissing, to_enrolment)  # type: ignore[arg-type]
    install_look(app, look(settings))
    _open_doors(app)
    install_openapi(app)
    return app


def from_environment() -> FastAPI:
    """For uvicorn: `uvicorn --factory app.main:from_environment`."""
    settings = load_settings()
    configure(settings.web.log_level, settings.web.log_format or "json")
    return create_app(settings, alone=True)


def middleware(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """Outermost first."""
    upload = (settings.files.file_max_kib + FORM_KIB) * KIB
    pictures = (settings.files.file_max_kib * MOST_PHOTOS + FORM_KIB) * KIB
    several = (settings.files.file_max_kib * MOST_FILES + FORM_KIB) * KIB
    return [
        Middleware(CorrelationIdMiddleware),
        Middleware(WatchMiddleware, watchers=(AccessLog(), metrics.observe)),
        Middleware(
            SecurityHeadersMiddleware,
            tile_url=settings.web.tile_url,
            hsts_subdomains=settings.web.hsts_subdomains,
        ),
        Middleware(LocaleMiddleware),
        Middleware(HostMiddleware, host=settings.web.public_url.host if settings.web.public_url else None),
        Middleware(CrossOriginProtection, deny_app=refuse_cross_origin),
        Middleware(
            BodySizeMiddleware,
            most=settings.web.max_body_kib * KIB,
            elsewhere={
                UPLOADS: upload,
                MESSAGES: several,
                CUSTODY: pictures,
                REGISTERS: MOST_REGISTER + FORM_KIB * KIB,
                LEDGERS: MOST_LEDGER + FORM_KIB * KIB,
            },
        ),
        Middleware(LastResortMiddleware),
        Middleware(HeadMiddleware),
    ]


def look(settings: Settings) -> Look:
    site = Site(
        network_zh=NETWORK_ZH,
        network_en=NETWORK_EN,
        nav=(
            NavLink("/services", lazy("Services")),
            NavLink("/packages", lazy("Packages")),
            NavLink("/stations", lazy("Stations")),
            NavLink("/find", lazy("My booking")),
        ),
        tile_url=settings.web.tile_url,
        tile_credit=settings.web.tile_credit,
    )
    return Look(site, reload=settings.web.env == "local")


def _open_doors(app: FastAPI) -> None:
    api = Door(prefix=API, responses=COMMON)
    for door in JSON_DOORS:
        api.include_router(door)
    app.include_router(api)
    app.include_router(health)
    web = app.state.settings.web
    app.include_router(security_txt(web.security_contact, app.state.settings.address if web.public_url else None))
    for pages in PAGES:
        app.include_router(pages, include_in_schema=False, dependencies=[Depends(caller)])  # the header says who it is
    app.add_route("/metrics", app.state.metrics.page, include_in_schema=False)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    database: Database = app.state.database
    await database.open()
    await _warm_up(app)
    if app.state.alone:
        _spare_the_collector()
    app.state.live.start()
    await app.state.questions.start()
    async with running(app.state.jobs):
        with before_exit(app.state.live.end):
            yield
    await app.state.live.stop()
    await app.state.questions.stop()
    await app.state.counters.ended()
    await database.close()


async def _warm_up(app: FastAPI) -> None:
    """Read the network before a first visitor has to wait for it; a database that is away is no reason not to start."""
    try:
        await app.state.network.current()
        await app.state.catalogue.current()
        await app.state.policy.current()
        app.state.demo = await is_demo(app.state.database)
    except (psycopg.Error, PoolTimeout) as error:
        logger.warning("database_unavailable", error=type(error).__name__)


def _spare_the_collector() -> None:
    """What was made at the start stays, so the garbage collector needn't look through it: a fifth of a busy call."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
