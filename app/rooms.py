"""The doors of every room: JSON, and pages."""

from app.accounts.api import router as accounts_api
from app.accounts.pages import router as accounts_pages
from app.booking.pages import router as booking_pages
from app.bundles.api import router as bundles_api
from app.bundles.pages import router as bundles_pages
from app.catalogue.api import router as catalogue_api
from app.catalogue.pages import router as catalogue_pages
from app.closing.pages import router as closing_pages
from app.coverage.api import router as coverage_api
from app.coverage.pages import router as coverage_pages
from app.coverage.unmet.api import router as unmet_api
from app.coverage.unmet.pages import router as unmet_pages
from app.demand.registers.pages import router as registers_pages
from app.developers.pages import router as developers_pages
from app.enterprise.api import router as enterprise_api
from app.enterprise.pages import router as enterprise_pages
from app.feeds.pages import router as feeds_pages
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
from app.inbox.api import router as inbox_api
from app.inbox.pages import router as inbox_pages
from app.kit.doors import Door
from app.ledger.api import router as ledger_api
from app.ledger.pages import router as ledger_pages
from app.office.api import router as office_api
from app.office.pages import router as office_pages
from app.performance.api import router as performance_api
from app.performance.pages import router as performance_pages
from app.policy.pages import router as policy_pages
from app.ratings.api import router as ratings_api
from app.ratings.pages import router as ratings_pages
from app.reception.api import router as reception_api
from app.reception.pages import router as reception_pages
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
from app.web.pages import router as web_pages
from app.webhooks.api import router as webhooks_api
from app.webhooks.pages import router as webhooks_pages

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
