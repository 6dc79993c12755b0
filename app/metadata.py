"""Every room's models, imported for Alembic and for whoever needs all tables at once."""

from app.accounts import models as accounts
from app.audit import models as audit
from app.bundles import models as bundles
from app.catalogue import models as catalogue
from app.conversation import models as conversation
from app.demand import models as demand
from app.feeds import models as feeds
from app.files import models as files
from app.hall import models as hall
from app.hall.kiosk import models as kiosks
from app.hall.offline import models as offline
from app.inbox import models as inbox
from app.kit import rates
from app.kit.db import Model
from app.ledger import models as ledger
from app.notify import models as notify
from app.performance import models as performance
from app.policy import models as policy
from app.ratings import models as ratings
from app.reception import models as reception
from app.reports import models as reports
from app.requests import models as requests
from app.results import models as results
from app.siting import models as siting
from app.slots import models as slots
from app.stations import models as stations
from app.webhooks import models as webhooks

ROOMS = (
    rates, audit, files, notify, accounts, conversation, catalogue, stations, policy, slots, requests, bundles, feeds,
    inbox, ratings, reception, hall, kiosks, offline, demand, reports, performance, siting, results, ledger, webhooks,
)  # fmt: skip
metadata = Model.metadata
