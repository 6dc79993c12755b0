"""The pages of the office."""

from fastapi import APIRouter

from app.office.pages.audit import router as audit
from app.office.pages.codes import router as codes
from app.office.pages.organisations import router as organisations
from app.office.pages.people import router as people
from app.office.pages.person import router as person
from app.office.pages.retention import router as retention
from app.office.pages.start import router as start

router = APIRouter()
for part in (start, people, person, codes, organisations, audit, retention):
    router.include_router(part)
