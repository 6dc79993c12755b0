"""Instruments for programs. Fixed addresses come before those with an instrument's id in their place."""

from app.kit.doors import Door
from app.ledger.api.files import router as files
from app.ledger.api.instruments import router as instruments
from app.ledger.api.reminders import router as reminders
from app.ledger.api.visits import router as visits

router = Door(tags=["instruments"])
for part in (files, visits, reminders, instruments):
    router.include_router(part)
