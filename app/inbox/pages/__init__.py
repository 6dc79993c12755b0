"""The inbox of staff: the requests of their stations as a list, and one of them with what may be done."""

from app.inbox.pages.bulk import router as bulk
from app.inbox.pages.listing import router as listing
from app.inbox.pages.one import router as one
from app.inbox.pages.routing import router as routing
from app.inbox.pages.views import router as views
from app.kit.doors import Door

router = Door()
for part in (listing, bulk, views, routing, one):  # a request is whatever is named after the list and nothing else
    router.include_router(part)
