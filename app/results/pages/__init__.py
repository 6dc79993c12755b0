"""Pages of results and documents: for staff, for the applicant, and the check for anybody."""

from app.kit.doors import Door
from app.results.pages.checking import router as checking
from app.results.pages.deciding import router as deciding
from app.results.pages.entering import router as entering
from app.results.pages.listing import router as listing

router = Door()
for part in (checking, listing, entering, deciding):
    router.include_router(part)
