"""Instruments as pages, in the frame of an organisation. Fixed addresses come before those with an id."""

from app.kit.doors import Door
from app.ledger.pages.files import router as files
from app.ledger.pages.listing import router as listing
from app.ledger.pages.one import router as one
from app.ledger.pages.rebooking import router as rebooking
from app.ledger.pages.reminders import router as reminders

router = Door()
for part in (listing, files, rebooking, reminders, one):
    router.include_router(part)
