"""The pages of hours, closures and desks."""

from app.closing.pages.changing import router as changing_pages
from app.closing.pages.overview import router as overview_pages
from app.kit.doors import Door

router = Door()
for part in (overview_pages, changing_pages):
    router.include_router(part)
