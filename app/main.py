"""The application, put together."""

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

from app.accounts.callers import caller, to_enrolment, to_sign_in
from app.accounts.errors import SecondFactorMissing, SignInNeeded
from app.config import Settings, load_settings
from app.conversation.rules import MOST_FILES
from app.demand.registers.reading import MOST_BYTES as MOST_REGISTER
from app.demo.people import is_demo
from app.furnishing import NETWORK_EN, NETWORK_ZH, furnish
from app.health import router as health
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
from app.ledger.files.checking import MOST_BYTES as MOST_LEDGER
from app.metadata import ROOMS  # noqa: F401 - a key must find the table that it names, in whichever room
from app.reception.service import MOST_PHOTOS
from app.rooms import JSON_DOORS, PAGES
from app.web.errors import BadRequest, BodySizeMiddleware, LastResortMiddleware, install_errors, refuse_cross_origin
from app.web.heads import HeadMiddleware
from app.web.hosts import HostMiddleware
from app.web.security import SecurityHeadersMiddleware
from app.web.templating import Look, NavLink, Site, catalogues, install_look
from app.web.wellknown import security_txt

logger = structlog.get_logger(__name__)
API, KIB = "/api/v1", 1024
RESULTS = r"/office/requests/[^/]+/results/[0-9]+/enter|/api/v1/requests/[^/]+/items/[0-9]+/(record|correct)-result"
UPLOADS = rf"/register/evidence|/organisations?/[^/]+/evidence|{RESULTS}"
MESSAGES = r"/r/[^/]+/messages|/office/requests/[^/]+/(messages|notes)|/api/v1/requests/[^/]+/messages"
CUSTODY = r"(/office|/api/v1)/reception/[^/]+/things/[^/]+/[^/]+"
REGISTERS = r"/office/registers/new"
LEDGERS = r"/organisation/[^/]+/instruments/import|/api/v1/organisations/[^/]+/instruments/imports"
FORM_KIB = 64  # what a form says around the file
GC_THRESHOLDS = 20_000, 10, 20
COMMON = problem_responses(BadRequest, Invalid, TooLarge, UnsupportedMedia, Unavailable)


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
