"""The pages of performance, in the office: what was done, and whether what is kept is true."""

from app.kit.doors import Door
from app.performance.pages.checks import router as checks
from app.performance.pages.overview import router as overview

router = Door()
for part in (overview, checks):
    router.include_router(part)
