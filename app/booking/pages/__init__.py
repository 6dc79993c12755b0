"""The home page, and the wizard page by page."""

from app.booking.pages.bundle import router as bundle
from app.booking.pages.check import router as check
from app.booking.pages.details import router as details
from app.booking.pages.done import router as done
from app.booking.pages.home import router as home
from app.booking.pages.site import router as site
from app.booking.pages.what import router as what
from app.booking.pages.when import router as when
from app.booking.pages.where import router as where
from app.kit.doors import Door

router = Door()
for part in (home, bundle, what, site, where, when, details, check, done):
    router.include_router(part)
