"""The pages of the office."""

from app.kit.doors import Door
from app.office.pages.audit import router as audit_pages
from app.office.pages.codes import router as codes_pages
from app.office.pages.messages import router as messages_pages
from app.office.pages.organisations import router as organisations_pages
from app.office.pages.people import router as people_pages
from app.office.pages.person import router as person_pages
from app.office.pages.retention import router as retention_pages
from app.office.pages.start import router as start_pages

router = Door()
for part in (
    start_pages,
    people_pages,
    person_pages,
    codes_pages,
    messages_pages,
    organisations_pages,
    audit_pages,
    retention_pages,
):
    router.include_router(part)
