"""The pages of plans, in the office: the list, a new one, one with its answer, two side by side."""

from app.kit.doors import Door
from app.siting.pages.comparing import router as comparing
from app.siting.pages.listing import router as listing
from app.siting.pages.one import router as one
from app.siting.pages.opening import router as opening

router = Door()
for part in (listing, opening, comparing, one):
    router.include_router(part)
