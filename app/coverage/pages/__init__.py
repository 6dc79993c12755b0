"""The pages of coverage, in the office: who reaches what, the table, the gaps, what ends soon."""

from app.coverage.pages.ending import router as ending
from app.coverage.pages.gaps import router as gaps
from app.coverage.pages.open import router as open_data
from app.coverage.pages.overview import router as overview
from app.coverage.pages.table import router as table
from app.kit.doors import Door

router = Door()
for part in (overview, table, gaps, ending, open_data):
    router.include_router(part)
