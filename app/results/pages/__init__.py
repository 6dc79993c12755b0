"""Pages of results and documents: for staff, for the applicant, and the check for anybody."""

from app.kit.doors import Door
from app.results.pages.checking import router as checking

router = Door()
for part in (checking,):
    router.include_router(part)
