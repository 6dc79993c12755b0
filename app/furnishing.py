"""What the doors of one process find on `app.state`: the database, what is kept in memory, and who does what."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache
from inspect import isawaitable

from alembic.config import Config
from alembic.script import ScriptDirectory
from fastapi import FastAPI

from app.accounts.pages.sso import provider_of
from app.accounts.sessions import Callers, Timeouts
from app.bundles.offered import packages
from app.bundles.pages.beside import part_of_package
from app.catalogue.snapshot import CatalogueStore
from app.catalogue.version import NetworkVersion
from app.config import PROJECT, Settings, SettingsError
from app.coverage.demand import DemandStore
from app.coverage.sources import Sources
from app.demand.counting import Questions
from app.files.store import store_of
from app.hall.public.hub import Displays
from app.hall.service import Calls
from app.hall.shown import Boards
from app.hall.waits import Counters
from app.jobs import jobs_of, report_views
from app.kit import clock
from app.kit.conditional import Tags
from app.kit.db import Database, libpq_url
from app.kit.documents import Typesetter
from app.kit.live import Live
from app.kit.outbound import Outbound
from app.kit.passwords import Passwords
from app.kit.rates import Rates
from app.kit.sealing import Sealer
from app.kit.work import Work
from app.ledger.linking import InstrumentLinker
from app.ledger.service.certificates import move_dates
from app.ledger.service.withdrawals import TurnBack
from app.metadata import ROOMS  # noqa: F401 - a key must find the table that it names, in whichever room
from app.notify.letters import Letterhead
from app.office.pages.frame import SECTIONS
from app.policy.snapshot import PolicyStore
from app.ratings.pages import answered
from app.reception.pages.beside import custody
from app.requests.letters.samples import sample
from app.requests.service import Submissions
from app.retention import RULES
from app.slots.queries import Availability
from app.slots.service import Holds
from app.slots.terms import by_policy
from app.slots.terms import from_environment as booking_terms
from app.stations.counts import OfferingStations
from app.stations.directory import DirectoryStore
from app.stations.snapshot import NetworkStore
from app.web.client import Clients
from app.web.papers import Papers
from app.webhooks.service.certificates import tell_issued, tell_withdrawn

NETWORK_ZH = "芜湖市质量基础设施一站式服务"
NETWORK_EN = "Wuhu one-stop quality-infrastructure services"


def letterhead(settings: Settings) -> Letterhead:
    """At the head of every mail that no page has caused."""
    return Letterhead(NETWORK_ZH, NETWORK_EN, settings.address, settings.mail.sms_url is not None)


def timeouts(settings: Settings) -> Timeouts:
    group = settings.accounts
    return Timeouts(
        idle=timedelta(minutes=group.session_idle_min),
        absolute=timedelta(hours=group.session_hours),
        token=timedelta(hours=group.token_hours),
    )


def furnish(app: FastAPI, settings: Settings) -> None:
    """What doors find on `app.state`: one of each for the process. Raises SettingsError without a database."""
    group, url = settings.database, settings.database.database_url
    if url is None:
        raise SettingsError("No database: set DATABASE_URL, or start with `onestop serve`, which brings its own.")
    database = Database(url, read_url=group.database_read_url, pool_size=group.database_pool_size)
    version = NetworkVersion(database)
    app.state.settings = settings
    app.state.database = database
    app.state.catalogue = CatalogueStore(database, version)
    app.state.policy = PolicyStore(database, version.get)
    app.state.network = NetworkStore(database, version.get, along=app.state.policy.at)
    app.state.station_counts = OfferingStations(app.state.network)
    app.state.tags = Tags()
    app.state.directory = DirectoryStore(database, app.state.network)
    app.state.demand = DemandStore(database)
    app.state.questions = Questions(database, app.state.directory, _time_of(app))
    app.state.availability = Availability(database, by_policy(booking_terms(settings), app.state.policy))
    app.state.holds = Holds(database, app.state.availability, app.state.network)
    app.state.live = Live(libpq_url(url))
    app.state.calls = Calls(database)
    app.state.counters = Counters(database)
    app.state.boards = Boards()
    app.state.displays = Displays(
        app.state.live, database, app.state.network, _time_of(app), limited=settings.limits.on
    )
    app.state.submissions = Submissions(
        database, app.state.directory, app.state.catalogue, app.state.policy, settings.secret_key
    )
    app.state.rates = Rates(database, settings.limits.rates)
    app.state.work = Work(settings.secret_key, bits=settings.limits.work_bits)
    app.state.clients = Clients(settings.secret_key)
    app.state.callers = Callers(database, timeouts(settings))
    app.state.passwords = Passwords()
    app.state.sealer = Sealer(settings.secret_key)
    app.state.outbound = Outbound(settings.outward)
    app.state.sso = provider_of(settings)
    app.state.files = store_of(settings)
    app.state.retention = RULES
    app.state.letterhead = letterhead(settings)
    app.state.typesetter = Typesetter()
    app.state.papers = Papers(app.state.typesetter, NETWORK_ZH, NETWORK_EN)
    app.state.jobs = jobs_of(settings, database, letterhead(settings)) if settings.web.jobs == "on" else []
    app.state.migration_head = _migration_head()
    _give_below(app, database)


def _give_below(app: FastAPI, database: Database) -> None:
    """What rooms above give to those below, which don't know them."""
    stores = app.state.directory, app.state.catalogue, app.state.demand, app.state.availability
    app.state.report_views = report_views(Sources(database, *stores, _time_of(app)))
    app.state.office_sections = SECTIONS  # the pages of requests for staff lie below the office, in its frame
    app.state.beside_requests = (custody, answered, part_of_package)
    app.state.linker = InstrumentLinker(database)
    app.state.issue_listeners = (move_dates, tell_issued)  # who keeps dates by documents, see app.results.issued
    app.state.withdrawal_listeners = (TurnBack(app.state.letterhead), tell_withdrawn)
    app.state.letter_sample = sample  # the settings show letters, which are made above them
    packages()  # a file that can't be used is found when the product starts, not when somebody looks


def _time_of(app: FastAPI) -> Callable[[], Awaitable[datetime]]:
    """The clock that the doors of this application have, for what goes on after a door has answered."""

    async def now() -> datetime:
        told = app.dependency_overrides.get(clock.now, clock.now)()
        moment: datetime = await told if isawaitable(told) else told
        return moment

    return now


@cache
def _migration_head() -> str | None:
    """The schema that this code wants; reading all migrations takes longer than all else here."""
    return ScriptDirectory.from_config(Config(PROJECT / "alembic.ini")).get_current_head()
